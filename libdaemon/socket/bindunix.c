/* SPDX-License-Identifier: ISC */
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../identity/walk.h"
#include "../user.h"
#include "bind.h"

static int
new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* Does anybody listen at it, of whatever type he is? */
static int
is_alive(int dir, const char *base)
{
	int r, fd = new_socket();

	if (fd == -1)
		return 1;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	r = daemon_at_connect(dir, base, fd) == 0 ||
	    (errno != ECONNREFUSED && errno != ENOENT);
	(void)close(fd);
	return r;
}

static int
in_use(const char *path, const char *object, struct daemon_fault *f)
{
	const pid_t pid = daemon_file_holder(path);

	errno = EADDRINUSE;
	return pid > 0
	    ? daemon_fault_set(f, "listen", object, "pid %ld has it", (long)pid)
	    : daemon_fault_set(f, "listen", object, "somebody listens there");
}

/* What is there already is a socket that nobody listens at: it goes, or if we
 * only try: 1. */
static int
make_way(int dir, const char *base, const struct daemon_address *a, int tries,
    const char *object, struct daemon_fault *f)
{
	struct stat st;

	if (fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT
		    ? 0
		    : daemon_fault_set(f, "listen", object, NULL);
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return daemon_fault_set(
		    f, "listen", object, "something else is there");
	if (is_alive(dir, base))
		return in_use(a->path, object, f);
	if (tries)
		return 1;
	return unlinkat(dir, base, 0) == 0
	    ? 0
	    : daemon_fault_set(f, "listen", object, NULL);
}

/* In an owner's directory: only what he could do himself, with his groups. */
static int
act_as(const struct daemon_user *u)
{
	if (setgroups(u->ngroups, u->groups) == -1)
		return -1;
	(void)setfsgid(u->gid);
	(void)setfsuid(u->uid);
	return 0;
}

static void
act_as_ourselves(const gid_t *groups, int n)
{
	(void)setfsuid(geteuid());
	(void)setfsgid(getegid());
	if (setgroups((size_t)n, groups) == -1)
		_exit(1);
}

static int
bind_as(const struct daemon_user *u, int fd, const struct sockaddr_un *at)
{
	gid_t groups[NGROUPS_MAX];
	const int n = getgroups(NGROUPS_MAX, groups);
	int r, saved;

	if (n == -1 || act_as(u) == -1)
		return -1;
	r = bind(fd, (const struct sockaddr *)at, sizeof *at);
	saved = errno;
	act_as_ourselves(groups, n);
	errno = saved;
	return r;
}

/* By the path that was given: a program looks for its socket by that. */
static int
bind_path(const struct daemon_walk *w, const struct daemon_address *a,
    const struct daemon_user *owner, int fd)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	mode_t mask;
	int r;

	_Static_assert(sizeof at.sun_path >= sizeof a->path, "it fits");
	(void)strcpy(at.sun_path, a->path);
	mask = umask(~a->mode & 0777);
	r = owner != NULL && w->foreign != (uid_t)-1
	    ? bind_as(owner, fd, &at)
	    : bind(fd, (const struct sockaddr *)&at, sizeof at);
	(void)umask(mask);
	return r;
}

/* The path led to the directory that we know, and what is there is what we
 * have just made. */
static int
is_ours(const struct daemon_walk *w, const char *path, const struct stat *st)
{
	const uid_t maker = w->foreign != (uid_t)-1 ? w->foreign : geteuid();
	struct stat there;

	errno = EPERM;
	return lstat(path, &there) == 0 && there.st_ino == st->st_ino &&
	    there.st_dev == st->st_dev && S_ISSOCK(st->st_mode) &&
	    st->st_nlink == 1 && st->st_uid == maker;
}

static int
settle(const struct daemon_walk *w, const char *base, const char *path,
    const struct daemon_user *owner)
{
	struct stat st;
	int fd = openat(w->fd, base, O_PATH | O_NOFOLLOW | O_CLOEXEC), r = -1;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && is_ours(w, path, &st))
		r = owner == NULL
		    ? 0
		    : fchownat(fd, "", owner->uid, owner->gid, AT_EMPTY_PATH);
	(void)close(fd);
	return r;
}

static int
put(const struct daemon_walk *w, const char *base, int fd,
    const struct daemon_address *a, const struct daemon_user *owner,
    const struct daemon_bind_how *how)
{
	int r;

	if (bind_path(w, a, owner, fd) == -1)
		return -1;
	r = settle(w, base, a->path, owner) == 0 &&
		listen(fd, how->backlog) == 0
	    ? 0
	    : -1;
	if (r == -1 || how->tries)
		(void)unlinkat(w->fd, base, 0);
	return r;
}

static int
bind_in(const struct daemon_walk *w, const char *base,
    const struct daemon_address *a, const struct daemon_user *owner,
    const struct daemon_bind_how *how, const char *object,
    struct daemon_fault *f)
{
	int fd, saved, r;

	if (daemon_walk_trusted(w, owner != NULL ? owner->uid : geteuid(),
		"listen", a->path, f) == -1)
		return -1;
	r = make_way(w->fd, base, a, how->tries, object, f);
	if (r == -1)
		return -1;
	fd = new_socket();
	if (fd != -1 && (r == 1 || put(w, base, fd, a, owner, how) == 0))
		return fd;
	(void)daemon_fault_set(f, "listen", object, NULL);
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	errno = saved;
	return -1;
}

int
daemon_bind_unix(const struct daemon_address *a,
    const struct daemon_bind_how *how, const char *object,
    struct daemon_fault *f)
{
	struct daemon_user u = { .ngroups = 0 };
	const int given = a->owner[0] != '\0' || a->group[0] != '\0';
	struct daemon_walk w;
	const char *base;
	int fd = -1;

	if (given &&
	    daemon_user_find(&u, a->owner[0] != '\0' ? a->owner : NULL,
		a->group[0] != '\0' ? a->group : NULL) == -1)
		return daemon_fault_set(
		    f, "listen", object, "%s: no such user or group", a->owner);
	if (daemon_walk_to_parent(&w, a->path, &base, "listen", f) == 0) {
		fd = bind_in(&w, base, a, given ? &u : NULL, how, object, f);
		(void)close(w.fd);
	}
	if (given)
		daemon_user_clear(&u);
	return fd;
}

void
daemon_bind_remove(const struct daemon_address *a)
{
	struct daemon_walk w;
	struct stat st;
	const char *base;

	if (daemon_walk_to_parent(&w, a->path, &base, "listen", NULL) == -1)
		return;
	if (fstatat(w.fd, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISSOCK(st.st_mode) && !is_alive(w.fd, base))
		(void)unlinkat(w.fd, base, 0);
	(void)close(w.fd);
}
