/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rotate.h"

/* renameat2(2)'s, of Linux 3.15: not all C libraries have it. */
#define NOREPLACE 1u

static int
name_of(char name[NAME_MAX + 1], const char *base, unsigned k)
{
	if (snprintf(name, NAME_MAX + 1, "%s.%u", base, k) <= NAME_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

static int
is_taken(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* To a name that is free: not all file systems can promise that it stays so. */
static int
move(int dir, const char *from, const char *to)
{
	if (syscall(SYS_renameat2, dir, from, dir, to, NOREPLACE) == 0 ||
	    errno == ENOENT)
		return 0;
	return errno == EINVAL || errno == ENOSYS ? renameat(dir, from, dir, to)
						  : -1;
}

/* Those beyond the last that is kept; more than asked for now may have been. */
static int
remove_from(int dir, const char *base, unsigned k)
{
	char name[NAME_MAX + 1];

	for (;; k++) {
		if (name_of(name, base, k) == -1)
			return -1;
		if (!is_taken(dir, name))
			return 0;
		if (unlinkat(dir, name, 0) == -1 && errno != ENOENT)
			return -1;
	}
}

/* The lowest that is free, of 1 to keep; where none is, the last is made so.
 * 0/errno. */
static unsigned
free_number(int dir, const char *base, unsigned keep)
{
	char name[NAME_MAX + 1];
	unsigned k;

	for (k = 1; k <= keep; k++) {
		if (name_of(name, base, k) == -1)
			return 0;
		if (!is_taken(dir, name))
			return k;
	}
	return unlinkat(dir, name, 0) == -1 && errno != ENOENT ? 0 : keep;
}

int
daemon_rotate(int dir, const char *base, unsigned keep)
{
	char from[NAME_MAX + 1], to[NAME_MAX + 1];
	unsigned k;

	if (!is_taken(dir, base)) /* it has been, when another was killed */
		return 0;
	if (remove_from(dir, base, keep + 1) == -1)
		return -1;
	if (keep == 0)
		return unlinkat(dir, base, 0) == -1 && errno != ENOENT ? -1 : 0;
	k = free_number(dir, base, keep);
	if (k == 0)
		return -1;
	for (; k > 1; k--)
		if (name_of(from, base, k - 1) == -1 ||
		    name_of(to, base, k) == -1 || move(dir, from, to) == -1)
			return -1;
	return name_of(to, base, 1) == -1 ? -1 : move(dir, base, to);
}

/* Is it that file?  Open, if so. */
static int
open_if(
    int dir, const char *name, unsigned long long dev, unsigned long long ino)
{
	struct stat st;
	int fd = openat(dir, name,
	    O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
		O_CLOEXEC);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_dev == dev && st.st_ino == ino)
		return fd;
	(void)close(fd);
	return -1;
}

int
daemon_rotate_find(
    int dir, const char *base, unsigned long long dev, unsigned long long ino)
{
	const size_t n = strlen(base);
	const struct dirent *e;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
	    found = -1;
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;

	if (d == NULL && fd != -1)
		(void)close(fd);
	while (d != NULL && found == -1 && (e = readdir(d)) != NULL)
		if (strncmp(e->d_name, base, n) == 0 && e->d_ino == ino)
			found = open_if(dir, e->d_name, dev, ino);
	if (d != NULL)
		(void)closedir(d);
	if (found == -1)
		errno = ENOENT;
	return found;
}
