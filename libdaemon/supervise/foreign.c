/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/time.h>

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "foreign.h"

enum { MOMENT_US = 1000 };

static void
wake(int sig)
{
	(void)sig;
}

/* Who lingers is woken up by a signal, again and again. */
static void
hurry(const struct itimerval *how, int unblock)
{
	struct sigaction sa = { .sa_handler = wake };
	sigset_t alarm_only;

	(void)sigemptyset(&alarm_only);
	(void)sigaddset(&alarm_only, SIGALRM);
	(void)sigaction(SIGALRM, &sa, NULL);
	if (unblock)
		(void)sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	(void)setitimer(ITIMER_REAL, how, NULL);
	if (!unblock)
		(void)sigprocmask(SIG_BLOCK, &alarm_only, NULL);
}

void
daemon_foreign_close(const int *fd, size_t n)
{
	const struct linger none = { .l_onoff = 0 };
	const struct itimerval off = { .it_value = { 0, 0 } },
			       often = { .it_interval = { 0, MOMENT_US },
				       .it_value = { 0, MOMENT_US } };
	size_t i;

	if (n == 0)
		return;
	/* Its sender may say otherwise before it is closed. */
	for (i = 0; i < n; i++)
		(void)setsockopt(
		    fd[i], SOL_SOCKET, SO_LINGER, &none, sizeof none);
	hurry(&often, 1);
	for (i = 0; i < n; i++)
		(void)close(fd[i]);
	hurry(&off, 0);
}
