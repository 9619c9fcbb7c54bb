/* SPDX-License-Identifier: ISC */
/*
 * The way to a pidfile, a lock, a record: one component at a time, each
 * opened without following links, so that nothing can be exchanged under
 * us.  See "Pidfiles" in libdaemon(7).
 *
 * Most ways are straight: no link, no directory but root's and ours.  These
 * are gone in one stride; all others, and what is to be refused, by steps.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "walk.h"

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

enum { LINKS_MAX = 40, STRIDE_MAX = 12 };

struct way {
	struct daemon_walk *w;
	const char *dir; /* what was asked for, for messages */
	const char *step;
	struct daemon_fault *f;
	char todo[PATH_MAX];
	int links;
};

static int
refuse(struct way *y, const char *why)
{
	errno = EPERM;
	return daemon_fault_set(y->f, y->step, y->dir, "%s %s",
	    y->w->path[0] != '\0' ? y->w->path : "/", why);
}

static int
failed(struct way *y)
{
	return daemon_fault_set(y->f, y->step, y->dir, NULL);
}

static int
is_ours(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

static int
others_write(const struct stat *st)
{
	return (st->st_mode & 022) != 0 && (st->st_mode & S_ISVTX) == 0;
}

/* dir without "." and doubled slashes.  How many components it has, -1 if
 * one of them is "..". */
static int
straighten(char *out, const char *dir, const char *end)
{
	int components = 0;
	size_t n;

	for (; dir < end; dir += n) {
		for (n = 0; dir + n < end && dir[n] != '/'; n++)
			continue;
		if (n == 2 && memcmp(dir, "..", 2) == 0)
			return -1;
		if (n > 0 && !(n == 1 && *dir == '.')) {
			*out++ = '/';
			out = mempcpy(out, dir, n);
			components++;
		}
		if (n == 0)
			n = 1; /* a slash */
	}
	*out = '\0';
	return components;
}

/* Open path over no link at all. */
static int
open_straight(const char *path)
{
	const struct { /* the kernel's struct open_how */
		uint64_t flags, mode, resolve;
	} how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = 0x04 /* RESOLVE_NO_SYMLINKS */ };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/*
 * Are fd and all directories above it root's or ours, and nobody else's to
 * change?  They are looked at from below, so they are those fd is in,
 * whatever names led there.
 */
static int
is_safe(int fd, int components)
{
	static const char up[] = "../../../../../../../../../../../..";
	struct stat st;
	int i, r = fstat(fd, &st);

	_Static_assert(sizeof up == 3 * STRIDE_MAX, "as many as the longest");
	for (i = 1; r == 0; i++) {
		if (others_write(&st) || !is_ours(st.st_uid))
			return 0;
		if (i > components)
			return 1;
		r = fstatat(fd, up + sizeof up - 3 * i, &st, 0);
	}
	return 0;
}

/* 0, or -1: by steps, then. */
static int
stride(struct daemon_walk *w, const char *dir, size_t n)
{
	int components;

	w->foreign = (uid_t)-1;
	if (n == 0 || dir[0] != '/' || n >= sizeof w->path)
		return -1;
	components = straighten(w->path, dir, dir + n);
	if (components < 1 || components > STRIDE_MAX)
		return -1;
	w->fd = open_straight(w->path);
	if (w->fd == -1 || is_safe(w->fd, components))
		return w->fd == -1 ? -1 : 0;
	(void)close(w->fd);
	w->fd = -1;
	return -1;
}

/* May the directory just reached be trusted? */
static int
check(struct way *y, const struct stat *st)
{
	if (!S_ISDIR(st->st_mode)) {
		errno = ENOTDIR;
		return failed(y);
	}
	if (others_write(st))
		return refuse(y, "can be changed by others (chmod go-w)");
	if (is_ours(st->st_uid) || st->st_uid == y->w->foreign)
		return 0;
	if (y->w->foreign != (uid_t)-1)
		return refuse(y, "belongs to somebody else");
	y->w->foreign = st->st_uid;
	return 0;
}

static int
enter(struct way *y, int fd)
{
	if (y->w->fd != -1)
		(void)close(y->w->fd);
	y->w->fd = fd;
	return 0;
}

static int
enter_root(struct way *y)
{
	struct stat st;
	int fd = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return failed(y);
	(void)enter(y, fd);
	y->w->path[0] = '\0';
	return fstat(fd, &st) == -1 ? failed(y) : check(y, &st);
}

/* Put the target of the link fd before what is left of the way. */
static int
follow(struct way *y, int fd, const struct stat *st)
{
	char target[PATH_MAX];
	size_t room, len;
	ssize_t n;

	if (!is_ours(st->st_uid))
		return refuse(y, "holds a symbolic link of somebody else's");
	if (++y->links > LINKS_MAX) {
		errno = ELOOP;
		return failed(y);
	}
	n = readlinkat(fd, "", target, sizeof target - 2);
	if (n == -1)
		return failed(y);
	len = (size_t)n;
	room = sizeof target - len - 1;
	if ((size_t)snprintf(target + len, room, "/%s", y->todo) >= room) {
		errno = ENAMETOOLONG;
		return failed(y);
	}
	(void)memcpy(y->todo, target, strlen(target) + 1);
	return target[0] == '/' ? enter_root(y) : 0;
}

/* Append name to the real path, or cut the last component for "..". */
static int
note(struct way *y, const char *name)
{
	size_t len = strlen(y->w->path), n = strlen(name);
	char *slash;

	if (strcmp(name, "..") == 0) {
		slash = strrchr(y->w->path, '/');
		if (slash != NULL)
			*slash = '\0';
		return 0;
	}
	if (len + n + 2 > sizeof y->w->path) {
		errno = ENAMETOOLONG;
		return failed(y);
	}
	y->w->path[len] = '/';
	(void)memcpy(y->w->path + len + 1, name, n + 1);
	return 0;
}

static int
step_into(struct way *y, const char *name)
{
	struct stat st;
	int fd, r;

	fd = openat(y->w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return failed(y);
	if (fstat(fd, &st) == -1) {
		r = failed(y);
	} else if (S_ISLNK(st.st_mode)) {
		r = follow(y, fd, &st);
	} else if (note(y, name) == -1) {
		r = -1;
	} else {
		(void)enter(y, fd);
		return check(y, &st);
	}
	(void)close(fd);
	return r;
}

/* Take the first component off what is left; "" when nothing is. */
static int
next(struct way *y, char name[NAME_MAX + 1])
{
	char *p = y->todo + strspn(y->todo, "/");
	size_t n = strcspn(p, "/");

	if (n > NAME_MAX) {
		errno = ENAMETOOLONG;
		return failed(y);
	}
	(void)memcpy(name, p, n);
	name[n] = '\0';
	(void)memmove(y->todo, p + n, strlen(p + n) + 1);
	return 0;
}

/* By steps.  Its buffers are large: whoever does not need them should not
 * pay for them. */
static __attribute__((noinline)) int
go(struct daemon_walk *w, const char *dir, const char *step,
    struct daemon_fault *f)
{
	struct way y; /* large: not cleared for nothing */
	char name[NAME_MAX + 1] = "";
	int saved;

	y.w = w;
	y.dir = dir;
	y.step = step;
	y.f = f;
	y.links = 0;
	w->fd = -1;
	w->foreign = (uid_t)-1;
	w->path[0] = '\0';
	if (dir[0] != '/' || strlen(dir) >= PATH_MAX) {
		errno = dir[0] != '/' ? EINVAL : ENAMETOOLONG;
		return failed(&y);
	}
	(void)strcpy(y.todo, dir);
	if (enter_root(&y) == -1)
		goto fail;
	for (;;) {
		if (next(&y, name) == -1)
			goto fail;
		if (name[0] == '\0')
			break;
		if (strcmp(name, ".") != 0 && step_into(&y, name) == -1)
			goto fail;
	}
	if (w->path[0] == '\0')
		(void)strcpy(w->path, "/");
	return 0;
fail:
	saved = errno;
	if (w->fd != -1)
		(void)close(w->fd);
	w->fd = -1;
	errno = saved;
	return -1;
}

int
daemon_walk_to(struct daemon_walk *w, const char *dir, const char *step,
    struct daemon_fault *f)
{
	return stride(w, dir, strlen(dir)) == 0 ? 0 : go(w, dir, step, f);
}

static __attribute__((noinline)) int
go_to_parent(struct daemon_walk *w, const char *file, size_t n,
    const char *step, struct daemon_fault *f)
{
	char dir[PATH_MAX];

	if (n >= sizeof dir) {
		errno = ENAMETOOLONG;
		return daemon_fault_set(f, step, file, NULL);
	}
	(void)memcpy(dir, file, n);
	(void)strcpy(dir + n, n == 0 ? "/" : "");
	if (go(w, dir, step, f) == 0)
		return 0;
	if (f != NULL) /* the file was asked for: name it */
		(void)snprintf(f->object, sizeof f->object, "%s", file);
	return -1;
}

int
daemon_walk_to_parent(struct daemon_walk *w, const char *file,
    const char **base, const char *step, struct daemon_fault *f)
{
	const char *slash = strrchr(file, '/');
	size_t n;

	w->fd = -1;
	if (slash == NULL || slash[1] == '\0' || strcmp(slash, "/.") == 0 ||
	    strcmp(slash, "/..") == 0) {
		errno = EISDIR;
		return daemon_fault_set(f, step, file, NULL);
	}
	n = (size_t)(slash - file);
	*base = slash + 1;
	return stride(w, file, n) == 0 ? 0 : go_to_parent(w, file, n, step, f);
}

int
daemon_walk_trusted(const struct daemon_walk *w, uid_t owner, const char *step,
    const char *path, struct daemon_fault *f)
{
	if (w->foreign == (uid_t)-1 || w->foreign == owner)
		return 0;
	errno = EPERM;
	return daemon_fault_set(f, step, path,
	    "a directory on the way belongs to uid %u", (unsigned)w->foreign);
}
