/* SPDX-License-Identifier: ISC */
/* daemon_failed(): the last words, to where a person reads them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../init.h"
#include "../notify.h"
#include "init_state.h"

/* 0 if the starter was told. */
static int
tell_starter(struct daemon_init_state *s, const struct daemon_init_report *r)
{
	int fd;

	if (!daemon_init_is_ours() ||
	    __atomic_exchange_n(&s->said, 1, __ATOMIC_ACQ_REL) != 0)
		return -1;
	fd = daemon_init_fd_get(&s->report);
	return fd == -1 ? -1 : daemon_init_send(fd, r);
}

static void
tell_manager(const char *text)
{
	char status[PIPE_BUF / 2 + sizeof "STATUS="], *p;

	if (!daemon_init_is_ours())
		return;
	(void)snprintf(status, sizeof status, "STATUS=%s", text);
	for (p = status; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = *p == '\n' ? ' ' : '?';
	(void)daemon_notify(status);
}

void
daemon_failed(int status, const char *fmt, ...)
{
	struct daemon_init_state *s = &daemon_init_state;
	struct daemon_init_report r = {
		.word = DAEMON_INIT_FAILED,
		.pid = getpid(),
		.status = status >= 1 && status <= 255 ? status : 1,
	};
	size_t n;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r.text, sizeof r.text, fmt, ap);
	va_end(ap);
	for (n = strlen(r.text); n > 0 && r.text[n - 1] == '\n'; n--)
		r.text[n - 1] = '\0';
	if (tell_starter(s, &r) == -1)
		daemon_init_print(s->name, r.text);
	tell_manager(r.text);
	exit(r.status);
}
