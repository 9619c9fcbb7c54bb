/* SPDX-License-Identifier: ISC */
/*
 * One means one: the locks of a name and of a pidfile, and who is there
 * already.  The name's lock is always taken before the pidfile's, so that no
 * two starts wait for each other.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/heirs.h"
#include "claim.h"

static int
already(struct daemon_rival *rival, const struct daemon_status *st,
    const char *name, struct daemon_fault *f)
{
	rival->pid = st->id.pid;
	rival->since = st->started;
	rival->state = st->state;
	(void)snprintf(rival->name, sizeof rival->name, "%s", name);
	errno = EEXIST;
	if (st->id.pid == 0)
		return daemon_fault_set(f, "start", name,
		    "already supervised by pid %ld, and not running now",
		    (long)st->supervisor.pid);
	return daemon_fault_set(
	    f, "start", name, "already running, pid %ld", (long)st->id.pid);
}

/* A service known by its pidfile alone goes by that. */
static const char *
shown(const char *name, const char *pidfile)
{
	return name[0] == '%' && pidfile != NULL ? pidfile : name;
}

/* What a stop that was cut short has left is a part of what ran. */
static int
is_all_gone(const struct daemon_service *s, const char *name,
    const struct daemon_definition *was, struct daemon_fault *f)
{
	pid_t pid = daemon_heirs_live(s->dir, was);

	if (pid == 0)
		return 0;
	errno = EBUSY;
	return daemon_fault_set(f, "start", shown(name, was->pidfile),
	    was->restart != NULL
		? "its last instance has left pid %ld: stop it first"
		: "a stop of it was cut short, pid %ld of it runs: stop it "
		  "first",
	    (long)pid);
}

static int
is_all_gone_there(
    const struct daemon_service *s, const char *name, struct daemon_fault *f)
{
	struct daemon_definition was = { 0 };
	int r;

	(void)daemon_record_read(s->dir, DAEMON_RECORD_PUBLIC, &was, NULL);
	r = is_all_gone(s, name, &was, f);
	daemon_definition_clear(&was);
	return r;
}

/* 0, or -1 if its record names a process that runs, or this cannot be told. */
static int
is_free(int rundir, const char *name, struct daemon_rival *rival,
    struct daemon_fault *f)
{
	struct daemon_status st = { 0 };
	int r = daemon_service_live(rundir, name, &st, f);
	struct daemon_service s;

	if (r == 1)
		r = already(rival, &st, name, f);
	else if (r == 0 && daemon_service_open(&s, rundir, name, NULL) == 0) {
		r = is_all_gone_there(&s, name, f);
		daemon_service_close(&s);
	}
	daemon_status_clear(&st);
	return r;
}

static int
lock_one(struct daemon_held *h, struct daemon_service *s, const char *name,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	char owner[DAEMON_NAME_MAX + 1];
	int live, r;

	r = daemon_service_lock(
	    s, h->rundir, name, DAEMON_LOCK_UNLESS_LIVE, &d, &st, &live, f);
	if (live) {
		/* A supervisor would have the lock. */
		rival->orphaned = r == 0 && d.restart != NULL && !d.foreground;
		r = already(rival, &st, name, f);
	}
	if (live)
		(void)snprintf(
		    f->object, sizeof f->object, "%s", shown(name, d.pidfile));
	if (r == 0 && st.started != 0)
		r = is_all_gone(s, name, &d, f);
	if (r == -1)
		(void)snprintf(rival->name, sizeof rival->name, "%s", name);
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	if (r == -1 || daemon_service_alias(s->dir, owner) == -1)
		return r;
	/* A pidfile that belonged to a named service: is that one up? */
	h->inherits = 1;
	return is_free(h->rundir, owner, rival, f);
}

/* The same name may run from another place (before a login, say). */
static int
look_elsewhere(const struct daemon_rundirs *dirs, const char *name,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	int rundir, r = 0;
	size_t i;

	for (i = 1; r == 0 && i < dirs->n; i++) {
		rundir = daemon_rundir_open(dirs->path[i], 0, NULL);
		if (rundir == -1)
			continue;
		r = is_free(rundir, name, rival, f);
		(void)close(rundir);
	}
	return r;
}

/* The name of a pidfile is made from where it really is, which may be
 * another place than when it was recorded. */
static int
name_it(struct daemon_held *h, struct daemon_fault *f)
{
	struct daemon_definition *d = h->d;
	char *name = h->alias_name;

	if (d->pidfile == NULL)
		return 0;
	daemon_name_of_pidfile(name, h->pid_dir.path, h->pid_base);
	if (d->name != NULL &&
	    (d->name[0] != '%' || strcmp(d->name, name) == 0))
		return 0;
	daemon_service_close(&h->service);
	free(d->name);
	d->name = strdup(name);
	return d->name == NULL ? daemon_fault_set(f, "lock", name, NULL) : 0;
}

int
daemon_claim(struct daemon_held *h, const struct daemon_rundirs *dirs,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	const struct daemon_definition *d = h->d;
	char *name = h->alias_name;
	int r = 0;

	if ((d->name == NULL && d->pidfile == NULL) || h->carry != NULL)
		return 0;
	h->rundir = daemon_rundir_open(dirs->path[0], 1, f);
	if (h->rundir == -1 || name_it(h, f) == -1)
		return -1;
	if (h->service.lock != -1) /* a restart's */
		r = is_free(h->rundir, d->name, rival, f);
	else
		r = lock_one(h, &h->service, d->name, rival, f);
	if (r == 0)
		r = look_elsewhere(dirs, d->name, rival, f);
	if (r == -1 || d->pidfile == NULL || d->name[0] == '%')
		return r;
	return lock_one(h, &h->alias, name, rival, f);
}

int
daemon_claim_take(struct daemon_held *h)
{
	if (h->alias.lock != -1)
		return daemon_service_set_alias(h->alias.dir, h->d->name);
	if (h->inherits)
		(void)unlinkat(h->service.dir, "name", 0);
	return 0;
}

/* Of services that have never been: the directories made for them.  That of
 * a pidfile which belongs to a named service stays that one's. */
void
daemon_claim_drop(struct daemon_held *h)
{
	struct daemon_service *s = &h->service;
	char owner[DAEMON_NAME_MAX + 1];
	int theirs;

	if (s->lock != -1 && daemon_service_alias(s->dir, owner) == -1)
		daemon_service_discard(s, h->rundir, h->d->name);
	theirs = h->alias.lock != -1 &&
	    daemon_service_alias(h->alias.dir, owner) == 0 &&
	    strcmp(owner, h->d->name) != 0;
	if (h->alias.lock != -1 && !theirs && s->dir != -1 &&
	    faccessat(s->dir, DAEMON_RECORD_STATE, F_OK, 0) == -1)
		daemon_service_discard(&h->alias, h->rundir, h->alias_name);
}
