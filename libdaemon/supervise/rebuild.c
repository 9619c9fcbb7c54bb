/* SPDX-License-Identifier: ISC */
#include <sys/inotify.h>
#include <sys/stat.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/retire.h"
#include "publish.h"
#include "rebuild.h"

enum {
	SETTLE_MS = 100, /* for whoever is still removing */
	AGAIN_MS = 10000 /* where it could not be made */
};

/* RUNDIR/NAME, as it was; NULL if that cannot be told. */
static char *
path_of(int dir)
{
	char proc[40], path[PATH_MAX];
	ssize_t n;

	(void)snprintf(proc, sizeof proc, "/proc/self/fd/%d", dir);
	n = readlink(proc, path, sizeof path - 1);
	if (n <= 0)
		return NULL;
	path[n] = '\0';
	return strdup(path);
}

/* The file, not its name: that it has lost its name is what is told. */
static void
watch_lock(struct daemon_supervisor *s)
{
	char proc[40];

	(void)snprintf(proc, sizeof proc, "/proc/self/fd/%d", s->service.lock);
	if (s->watch != -1)
		(void)inotify_add_watch(s->watch, proc, IN_ATTRIB);
}

void
daemon_rebuild_watch(struct daemon_supervisor *s)
{
	s->path = path_of(s->service.dir);
	s->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	watch_lock(s);
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
	/* Somebody has been started meanwhile: it is his. */
	if (r == 0 && live) {
		daemon_service_close(new);
		r = -1;
	}
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	(void)close(fd);
	return r;
}

static int
claim_somewhere(struct daemon_service *new, const struct daemon_supervisor *s)
{
	struct daemon_rundirs dirs;
	char *rundir = s->path != NULL ? strdup(s->path) : NULL;
	char *slash = rundir != NULL ? strrchr(rundir, '/') : NULL;
	int r = -1;

	if (slash != NULL && slash > rundir) {
		*slash = '\0';
		r = claim(new, s, rundir);
	}
	free(rundir);
	if (r == -1 && daemon_rundirs_find(&dirs, NULL, NULL) == 0)
		r = claim(new, s, dirs.path[dirs.n - 1]);
	return r;
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

/* All that was there. */
static void
move_in(struct daemon_supervisor *s, const struct daemon_service *new)
{
	daemon_control_close(&s->control, s->service.dir);
	daemon_service_close(&s->service);
	s->service = *new;
	free(s->path);
	s->path = path_of(s->service.dir);
	watch_lock(s);
	put_definition(s);
	(void)daemon_control_open(&s->control, s->service.dir);
	if (s->notified.fd != -1)
		daemon_notified_rename(
		    &s->notified, s->service.dir, s->instance.uid);
	if (s->st.id.pid != 0)
		(void)daemon_enrol(&s->service, s->d, s->st.id.pid);
	s->stale = DAEMON_STALE;
	daemon_supervisor_publish(s, 0);
}

void
daemon_rebuild_look(struct daemon_supervisor *s)
{
	long long now = daemon_clock_steady();
	char events[512];
	struct daemon_service new;
	struct stat st;

	if (s->watch != -1 && read(s->watch, events, sizeof events) > 0 &&
	    fstat(s->service.lock, &st) == 0 && st.st_nlink == 0)
		s->rebuild_ms = now + SETTLE_MS;
	if (s->rebuild_ms == 0 || now < s->rebuild_ms)
		return;
	s->rebuild_ms = 0;
	if (claim_somewhere(&new, s) == 0)
		move_in(s, &new);
	else
		s->rebuild_ms = now + AGAIN_MS;
}
