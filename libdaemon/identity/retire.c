/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "pidtext.h"
#include "retire.h"
#include "walk.h"

static int
is_gone(const char *path)
{
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == -1 &&
	    (errno == ENOENT || errno == ENOTDIR);
}

int
daemon_retire_pidfile(
    const char *pidfile, int in_place, pid_t pid, struct daemon_fault *f)
{
	struct daemon_walk w;
	const char *base;
	int r;

	/* Nobody's file may be empty, and somebody else's. */
	if (pidfile == NULL || pid <= 0)
		return 0;
	/* One whose directory is gone has gone with it. */
	if (daemon_walk_to_parent(&w, pidfile, &base, "pidfile", f) == -1)
		return is_gone(pidfile) ? 0 : -1;
	if (in_place)
		r = daemon_pidfile_empty(w.fd, base, pid);
	else
		r = daemon_pidfile_unlink(w.fd, base, pid);
	/* One that is not its any more is nobody's failure. */
	if (r == -1 && errno != ESTALE)
		(void)daemon_fault_set(f, "pidfile", pidfile, NULL);
	else
		r = 0;
	(void)close(w.fd);
	return r;
}

int
daemon_retire(const struct daemon_service *s, const struct daemon_definition *d,
    pid_t pid, struct daemon_fault *f)
{
	if (daemon_retire_pidfile(
		d->pidfile, daemon_definition_in_place(d), pid, f) == -1)
		return -1;
	if (pid > 0 && d->name != NULL && d->name[0] != '%' &&
	    daemon_pidfile_unlink(s->dir, DAEMON_SERVICE_PID, pid) == -1 &&
	    errno != ESTALE)
		return daemon_fault_set(f, "record", d->name, NULL);
	return 0;
}

int
daemon_retire_supervisor(const struct daemon_definition *d,
    const struct daemon_status *st, struct daemon_fault *f)
{
	return st->supervisor.pid > 0
	    ? daemon_retire_pidfile(
		  d->supervisor_pidfile, 0, st->supervisor.pid, f)
	    : 0;
}

static int
enrol_pidfile(const char *pidfile, pid_t pid)
{
	struct daemon_walk w;
	const char *base;
	int r;

	if (daemon_walk_to_parent(&w, pidfile, &base, "pidfile", NULL) == -1)
		return -1;
	r = daemon_pidfile_publish(w.fd, base, -1, pid);
	(void)close(w.fd);
	return r;
}

int
daemon_enrol(const struct daemon_service *s, const struct daemon_definition *d,
    pid_t pid)
{
	int r = 0;

	if (d->pidfile != NULL && !daemon_definition_in_place(d))
		r = enrol_pidfile(d->pidfile, pid);
	if (d->name != NULL && d->name[0] != '%' &&
	    daemon_pidfile_publish(s->dir, DAEMON_SERVICE_PID, -1, pid) == -1)
		r = -1;
	return r;
}
