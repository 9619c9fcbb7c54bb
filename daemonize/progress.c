/* SPDX-License-Identifier: ISC */
/*
 * What is waited for blocks in many places (a lock, a death, a command), so
 * it is a signal that speaks: of a timer of our own, with a line made before.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "messages.h"
#include "progress.h"

enum { PATIENCE_S = 2 };

static char line[1024];
static volatile sig_atomic_t length; /* 0: nothing is to be said */
static timer_t timer;
static int has_timer;

static void
speak(int sig)
{
	int saved = errno;
	ssize_t n = 0;

	(void)sig;
	if (length > 0)
		n = write(STDERR_FILENO, line, (size_t)length);
	if (n != -1)
		length = 0;
	errno = saved;
}

static int
make_timer(void)
{
	struct sigaction sa = { .sa_handler = speak, .sa_flags = SA_RESTART };
	struct sigevent e = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGRTMIN };

	has_timer = has_timer ||
	    (sigaction(SIGRTMIN, &sa, NULL) == 0 &&
		timer_create(CLOCK_MONOTONIC, &e, &timer) == 0);
	return has_timer;
}

void
progress(const struct ctl *c, const char *shown, const char *fmt, ...)
{
	struct itimerspec once = { .it_value.tv_sec = PATIENCE_S };
	char text[256], safe[512];
	va_list ap;
	int n;

	progress_end();
	if (c->quiet || !isatty(STDERR_FILENO) || !make_timer())
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	message_escape(safe, sizeof safe, text);
	n = snprintf(line, sizeof line, "daemonctl: %s: %.256s: %s\n", c->verb,
	    shown, safe);
	length = n < (int)sizeof line ? n : (int)sizeof line - 1;
	(void)timer_settime(timer, 0, &once, NULL);
}

void
progress_end(void)
{
	const struct itimerspec never = { 0 };

	length = 0;
	if (has_timer)
		(void)timer_settime(timer, 0, &never, NULL);
}
