/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/output/rotate.h"
#include "ctl_output.h"
#include "ctl_unzip.h"

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

static long long
count(int fd)
{
	char buf[8192];
	long long lines = 0;
	ssize_t n, i;

	while ((n = read(fd, buf, sizeof buf)) > 0)
		for (i = 0; i < n; i++)
			lines += buf[i] == '\n';
	return lines;
}

long long
output_lines(int fd, int zipped)
{
	struct unzip u;
	long long lines;

	if (!zipped) {
		(void)lseek(fd, 0, SEEK_SET);
		return count(fd);
	}
	if (unzip_open(&u, fd) == -1)
		return 0;
	lines = count(u.pipe);
	(void)unzip_close(&u, 0);
	return lines;
}

static const enum daemon_zip forms[] = { DAEMON_ZIP_NONE, DAEMON_ZIP_ZSTD,
	DAEMON_ZIP_GZIP };

enum { FORMS = sizeof forms / sizeof *forms, NUMBERS_MAX = 99999 };

int
output_open_former(const char *path, unsigned k, int *zipped)
{
	char name[PATH_MAX];
	size_t i;
	int fd = -1;

	for (i = 0; i < (k == 0 ? 1 : FORMS) && fd == -1; i++) {
		*zipped = forms[i] != DAEMON_ZIP_NONE;
		if (daemon_rotate_name(name, sizeof name, path, k, forms[i]) ==
		    -1)
			return -1;
		fd = output_open(name);
		if (fd == -1 && errno != ENOENT)
			return -1;
	}
	return fd;
}

/* Was this one, which is compressed, that file?  Whose name is gone, as long as
 * it is open, has its number for itself. */
static int
was(const char *name, const struct stat *file)
{
	unsigned char head[DAEMON_ZIPHEAD_MAX];
	struct daemon_ziphead h;
	int fd = file->st_nlink == 0 ? output_open(name) : -1;
	ssize_t n;

	if (fd == -1)
		return 0;
	n = pread(fd, head, sizeof head, 0);
	(void)close(fd);
	return n > 0 && daemon_ziphead_read(&h, head, (size_t)n) == 0 &&
	    h.dev == file->st_dev && h.ino == file->st_ino;
}

/* 1: that one is file, if that is not NULL; 0: another is; -1: none. */
static int
is_number(const char *path, unsigned k, const struct stat *file)
{
	char name[PATH_MAX];
	struct stat st;
	size_t i;
	int found = -1;

	for (i = 0; i < (k == 0 ? 1 : FORMS); i++) {
		if (daemon_rotate_name(name, sizeof name, path, k, forms[i]) ==
			-1 ||
		    lstat(name, &st) == -1)
			continue;
		found = file != NULL &&
		    ((st.st_ino == file->st_ino && st.st_dev == file->st_dev) ||
			(forms[i] != DAEMON_ZIP_NONE && was(name, file)));
		if (found)
			return 1;
	}
	return found;
}

/* The number in a name: "BASE.12" or "BASE.12.gz"; 0: it is none. */
static unsigned
number_in(const char *name, const char *base, size_t n)
{
	char *end;
	unsigned long k;

	if (strncmp(name, base, n) != 0 || name[n] != '.' ||
	    name[n + 1] < '1' || name[n + 1] > '9')
		return 0;
	k = strtoul(name + n + 1, &end, 10);
	return k <= NUMBERS_MAX &&
		(*end == '\0' || strcmp(end, ".gz") == 0 ||
		    strcmp(end, ".zst") == 0)
	    ? (unsigned)k
	    : 0;
}

unsigned
output_oldest(const char *path)
{
	const char *base = strrchr(path, '/') + 1;
	char dir[PATH_MAX];
	const struct dirent *e;
	unsigned k, oldest = 0;
	DIR *d;

	(void)snprintf(dir, sizeof dir, "%.*s", (int)(base - path), path);
	d = opendir(dir);
	while (d != NULL && (e = readdir(d)) != NULL) {
		k = number_in(e->d_name, base, strlen(base));
		oldest = k > oldest ? k : oldest;
	}
	if (d != NULL)
		(void)closedir(d);
	return oldest;
}

/* One that is moved meanwhile may have the next number. */
int
output_number(const char *path, int fd)
{
	const unsigned oldest = output_oldest(path) + 1;
	struct stat st;
	unsigned k;

	if (fstat(fd, &st) == -1)
		return -1;
	for (k = 0; k <= oldest; k++)
		if (is_number(path, k, &st) == 1)
			return (int)k;
	return -1;
}

int
output_open_next(const char *path, int fd, int *zipped)
{
	int k = output_number(path, fd), next;

	for (next = k - 1; next > 0; next--)
		if (is_number(path, (unsigned)next, NULL) != -1)
			break;
	return output_open_former(path, next > 0 ? (unsigned)next : 0, zipped);
}

int
output_open_before(const char *path, unsigned k, int *zipped)
{
	const unsigned oldest = output_oldest(path);

	while (++k <= oldest)
		if (is_number(path, k, NULL) != -1)
			return output_open_former(path, k, zipped);
	errno = ENOENT;
	return -1;
}
