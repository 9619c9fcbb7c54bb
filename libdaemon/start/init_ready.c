/* SPDX-License-Identifier: ISC */
/* daemon_ready(): said once, to everybody who waits for it. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "../init.h"
#include "../notify.h"
#include "../ready/newline.h"
#include "../step.h"
#include "init_state.h"

/* The starter's terminal is let go of before the starter is. */
static int
leave_stderr(struct daemon_init_state *s)
{
	int fd = daemon_init_fd_get(&s->err);

	if (fd == -1)
		return errno == EBADF ? 0 : -1;
	if (daemon_stdio_redirect(-1, -1, fd) == -1)
		return -1;
	(void)close(fd);
	s->err.fd = -1;
	return 0;
}

/* Out of the state, to be closed: a descriptor to whoever waits, or -1. */
static int
take_report(struct daemon_init_state *s, int *fd)
{
	*fd = daemon_init_fd_get(&s->report);
	if (*fd == -1 && errno != EBADF)
		return -1;
	s->report.fd = -1;
	return 0;
}

static void
tell_starter(int fd)
{
	struct daemon_init_report r = { .word = DAEMON_INIT_READY,
		.pid = getpid() };

	if (fd == -1)
		return;
	/* That it has gone meanwhile is no failure of ours. */
	(void)daemon_init_send(fd, &r);
	(void)close(fd);
}

/* A manager that knew the starter must learn who the daemon is. */
static int
tell_manager(const struct daemon_init_state *s)
{
	char text[64];

	if (!s->detached)
		return daemon_notify("READY=1");
	(void)snprintf(
	    text, sizeof text, "READY=1\nMAINPID=%ld", (long)getpid());
	return daemon_notify(text);
}

int
daemon_ready(void)
{
	struct daemon_init_state *s = &daemon_init_state;
	int error = 0, starter;

	if (!daemon_init_is_ours() ||
	    __atomic_exchange_n(&s->said, 1, __ATOMIC_ACQ_REL) != 0)
		return 0;
	if (leave_stderr(s) == -1 || take_report(s, &starter) == -1) {
		__atomic_store_n(&s->said, 0, __ATOMIC_RELEASE);
		return -1;
	}
	if (tell_manager(s) == -1)
		error = errno;
	if (daemon_newline_send() == -1)
		error = errno;
	tell_starter(starter);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}
