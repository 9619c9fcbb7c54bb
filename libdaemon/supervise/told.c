/* SPDX-License-Identifier: ISC */
/*
 * What a function was told: two signals, which as dispositions belong to the
 * process and to nobody in it.  So what they have told does, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "../master.h"
#include "told.h"

static volatile sig_atomic_t quit, reopen, wake = -1;

static void
on_signal(int sig)
{
	const int saved = errno;

	if (sig == SIGQUIT)
		quit = 1;
	else
		reopen = 1;
	(void)!write(wake, "", 1); /* full: it can be read already */
	errno = saved;
}

int
daemon_told_begin(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	quit = reopen = 0;
	wake = ends[1];
	(void)sigaction(SIGQUIT, &sa, NULL);
	(void)sigaction(SIGUSR1, &sa, NULL);
	return ends[0];
}

/* First the pipe: whoever is told meanwhile writes to it again. */
enum daemon_told
daemon_told(const struct daemon_self *self)
{
	char buf[64];

	while (read(self->told, buf, sizeof buf) > 0)
		continue;
	if (quit)
		return DAEMON_TOLD_QUIT;
	if (!reopen)
		return DAEMON_TOLD_NOTHING;
	reopen = 0;
	return DAEMON_TOLD_REOPEN;
}
