/* SPDX-License-Identifier: ISC */
#include <sys/inotify.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../clock.h"
#include "../identity/retire.h"
#include "keeping.h"
#include "pool.h"
#include "publish.h"
#include "rebuild.h"

enum {
	SETTLE_MS = 10, /* for whoever is still removing */
	AGAIN_MS = 1000 /* where it could not be made */
};

/* RUNDIR/NAME, as it was; NULL if that cannot be told. */
static char *
path_of(int dir)
{
	char path[PATH_MAX];

	return daemon_at_path(dir, path, sizeof path) > 0 ? strdup(path) : NULL;
}

static void
watch(struct daemon_supervisor *s, int fd, unsigned events)
{
	char name[DAEMON_AT_NAME];

	if (s->watch != -1)
		(void)inotify_add_watch(
		    s->watch, daemon_at_name(fd, name), events);
}

/* That the file has lost its name, the directory has another one, or something
 * was removed from it. */
static void
watch_both(struct daemon_supervisor *s)
{
	watch(s, s->service.lock, IN_ATTRIB);
	watch(s, s->service.dir, IN_MOVE_SELF | IN_DELETE);
}

void
daemon_rebuild_watch(struct daemon_supervisor *s)
{
	s->path = path_of(s->service.dir);
	s->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	watch_both(s);
}

void
daemon_rebuild_unwatch(struct daemon_supervisor *s)
{
	if (s->watch != -1)
		(void)close(s->watch);
	s->watch = -1;
	free(s->path);
	s->path = NULL;
}

/* The directory and the lock in rundir, ours again. */
static int
claim(struct daemon_service *new, const struct daemon_supervisor *s,
    const char *rundir)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	int fd = daemon_rundir_open(rundir, 1, NULL), live, r;

	if (fd == -1)
		return -1;
	r = daemon_service_lock(
	    new, fd, s->d->name, DAEMON_LOCK_NOW, &d, &st, &live, NULL);
	/* Somebody has been started meanwhile: it is his; unless that is us. */
	if (r == 0 && live && st.supervisor.pid != getpid()) {
		daemon_service_close(new);
		r = -1;
	}
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	(void)close(fd);
	return r;
}

/* In the place it had; or, if that was one that goes by the user and is not
 * there any more, as after a logout, in the other.  Never beside a rival. */
static int
claim_somewhere(struct daemon_service *new, const struct daemon_supervisor *s)
{
	struct daemon_rundirs dirs;
	char rundir[PATH_MAX], *slash;
	size_t i;

	(void)snprintf(rundir, sizeof rundir, "%s", s->path);
	slash = strrchr(rundir, '/');
	if (slash == NULL || slash == rundir)
		return -1;
	*slash = '\0';
	if (claim(new, s, rundir) == 0)
		return 0;
	if (access(rundir, F_OK) == 0 ||
	    daemon_rundirs_find(&dirs, NULL, NULL) == -1)
		return -1;
	for (i = 0; i < dirs.n; i++)
		if (strcmp(dirs.path[i], rundir) == 0)
			return claim(new, s, dirs.path[dirs.n - 1]);
	return -1;
}

static void
put_definition(const struct daemon_supervisor *s)
{
	struct daemon_bytes b = { 0 };

	if (daemon_record_state(&b, s->d) == 0)
		(void)daemon_record_write(
		    s->service.dir, DAEMON_RECORD_STATE, b.p, b.n, "", 0);
	daemon_bytes_clear(&b);
}

static int
is_missing(const struct daemon_supervisor *s, const char *name)
{
	return faccessat(s->service.dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == -1;
}

/* Who goes by his pidfile has no other. */
static int
lacks_pid(const struct daemon_supervisor *s)
{
	return s->st.id.pid != 0 && s->d->name[0] != '%' &&
	    is_missing(s, DAEMON_SERVICE_PID);
}

static int
has_gaps(const struct daemon_supervisor *s)
{
	return lacks_pid(s) || is_missing(s, DAEMON_CONTROL) ||
	    (s->pool != NULL && daemon_pool_has_gaps(s->pool)) ||
	    is_missing(s, DAEMON_RECORD_PUBLIC) ||
	    is_missing(s, DAEMON_RECORD_STATE);
}

/* What is not there.  -1: it still is not. */
static int
fill(struct daemon_supervisor *s)
{
	if (lacks_pid(s))
		(void)daemon_enrol(&s->service, s->d, s->st.id.pid);
	if (is_missing(s, DAEMON_RECORD_STATE))
		put_definition(s);
	if (is_missing(s, DAEMON_CONTROL)) {
		daemon_control_close(&s->control, s->service.dir);
		(void)daemon_control_open(&s->control, s->service.dir);
	}
	if (is_missing(s, DAEMON_RECORD_PUBLIC)) {
		s->stale = DAEMON_STALE;
		daemon_supervisor_publish(s, NULL);
	}
	if (s->pool != NULL)
		daemon_pool_rebuild(s->pool);
	return has_gaps(s) ? -1 : 0;
}

/* All that was there. */
static int
move_in(struct daemon_supervisor *s, const struct daemon_service *new)
{
	daemon_control_close(&s->control, s->service.dir);
	daemon_service_close(&s->service);
	s->service = *new;
	free(s->path);
	s->path = path_of(s->service.dir);
	watch_both(s);
	if (s->notified.fd != -1)
		daemon_notified_rename(
		    &s->notified, s->service.dir, s->instance.uid);
	daemon_keeping_move(s);
	return fill(s);
}

/* Does its path lead to what is locked? */
static int
is_lost(const struct daemon_supervisor *s)
{
	char path[PATH_MAX + 8];
	struct stat a, b;

	(void)snprintf(path, sizeof path, "%s/lock", s->path);
	return fstat(s->service.lock, &a) == 0 &&
	    (lstat(path, &b) == -1 || a.st_ino != b.st_ino ||
		a.st_dev != b.st_dev);
}

static int
rebuild(struct daemon_supervisor *s)
{
	struct daemon_service new;

	if (!is_lost(s))
		return fill(s);
	return claim_somewhere(&new, s) == 0 ? move_in(s, &new) : -1;
}

void
daemon_rebuild_look(struct daemon_supervisor *s)
{
	long long now = daemon_clock_steady();
	char events[512];

	if (s->path == NULL)
		return;
	if (s->watch != -1 && read(s->watch, events, sizeof events) > 0 &&
	    (is_lost(s) || has_gaps(s)))
		s->rebuild_ms = now + SETTLE_MS;
	if (s->rebuild_ms == 0 || now < s->rebuild_ms)
		return;
	s->rebuild_ms = rebuild(s) == -1 ? now + AGAIN_MS : 0;
}
