/* SPDX-License-Identifier: ISC */
/*
 * The newline that tells s6 and its like.  The descriptor may be a pipe
 * whose reader has gone, and write(2) has no MSG_NOSIGNAL: SIGPIPE is
 * blocked meanwhile, and the one we caused is taken back.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "newline.h"

int
daemon_newline_fd(void)
{
	const char *s = getenv("DAEMON_READY_FD");
	long long n = 0;

	errno = 0;
	if (s == NULL || *s == '\0')
		return -1;
	for (; *s != '\0'; s++) {
		n = n * 10 + (*s - '0');
		if (*s < '0' || *s > '9' || n > INT_MAX) {
			errno = EINVAL;
			return -1;
		}
	}
	return (int)n;
}

static int
write_quietly(int fd)
{
	struct timespec none = { 0 };
	sigset_t pipe_only, old, pending;
	int pended, saved;
	ssize_t n;

	(void)sigemptyset(&pipe_only);
	(void)sigaddset(&pipe_only, SIGPIPE);
	(void)sigpending(&pending);
	pended = sigismember(&pending, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe_only, &old);
	do
		n = write(fd, "\n", 1);
	while (n == -1 && errno == EINTR);
	saved = errno;
	if (n == -1 && saved == EPIPE && !pended)
		(void)sigtimedwait(&pipe_only, NULL, &none);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	errno = saved;
	return n == 1 ? 1 : -1;
}

int
daemon_newline_send(void)
{
	int fd = daemon_newline_fd(), r, saved;

	if (fd == -1)
		return errno == 0 ? 0 : -1;
	r = write_quietly(fd);
	saved = errno;
	/* The reader may wait for the end; 0-2 are not ours to close. */
	if (r == 1 && fd > 2)
		(void)close(fd);
	errno = saved;
	return r;
}
