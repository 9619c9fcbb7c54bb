/* SPDX-License-Identifier: ISC */
/*
 * Descriptors handed over by a manager, as sd_listen_fds(3) has them: they
 * begin at 3, LISTEN_FDS says how many, LISTEN_PID for whom (the variables
 * are inherited further than they are meant), LISTEN_FDNAMES what they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../notify.h"
#include "listen.h"

/* Digits only; -1/EINVAL. */
static int
number(const char *s)
{
	long long n = 0;

	if (*s == '\0')
		goto bad;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			goto bad;
		n = n * 10 + (*s - '0');
		if (n > INT_MAX - DAEMON_LISTEN_FDS_START)
			goto bad;
	}
	return (int)n;
bad:
	errno = EINVAL;
	return -1;
}

int
daemon_listen_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int n;

	if (pid == NULL || fds == NULL)
		return 0;
	n = number(pid);
	if (n == -1)
		return -1;
	return n == (int)getpid() ? number(fds) : 0;
}

static int
make_private(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags == -1)
		return -1;
	if ((flags & FD_CLOEXEC) != 0)
		return 0;
	return fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

int
daemon_listen_fds(int unset)
{
	int n = daemon_listen_count(), i, saved;

	for (i = 0; i < n; i++)
		if (make_private(DAEMON_LISTEN_FDS_START + i) == -1)
			n = -1;
	if (unset) {
		saved = errno;
		(void)unsetenv("LISTEN_PID");
		(void)unsetenv("LISTEN_FDS");
		(void)unsetenv("LISTEN_FDNAMES");
		errno = saved;
	}
	return n;
}

/* The place of name in a list with colons between, or -1. */
static int
place(const char *list, const char *name)
{
	size_t len = strlen(name), n;
	int i;

	for (i = 0;; i++) {
		n = strcspn(list, ":");
		if (n == len && strncmp(list, name, n) == 0)
			return i;
		if (list[n] == '\0')
			return -1;
		list += n + 1;
	}
}

int
daemon_listen_fd_named(const char *name)
{
	const char *names = getenv("LISTEN_FDNAMES");
	int n = daemon_listen_count(), i;

	if (n == -1)
		return -1;
	i = n > 0 && names != NULL ? place(names, name) : -1;
	if (i == -1 || i >= n) {
		errno = ENOENT;
		return -1;
	}
	i += DAEMON_LISTEN_FDS_START;
	return make_private(i) == -1 ? -1 : i;
}
