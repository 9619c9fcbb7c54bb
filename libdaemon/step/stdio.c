/* SPDX-License-Identifier: ISC */
/*
 * Descriptors 0, 1 and 2.  A source that is itself one of the three is first
 * copied out of the way, so that any permutation works.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../step.h"

int
daemon_stdio_redirect(int in, int out, int err)
{
	int from[3] = { in, out, err }, copy[3] = { -1, -1, -1 };
	int i, saved;

	for (i = 0; i < 3; i++) {
		if (from[i] == -1 || from[i] > 2 || from[i] == i)
			continue;
		copy[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
		if (copy[i] == -1)
			goto fail;
		from[i] = copy[i];
	}
	for (i = 0; i < 3; i++) {
		if (from[i] == -1)
			continue;
		if (from[i] == i ? fcntl(i, F_SETFD, 0) == -1
				 : dup2(from[i], i) == -1)
			goto fail;
	}
	for (i = 0; i < 3; i++)
		if (copy[i] != -1)
			(void)close(copy[i]);
	return 0;
fail:
	saved = errno;
	for (i = 0; i < 3; i++)
		if (copy[i] != -1)
			(void)close(copy[i]);
	errno = saved;
	return -1;
}

int
daemon_stdio_null(void)
{
	struct stat st;
	int fd, r, saved;

	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISCHR(st.st_mode)) {
		errno = ENODEV;
		r = -1;
	} else {
		r = daemon_stdio_redirect(fd, fd, fd);
	}
	if (fd > 2) {
		saved = errno;
		(void)close(fd);
		errno = saved;
	}
	return r;
}
