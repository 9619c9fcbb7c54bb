/* SPDX-License-Identifier: ISC */
/*
 * Which directories hold records, and opening one only if nobody else could
 * have put something there.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service.h"

#define ROOTS "/run/daemonize"

static int
add(struct daemon_rundirs *r, const char *path, struct daemon_fault *f)
{
	if (strlen(path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return daemon_fault_set(f, "rundir", path, NULL);
	}
	r->path[r->n++] = path;
	return 0;
}

static const char *
overridden(const char *override)
{
	if (override == NULL)
		override = getenv("DAEMONIZE_RUNDIR");
	return override != NULL && override[0] != '\0' ? override : NULL;
}

void
daemon_rundirs_add_roots(struct daemon_rundirs *r, const char *override)
{
	if (geteuid() != 0 && overridden(override) == NULL &&
	    r->n < DAEMON_RUNDIRS_MAX)
		(void)add(r, ROOTS, NULL);
}

int
daemon_rundirs_find(
    struct daemon_rundirs *r, const char *override, struct daemon_fault *f)
{
	struct stat st;
	char *path;

	*r = (struct daemon_rundirs){ .n = 0 };
	override = overridden(override);
	if (override != NULL) {
		if (override[0] == '/')
			return add(r, override, f);
		errno = EINVAL;
		return daemon_fault_set(
		    f, "rundir", override, "must be an absolute path");
	}
	if (geteuid() == 0)
		return add(r, ROOTS, f);
	path = r->by_uid[0];
	(void)snprintf(
	    path, sizeof r->by_uid[0], "/run/user/%u", (unsigned)geteuid());
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid()) {
		(void)strcat(path, "/daemonize");
		(void)add(r, path, f);
	}
	path = r->by_uid[1];
	(void)snprintf(path, sizeof r->by_uid[1], "/tmp/daemonize-%u",
	    (unsigned)geteuid());
	return add(r, path, f);
}

/* Ours, or root's, and closed to others' writing. */
static int
verify(int fd, const char *path, struct daemon_fault *f)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return daemon_fault_set(f, "rundir", path, NULL);
	if ((st.st_uid == geteuid() || st.st_uid == 0) &&
	    (st.st_mode & 022) == 0)
		return 0;
	errno = EPERM;
	return daemon_fault_set(f, "rundir", path,
	    st.st_uid != geteuid()
		? "belongs to uid %u, not to us (use --rundir)"
		: "can be written by others (uid %u)",
	    (unsigned)st.st_uid);
}

/* Somebody else may be making it this instant.  Whatever umask we were
 * called with, it is like any other's. */
static int
make(int parent, const char *base)
{
	mode_t mode = geteuid() == 0 ? 0755 : 0700;

	if (mkdirat(parent, base, mode) == -1)
		return errno == EEXIST ? 0 : -1;
	return fchmodat(parent, base, mode, 0);
}

int
daemon_rundir_open(const char *path, int create, struct daemon_fault *f)
{
	struct daemon_walk w;
	const char *base;
	int fd;

	if (daemon_walk_to_parent(&w, path, &base, "rundir", f) == -1)
		return -1;
	if (w.foreign != (uid_t)-1) {
		errno = EPERM;
		(void)daemon_fault_set(f, "rundir", path,
		    "a directory on the way belongs to uid %u",
		    (unsigned)w.foreign);
		(void)close(w.fd);
		return -1;
	}
	fd =
	    openat(w.fd, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT && create && make(w.fd, base) == 0)
		fd = openat(w.fd, base,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		(void)daemon_fault_set(f, "rundir", path, NULL);
	(void)close(w.fd);
	if (fd != -1 && verify(fd, path, f) == -1) {
		(void)close(fd);
		errno = EPERM;
		return -1;
	}
	if (fd == -1 && f != NULL)
		errno = f->error;
	return fd;
}
