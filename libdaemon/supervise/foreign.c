/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
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
ring(int us)
{
	const struct itimerval how = { .it_interval = { 0, us },
		.it_value = { 0, us } };

	(void)setitimer(ITIMER_REAL, &how, NULL);
}

static void
listen_to_alarm(int how)
{
	sigset_t alarm_only;

	(void)sigemptyset(&alarm_only);
	(void)sigaddset(&alarm_only, SIGALRM);
	(void)sigprocmask(how, &alarm_only, NULL);
}

void
daemon_foreign_begin(void)
{
	struct sigaction sa = { .sa_handler = wake };

	(void)sigaction(SIGALRM, &sa, NULL);
	listen_to_alarm(SIG_UNBLOCK);
	ring(MOMENT_US);
}

void
daemon_foreign_end(void)
{
	int saved = errno;

	ring(0);
	listen_to_alarm(SIG_BLOCK);
	errno = saved;
}

void
daemon_foreign_close(const int *fd, size_t n)
{
	const struct linger none = { .l_onoff = 0 };
	size_t i;

	if (n == 0)
		return;
	/* Its sender may say otherwise before it is closed. */
	for (i = 0; i < n; i++)
		(void)setsockopt(
		    fd[i], SOL_SOCKET, SO_LINGER, &none, sizeof none);
	daemon_foreign_begin();
	for (i = 0; i < n; i++)
		(void)close(fd[i]);
	daemon_foreign_end();
}

ssize_t
daemon_foreign_recv(int fd, void *buf, size_t size, int flags)
{
	ssize_t n;

	daemon_foreign_begin();
	n = recv(fd, buf, size, flags);
	daemon_foreign_end();
	return n;
}
