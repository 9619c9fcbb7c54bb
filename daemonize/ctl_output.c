/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
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

long long
output_lines(int fd)
{
	char buf[4096];
	long long lines = 0;
	off_t at = 0;
	ssize_t n, i;

	while ((n = pread(fd, buf, sizeof buf, at)) > 0) {
		for (i = 0; i < n; i++)
			lines += buf[i] == '\n';
		at += n;
	}
	return lines;
}

static void
name_of(char name[PATH_MAX], const char *path, unsigned k)
{
	if (k == 0)
		(void)snprintf(name, PATH_MAX, "%s", path);
	else
		(void)snprintf(name, PATH_MAX, "%s.%u", path, k);
}

int
output_open_former(const char *path, unsigned k)
{
	char name[PATH_MAX];

	name_of(name, path, k);
	return output_open(name);
}

/* 1: that one is fd, if it is not -1; 0: another is; -1: none. */
static int
is_number(const char *path, unsigned k, int fd)
{
	char name[PATH_MAX];
	struct stat a, b;

	name_of(name, path, k);
	if (lstat(name, &a) == -1)
		return -1;
	return fd != -1 && fstat(fd, &b) == 0 && a.st_ino == b.st_ino &&
	    a.st_dev == b.st_dev;
}

/* While they are moved a number may be nobody's. */
int
output_number(const char *path, int fd)
{
	unsigned k, gaps = 0;
	int is;

	for (k = 0; gaps < 2; k++) {
		is = is_number(path, k, fd);
		if (is == 1)
			return (int)k;
		gaps = is == -1 ? gaps + 1 : 0;
	}
	return -1;
}

unsigned
output_oldest(const char *path)
{
	unsigned k, gaps = 0, oldest = 0;

	for (k = 1; gaps < 2; k++)
		if (is_number(path, k, -1) == -1) {
			gaps++;
		} else {
			gaps = 0;
			oldest = k;
		}
	return oldest;
}
