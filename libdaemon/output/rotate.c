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

#include "../identity/walk.h"
#include "rotate.h"
#include "sole.h"

/* renameat2(2)'s, of Linux 3.15: not all C libraries have it. */
#define NOREPLACE 1u

/* What a former log may end with. */
static const enum daemon_zip forms[] = { DAEMON_ZIP_NONE, DAEMON_ZIP_GZIP,
	DAEMON_ZIP_ZSTD };

enum { FORMS = sizeof forms / sizeof *forms };

int
daemon_rotate_name(
    char *name, size_t size, const char *base, unsigned k, enum daemon_zip how)
{
	int n = k == 0 && how == DAEMON_ZIP_NONE
	    ? snprintf(name, size, "%s", base)
	    : snprintf(name, size, "%s.%u%s", base, k, daemon_zip_suffix(how));

	if (n >= 0 && (size_t)n < size)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

static int
name_of(char name[NAME_MAX + 1], const char *base, unsigned k, size_t form)
{
	return daemon_rotate_name(name, NAME_MAX + 1, base, k, forms[form]);
}

static int
exists(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* 1; 0; -1: such a name is too long. */
static int
is_taken(int dir, const char *base, unsigned k)
{
	char name[NAME_MAX + 1];
	size_t i;

	for (i = 0; i < FORMS; i++) {
		if (name_of(name, base, k, i) == -1)
			return -1;
		if (exists(dir, name))
			return 1;
	}
	return 0;
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

/* Whichever there are of a number become the next. */
static int
move_on(int dir, const char *base, unsigned k)
{
	char from[NAME_MAX + 1], to[NAME_MAX + 1];
	size_t i;

	for (i = 0; i < FORMS; i++)
		if (name_of(from, base, k, i) == -1 ||
		    name_of(to, base, k + 1, i) == -1 ||
		    (exists(dir, from) && move(dir, from, to) == -1))
			return -1;
	return 0;
}

static int
remove_number(int dir, const char *base, unsigned k)
{
	char name[NAME_MAX + 1];
	size_t i;

	for (i = 0; i < FORMS; i++)
		if (name_of(name, base, k, i) == -1 ||
		    (unlinkat(dir, name, 0) == -1 && errno != ENOENT))
			return -1;
	return 0;
}

/* Those beyond the last that is kept; more than asked for now may have been. */
static int
remove_from(int dir, const char *base, unsigned k)
{
	int taken;

	while ((taken = is_taken(dir, base, k)) == 1)
		if (remove_number(dir, base, k++) == -1)
			return -1;
	return taken;
}

/* The lowest that is free, of 1 to keep; where none is, the last is made so.
 * 0/errno. */
static unsigned
free_number(int dir, const char *base, unsigned keep)
{
	unsigned k;
	int taken;

	for (k = 1; k <= keep; k++) {
		taken = is_taken(dir, base, k);
		if (taken < 1)
			return taken == 0 ? k : 0;
	}
	return remove_number(dir, base, keep) == 0 ? keep : 0;
}

/* Is it another service's log, by another one's number? */
static int
is_kept(int dir, const char *name)
{
	int kept,
	    fd = openat(dir, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd == -1)
		return 0;
	kept = daemon_sole_keeper(fd) != 0;
	(void)close(fd);
	return kept;
}

static int
is_any_kept(int dir, const char *base)
{
	char name[NAME_MAX + 1];
	unsigned k;

	for (k = 1; is_taken(dir, base, k) == 1; k++)
		if (name_of(name, base, k, 0) == 0 && is_kept(dir, name)) {
			errno = EBUSY;
			return 1;
		}
	return 0;
}

int
daemon_rotate(int dir, const char *base, unsigned keep)
{
	char first[NAME_MAX + 1];
	unsigned k;

	if (!exists(dir, base)) /* it has been, when another was killed */
		return 0;
	if (is_any_kept(dir, base))
		return -1;
	if (remove_from(dir, base, keep + 1) == -1)
		return -1;
	if (keep == 0)
		return unlinkat(dir, base, 0) == -1 && errno != ENOENT ? -1 : 0;
	k = free_number(dir, base, keep);
	if (k == 0)
		return -1;
	for (; k > 1; k--)
		if (move_on(dir, base, k - 1) == -1)
			return -1;
	return name_of(first, base, 1, 0) == -1 ? -1 : move(dir, base, first);
}

unsigned
daemon_rotate_plain(int dir, const char *base, unsigned keep)
{
	char name[NAME_MAX + 1];
	unsigned k;

	for (k = 2; k <= keep; k++)
		if (name_of(name, base, k, 0) == 0 && exists(dir, name))
			return k;
	return 0;
}

unsigned
daemon_rotate_number(
    int dir, const char *base, unsigned keep, const struct daemon_ziphead *h)
{
	char name[NAME_MAX + 1];
	struct stat st;
	unsigned k;

	for (k = 1; k <= keep; k++)
		if (name_of(name, base, k, 0) == 0 &&
		    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    st.st_dev == h->dev && st.st_ino == h->ino)
			return k;
	return 0;
}

/* Root goes there over nothing that others could change; who is somebody else
 * may go where he can. */
int
daemon_rotate_dir(const char *path, const char **base)
{
	struct daemon_walk w;
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (daemon_walk_to_parent(&w, path, base, "log", NULL) == 0)
		return w.fd;
	if (geteuid() == 0)
		return -1;
	*base = slash + 1;
	(void)snprintf(dir, sizeof dir, "%.*s", (int)(slash - path + 1), path);
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
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
