/* SPDX-License-Identifier: ISC */
/*
 * From a name or a pidfile to a process that was proved, or to the knowledge
 * that there is none.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/identity/heirs.h"
#include "../libdaemon/identity/workers.h"
#include "../libdaemon/identity/pidtext.h"
#include "ctl.h"
#include "messages.h"
#include "progress.h"

static void
empty(struct target *t)
{
	*t = (struct target){
		.rundir = -1, .pidfd = -1, .service = DAEMON_SERVICE_NONE
	};
}

void
target_close(struct target *t)
{
	if (t->pidfd != -1)
		(void)close(t->pidfd);
	if (t->rundir != -1)
		(void)close(t->rundir);
	daemon_service_close(&t->service);
	daemon_definition_clear(&t->d);
	daemon_status_clear(&t->st);
	empty(t);
}

/* Does somebody watch over it, here or in a namespace we cannot see into? */
static int
is_supervised(const struct target *t)
{
	enum daemon_proof proof;

	if (t->st.supervisor.pid == 0)
		return 0;
	proof = daemon_identity_prove(&t->st.supervisor);
	if (proof == DAEMON_PROOF_ALIVE)
		return !daemon_process_is_dying(t->st.supervisor.pid);
	return proof == DAEMON_PROOF_ELSEWHERE && t->service.lock == -1 &&
	    daemon_service_is_watched(&t->service);
}

/* Its supervisor may be late to tell of its end, or unable to: no room on the
 * disk, no descriptor. */
static enum daemon_state
state_supervised(const struct target *t)
{
	if (t->proof == DAEMON_PROOF_DEAD && t->st.id.pid != 0 &&
	    (t->st.state == DAEMON_STATE_READY ||
		t->st.state == DAEMON_STATE_RELOADING))
		return DAEMON_STATE_STOPPING;
	return t->st.state;
}

static enum daemon_state
state_alive(const struct target *t)
{
	if (t->st.stopping)
		return DAEMON_STATE_STOPPING;
	if (t->d.restart != NULL)
		return DAEMON_STATE_UNSUPERVISED;
	/* Nobody rewrites the record of a launcher that was killed. */
	if (t->st.state == DAEMON_STATE_STARTING &&
	    daemon_clock_wall() - t->st.since > t->d.ready_ms)
		return DAEMON_STATE_READY;
	return t->st.state == DAEMON_STATE_STARTING ? DAEMON_STATE_STARTING
						    : DAEMON_STATE_READY;
}

static void
judge(struct target *t)
{
	t->pidfd = daemon_identity_open(&t->st.id, &t->proof);
	if (t->proof == DAEMON_PROOF_UNKNOWN)
		return; /* errno says why */
	t->supervised = is_supervised(t);
	/* Their supervisor is who is meant, or, where there is none, one of
	 * the workers. */
	if (t->d.workers > 0 && t->proof != DAEMON_PROOF_ALIVE &&
	    daemon_workers_live(t->service.dir, &t->st.id) != 0)
		t->pidfd = daemon_identity_open(&t->st.id, &t->proof);
	if (t->supervised) {
		t->state = state_supervised(t);
		if (t->proof == DAEMON_PROOF_DEAD)
			t->st.id.pid = 0; /* between two of them */
		return;
	}
	/* Locked: it runs, in a namespace we cannot see into. */
	if (t->proof == DAEMON_PROOF_ALIVE ||
	    (t->proof == DAEMON_PROOF_ELSEWHERE &&
		daemon_service_is_locked(&t->service))) {
		t->state = state_alive(t);
		/* A program's own record does not tell them. */
		if (t->pidfd != -1 && t->d.argv.n == 0)
			target_arguments(t, t->st.id.pid);
		return;
	}
	t->st.working = 0;
	t->state = t->st.stopping ? DAEMON_STATE_STOPPED
	    : t->st.state == DAEMON_STATE_FAILED ||
		t->st.state == DAEMON_STATE_STOPPED
	    ? t->st.state
	    : DAEMON_STATE_EXITED;
	t->pidfile_left = t->state == DAEMON_STATE_EXITED &&
	    t->d.pidfile != NULL && access(t->d.pidfile, F_OK) == 0;
	t->left = daemon_heirs_live(t->service.dir, &t->d);
}

int
target_refresh(struct target *t)
{
	if (t->pidfd != -1)
		(void)close(t->pidfd);
	t->pidfd = -1;
	t->pidfile_left = 0;
	t->left = 0;
	t->supervised = 0;
	daemon_definition_clear(&t->d);
	daemon_status_clear(&t->st);
	if (daemon_record_read(
		t->service.dir, DAEMON_RECORD_PUBLIC, &t->d, &t->st) == -1)
		return -1;
	t->recorded = 1;
	judge(t);
	return 0;
}

/* Who acts waits for a start under way; who looks does not. */
static int
settle(const struct target *t, const struct ctl *c, struct daemon_fault *f)
{
	int r;

	if (!c->patient)
		return 0;
	progress(c, t->name, "waiting: it is being started");
	r = daemon_service_settle(&t->service, t->name, f);
	progress_end();
	return r;
}

