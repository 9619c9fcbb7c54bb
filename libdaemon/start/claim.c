/* SPDX-License-Identifier: ISC */
/*
 * One means one: the locks of a name and of a pidfile, and who is there
 * already.  The name's lock is always taken before the pidfile's, so that no
 * two starts wait for each other.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "claim.h"

enum { LOCK_TIMEOUT_MS = 60000 };

static int
already(struct daemon_rival *rival, const struct daemon_status *st,
    const char *name, struct daemon_fault *f)
{
	rival->pid = st->id.pid;
	rival->since = st->started;
	rival->state = st->state;
	(void)snprintf(rival->name, sizeof rival->name, "%s", name);
	errno = EEXIST;
	return daemon_fault_set(
	    f, "start", name, "already running, pid %ld", (long)st->id.pid);
}

static int
lock_one(struct daemon_service *s, int rundir, const char *name,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	char owner[DAEMON_NAME_MAX + 1];
	int live, r;

	r = daemon_service_lock(
	    s, rundir, name, LOCK_TIMEOUT_MS, &d, &st, &live, f);
	if (live)
		r = already(rival, &st, name, f);
	/* A service known by its pidfile alone goes by that. */
	if (live && name[0] == '%' && d.pidfile != NULL)
		(void)snprintf(f->object, sizeof f->object, "%s", d.pidfile);
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	if (r == -1 || daemon_service_alias(s->dir, owner) == -1)
		return r;
	/* A pidfile that belonged to a named service: is that one up? */
	r = daemon_service_live(rundir, owner, &st, f);
	if (r == 1)
		r = already(rival, &st, owner, f);
	else if (r == 0)
		(void)unlinkat(s->dir, "name", 0); /* no longer its */
	daemon_status_clear(&st);
	return r;
}

/* The same name may run from another place (before a login, say). */
static int
look_elsewhere(const struct daemon_rundirs *dirs, const char *name,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	struct daemon_status st = { 0 };
	int rundir, r = 0;
	size_t i;

	for (i = 1; r == 0 && i < dirs->n; i++) {
		rundir = daemon_rundir_open(dirs->path[i], 0, NULL);
		if (rundir == -1)
			continue;
		r = daemon_service_live(rundir, name, &st, f);
		if (r == 1)
			r = already(rival, &st, name, f);
		daemon_status_clear(&st);
		(void)close(rundir);
	}
	return r;
}

int
daemon_claim(struct daemon_held *h, struct daemon_definition *d,
    const struct daemon_rundirs *dirs, struct daemon_rival *rival,
    struct daemon_fault *f)
{
	char *name = h->alias_name;
	int r = 0;

	if (d->name == NULL && d->pidfile == NULL)
		return 0;
	h->rundir = daemon_rundir_open(dirs->path[0], 1, f);
	if (h->rundir == -1)
		return -1;
	if (d->pidfile != NULL)
		daemon_name_of_pidfile(name, h->pid_dir.path, h->pid_base);
	if (d->name == NULL) {
		d->name = strdup(name);
		if (d->name == NULL)
			return daemon_fault_set(f, "lock", name, NULL);
	}
	r = lock_one(&h->service, h->rundir, d->name, rival, f);
	if (r == 0)
		r = look_elsewhere(dirs, d->name, rival, f);
	if (r == -1 || d->pidfile == NULL || d->name[0] == '%')
		return r;
	r = lock_one(&h->alias, h->rundir, name, rival, f);
	if (r == 0 && daemon_service_set_alias(h->alias.dir, d->name) == -1)
		r = daemon_fault_set(f, "lock", name, NULL);
	return r;
}

/* Of services that have never been: the directories made for them.  That of
 * a pidfile which belongs to a named service stays that one's. */
void
daemon_claim_drop(struct daemon_held *h)
{
	struct daemon_service *s = &h->service;
	char owner[DAEMON_NAME_MAX + 1];

	if (s->lock != -1 && daemon_service_alias(s->dir, owner) == -1)
		daemon_service_discard(s, h->rundir, h->d->name);
	if (h->alias.lock != -1 && s->dir != -1 &&
	    faccessat(s->dir, DAEMON_RECORD_STATE, F_OK, 0) == -1)
		daemon_service_discard(&h->alias, h->rundir, h->alias_name);
}
