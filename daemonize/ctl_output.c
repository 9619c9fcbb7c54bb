/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ctl_output.h"

int
output_open(const char *path)
{
	int fd = open(
	    path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink <= 1)
		return fd;
	(void)close(fd);
	errno = EPERM;
	return -1;
}

/* The line before the last byte does not begin there. */
off_t
output_last(int fd, long long lines)
{
	char buf[4096];
	struct stat st;
	off_t end, from;
	ssize_t i;

	if (fstat(fd, &st) == -1 || lines <= 0)
		return fstat(fd, &st) == -1 ? 0 : st.st_size;
	for (end = st.st_size; end > 0; end = from) {
		from = end > (off_t)sizeof buf ? end - (off_t)sizeof buf : 0;
		if (pread(fd, buf, (size_t)(end - from), from) != end - from)
			break;
		for (i = (ssize_t)(end - from); i-- > 0;)
			if (buf[i] == '\n' && from + i + 1 < st.st_size &&
			    lines-- == 1)
				return from + i + 1;
	}
	return 0;
}

int
output_is_same(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino &&
	    x.st_dev == y.st_dev;
}