int
target_may_lock(const struct target *t, const struct ctl *c)
{
	/* What cannot be recorded can be stopped all the same. */
	if (faccessat(t->service.dir, ".", W_OK, AT_EACCESS) == 0 ||
	    errno == EROFS)
		return CTL_DONE;
	message("%s: %s: %s", c->verb, t->shown, strerror(errno));
	return CTL_DENIED;
}

int
target_lost(const struct ctl *c, const struct target *t)
{
	int gone = errno == ENOENT;

	message("%s: %s: %s", c->verb, t->shown,
	    gone ? "was forgotten meanwhile" : strerror(errno));
	return gone ? CTL_UNKNOWN : CTL_FAILED;
}

int
target_lock(
    struct target *t, const struct ctl *c, enum daemon_patience patience)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_service s;
	struct daemon_fault f;
	int live, r;

	progress(c, t->shown, "waiting: it is being started or stopped");
	r = daemon_service_lock(
	    &s, t->rundir, t->name, patience, &d, &st, &live, &f);
	progress_end();
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	if (r == -1)
		return patience == DAEMON_LOCK_NOW ? CTL_DONE
						   : ctl_fault(c, t->shown, &f);
	daemon_service_close(&t->service);
	t->service = s;
	if (target_refresh(t) == 0)
		return CTL_DONE;
	r = target_lost(c, t);
	daemon_service_discard(&s, t->rundir, t->name);
	return r;
}

/* 1: found; 0: not there; -1: f filled. */
static int
look_in(struct target *t, const struct ctl *c, const char *name,
    struct daemon_fault *f)
{
	t->rundir = daemon_rundir_open(t->place, 0, f);
	if (t->rundir == -1)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	(void)snprintf(t->name, sizeof t->name, "%s", name);
	if (daemon_service_open(&t->service, t->rundir, name, f) == -1)
		return errno == ENOENT ? 0 : -1;
	if (settle(t, c, f) == -1)
		return -1;
	if (name[0] == '%' &&
	    daemon_service_alias(t->service.dir, t->name) == 0) {
		daemon_service_close(&t->service);
		if (daemon_service_open(&t->service, t->rundir, t->name, f) ==
		    -1)
			return errno == ENOENT ? 0 : -1;
		if (settle(t, c, f) == -1)
			return -1;
	}
	if (target_refresh(t) == 0) {
		if (t->proof != DAEMON_PROOF_UNKNOWN)
			return 1;
		return daemon_fault_set(f, "record", t->name,
		    "cannot tell whether pid %ld runs: %s", (long)t->st.id.pid,
		    strerror(errno));
	}
	if (errno == ENOENT)
		return 0; /* a first start under way, or one that failed */
	return daemon_record_fault(
	    f, t->name, t->service.dir, DAEMON_RECORD_PUBLIC);
}

static int
look_everywhere(
    struct target *t, const struct ctl *c, const char *name, const char *shown)
{
	struct daemon_fault f, first = { 0 };
	size_t i;
	int r = 0;

	/* Where one place cannot be looked at, another may have it. */
	for (i = 0; r != 1 && i < c->places.n; i++) {
		target_close(t);
		t->place = c->places.path[i];
		r = look_in(t, c, name, &f);
		if (r == -1 && first.step == NULL)
			first = f;
	}
	if (r == 1)
		return CTL_DONE;
	target_close(t);
	if (first.step == NULL)
		return CTL_UNKNOWN;
	return c->mute ? CTL_FAILED : ctl_fault(c, shown, &first);
}

/* A name, or what daemon_name_of_pidfile() makes of a path. */
static int
name_ok(const char *name)
{
	return name[0] == '%'
	    ? strlen(name) <= DAEMON_NAME_MAX && strchr(name, '/') == NULL
	    : daemon_name_ok(name);
}

int
target_by_name(struct target *t, const struct ctl *c, const char *name)
{
	int r;

	empty(t);
	if (!name_ok(name)) {
		if (!c->mute)
			message("%s: %s: not a name", c->verb, name);
		return CTL_UNKNOWN;
	}
	r = look_everywhere(t, c, name, name);
	if (r == CTL_UNKNOWN && !c->mute)
		message("%s: %s: no such service", c->verb, name);
	if (r != CTL_DONE)
		return r;
	/* A service known by its pidfile alone goes by that. */
	message_escape(t->shown, sizeof t->shown,
	    t->name[0] == '%' && t->d.pidfile != NULL ? t->d.pidfile : t->name);
	return CTL_DONE;
}

int
target_again(struct target *t, const struct ctl *c)
{
	char name[sizeof t->name];

	(void)strcpy(name, t->name);
	target_close(t);
	return target_by_name(t, c, name);
}

