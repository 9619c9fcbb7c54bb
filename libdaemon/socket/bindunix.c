/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
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

/* Does anybody listen at it? */
static int
is_alive(int dir, const char *base)
{
	int r, fd = new_socket();

	if (fd == -1)
		return 1;
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	r = daemon_at_connect(dir, base, fd) == 0 || errno == EAGAIN ||
	    errno == EACCES;
	(void)close(fd);
	return r;
}

/* What is there already is a socket that nobody listens at. */
static int
makes_way(int dir, const char *base, const char *object, struct daemon_fault *f)
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
	errno = EADDRINUSE;
	return is_alive(dir, base)
	    ? daemon_fault_set(f, "listen", object, "somebody listens there")
	    : 0;
}

/* Only what we have just made, wherever somebody may have put it since. */
static int
give_away(int dir, const char *name, const struct daemon_user *u)
{
	struct stat st;
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), r = -1;

	if (fd == -1)
		return -1;
	errno = EPERM;
	if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_nlink == 1 &&
	    st.st_uid == geteuid())
		r = fchownat(fd, "", u->uid, u->gid, AT_EMPTY_PATH);
	(void)close(fd);
	return r;
}

/* Under another name, until it is as it is to be. */
static int
put(int dir, const char *base, int fd, const struct daemon_address *a,
    const struct daemon_user *owner, int backlog)
{
	char name[NAME_MAX + 1];

	if (snprintf(name, sizeof name, "%s.%ld", base, (long)getpid()) >=
	    (int)sizeof name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (daemon_at_bind(dir, name, fd, a->mode) == -1)
		return -1;
	if ((owner == NULL || give_away(dir, name, owner) == 0) &&
	    listen(fd, backlog) == 0 && renameat(dir, name, dir, base) == 0)
		return 0;
	(void)unlinkat(dir, name, 0);
	return -1;
}

static int
bind_in(const struct daemon_walk *w, const char *base,
    const struct daemon_address *a, const struct daemon_user *owner,
    int backlog, const char *object, struct daemon_fault *f)
{
	int fd, saved;

	if (daemon_walk_trusted(w, owner != NULL ? owner->uid : geteuid(),
		"listen", a->path, f) == -1 ||
	    makes_way(w->fd, base, object, f) == -1)
		return -1;
	fd = new_socket();
	if (fd != -1 && put(w->fd, base, fd, a, owner, backlog) == 0)
		return fd;
	(void)daemon_fault_set(f, "listen", object, NULL);
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	errno = saved;
	return -1;
}

int
daemon_bind_unix(const struct daemon_address *a, int backlog,
    const char *object, struct daemon_fault *f)
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
		fd =
		    bind_in(&w, base, a, given ? &u : NULL, backlog, object, f);
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