/* Ours is dead, and the file names somebody who lives. */
static int
is_taken_over(struct target *t, const struct ctl *c,
    const struct daemon_walk *w, const char *base)
{
	struct daemon_pidfile_found found;

	if (t->proof != DAEMON_PROOF_DEAD ||
	    daemon_pidfile_look(&found, w->fd, base, (uid_t)-1, "", NULL) ==
		-1 ||
	    found.pid <= 0)
		return 0;
	/* A start since we looked wrote it before its record, and what it
	 * started may have been stopped since. */
	if (settle(t, c, NULL) == -1 || daemon_service_is_locked(&t->service) ||
	    target_refresh(t) == -1)
		return 0;
	return t->proof == DAEMON_PROOF_DEAD && found.pid != t->st.id.pid &&
	    daemon_pidfd_lives(found.pid);
}

int
target_by_pidfile(struct target *t, const struct ctl *c)
{
	char name[DAEMON_NAME_MAX + 1];
	struct daemon_walk w;
	struct daemon_fault f;
	const char *base;
	int r;

	empty(t);
	message_escape(t->shown, sizeof t->shown, c->pidfile);
	if (daemon_walk_to_parent(&w, c->pidfile, &base, "pidfile", &f) == -1) {
		if (errno != ENOENT || access(c->pidfile, F_OK) == 0)
			return ctl_fault(c, c->pidfile, &f);
		target_nobody(t, c);
		return CTL_DONE;
	}
	daemon_name_of_pidfile(name, w.path, base);
	r = look_everywhere(t, c, name, c->pidfile);
	if (r == CTL_DONE && is_taken_over(t, c, &w, base)) {
		target_close(t);
		r = CTL_UNKNOWN;
	}
	if (r == CTL_UNKNOWN)
		r = target_stranger(t, c, &w, base);
	message_escape(t->shown, sizeof t->shown,
	    t->recorded && t->name[0] != '%' ? t->name : c->pidfile);
	(void)close(w.fd);
	return r;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
has_record(int rundir, const char *name)
{
	char owner[DAEMON_NAME_MAX + 1];
	struct daemon_service s;
	int r;

	if (daemon_service_open(&s, rundir, name, NULL) == -1)
		return 0;
	/* A pidfile of a named service is listed by that name. */
	r = daemon_service_alias(s.dir, owner) == -1 &&
	    faccessat(s.dir, DAEMON_RECORD_PUBLIC, F_OK, 0) == 0;
	daemon_service_close(&s);
	return r;
}

/* Sort, and drop what is there twice (the same name in two places). */
static void
sort_names(struct daemon_list *names)
{
	size_t i, n = 0;

	if (names->n < 2)
		return;
	qsort(names->v, names->n, sizeof *names->v, compare);
	for (i = 0; i < names->n; i++)
		if (n == 0 || strcmp(names->v[n - 1], names->v[i]) != 0)
			names->v[n++] = names->v[i];
	names->n = n;
	names->v[n] = NULL;
}

int
target_names(struct daemon_list *names, const struct ctl *c,
    const struct daemon_rundirs *dirs)
{
	struct daemon_fault f = { .step = "rundir" };
	const struct dirent *e;
	int bad = CTL_DONE;
	size_t i;
	DIR *dir;
	int fd, r = 0;

	for (i = 0; r == 0 && i < dirs->n; i++) {
		fd = daemon_rundir_open(dirs->path[i], 0, &f);
		dir = fd != -1 ? fdopendir(fd) : NULL;
		if (dir == NULL) {
			if (errno != ENOENT)
				bad = ctl_fault(c, dirs->path[i], &f);
			continue;
		}
		while (r == 0 && (e = readdir(dir)) != NULL)
			if (e->d_name[0] != '.' && has_record(fd, e->d_name))
				r = daemon_list_add(names, e->d_name);
		(void)closedir(dir);
	}
	sort_names(names);
	return r == -1 ? CTL_FAILED : bad;
}

static void
say_unreadable(const struct ctl *c, const struct target *t)
{
	struct daemon_fault f;

	(void)daemon_record_fault(
	    &f, t->name, t->service.dir, DAEMON_RECORD_STATE);
	(void)ctl_fault(c, t->shown, &f);
}

int
target_definition(
    const struct target *t, const struct ctl *c, struct daemon_definition *d)
{
	int error;

	if (daemon_record_read(t->service.dir, DAEMON_RECORD_STATE, d, NULL) ==
	    0)
		return CTL_DONE;
	error = errno;
	if (error == ENOENT &&
	    faccessat(t->service.dir, DAEMON_RECORD_PUBLIC, F_OK, 0) == -1) {
		errno = ENOENT;
		return target_lost(c, t);
	}
	if (error == ENOENT) {
		message("%s: %s: its definition: there is none (a program's "
			"own pidfile)",
		    c->verb, t->shown);
		return CTL_NO_FEATURE;
	}
	say_unreadable(c, t);
	return error == EACCES || error == EPERM ? CTL_DENIED : CTL_FAILED;
}

int
target_command(const struct target *t, struct daemon_list *words)
{
	const struct daemon_list *argv = &t->d.argv;
	size_t i;

	for (i = 0; i < argv->n; i++)
		if (daemon_list_borrow(words,
			i == 0 && t->d.command != NULL ? t->d.command
						       : argv->v[i]) == -1)
			return -1;
	return 0;
}
