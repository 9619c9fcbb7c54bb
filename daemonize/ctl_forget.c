/* SPDX-License-Identifier: ISC */
/* forget: remove the record of a service that does not run. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/at.h"
#include "../libdaemon/identity/heirs.h"
#include "../libdaemon/identity/leftfile.h"
#include "../libdaemon/identity/cgroup.h"
#include "../libdaemon/identity/retire.h"
#include "../libdaemon/identity/workers.h"
#include "../libdaemon/output/spool.h"
#include "ctl.h"
#include "messages.h"
#include "render.h"

/* Also what a supervisor that was killed has left.  The lock goes last:
 * whoever waits for it sees that the name is gone. */
static void
erase(const struct daemon_service *s, int rundir, const char *name)
{
	daemon_workers_clear(s->dir);
	daemon_at_empty(s->dir, "lock");
	daemon_service_discard(s, rundir, name);
}

static int
is_alias_of(int dir, const char *name)
{
	char owner[DAEMON_NAME_MAX + 1];

	return daemon_service_alias(dir, owner) == 0 &&
	    strcmp(owner, name) == 0;
}

/* A pidfile's own directory; unless it is about to be somebody else's. */
static void
erase_alias(const struct target *t, const char *alias)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_service s;
	int live, is_ours;

	/* Locking would make it. */
	if (daemon_service_open(&s, t->rundir, alias, NULL) == -1)
		return;
	is_ours = is_alias_of(s.dir, t->name);
	daemon_service_close(&s);
	if (!is_ours ||
	    daemon_service_lock(&s, t->rundir, alias, DAEMON_LOCK_NOW, &d, &st,
		&live, NULL) == -1)
		return;
	if (!live && is_alias_of(s.dir, t->name))
		erase(&s, t->rundir, alias);
	daemon_service_close(&s);
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
}

/* Of every pidfile it ever had. */
static void
erase_aliases(const struct target *t)
{
	DIR *dir = daemon_at_list(t->rundir, ".");
	const struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] == '%')
			erase_alias(t, e->d_name);
	if (dir != NULL)
		(void)closedir(dir);
}

/* held: bytes that waited for its log. */
static void
say_forgotten(const struct ctl *c, const struct target *t, ssize_t held)
{
	char text[24];

	if (held > 0) {
		render_bytes(text, sizeof text, (unsigned long long)held);
		message("forget: %s: what its log could not take is lost: %s",
		    t->shown, text);
	}
	if (!c->quiet)
		(void)printf("%s: forgotten\n", t->shown);
}

int
verb_forget(const struct ctl *c, struct target *t)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_fault f = { 0 };
	struct daemon_service s;
	ssize_t held;
	pid_t left;
	int live, r;

	if (!t->recorded) {
		message("forget: %s: no record of it", t->shown);
		return CTL_UNKNOWN;
	}
	r = daemon_service_lock(&s, t->rundir, t->name, DAEMON_LOCK_UNLESS_LIVE,
	    &d, &st, &live, &f);
	if (live) {
		message("forget: %s: %s, pid %ld: stop it first", t->shown,
		    st.id.pid != 0 ? "runs" : "is supervised",
		    (long)(st.id.pid != 0 ? st.id.pid : st.supervisor.pid));
		r = CTL_FAILED;
	} else if (r == -1) {
		r = ctl_fault(c, t->shown, &f);
	} else if ((left = daemon_heirs_live(s.dir, &d)) != 0) {
		message(d.restart != NULL
			? "forget: %s: its last instance has left pid %ld: "
			  "stop it first"
			: "forget: %s: a stop of it was cut short, pid %ld of "
			  "it runs: stop it first",
		    t->shown, (long)left);
		r = CTL_FAILED;
	} else if ((left = daemon_spool_keeper(s.dir)) != 0) {
		message("forget: %s: its keeper, pid %ld, still has lines for "
			"its log",
		    t->shown, (long)left);
		r = CTL_FAILED;
	} else {
		held = daemon_spool_peek(s.dir);
		erase_aliases(t);
		(void)daemon_retire_pidfile(t->d.pidfile,
		    daemon_definition_in_place(&t->d), t->st.id.pid, NULL);
		daemon_cgroup_remove_both(t->d.cgroup, t->d.memory_group);
		erase(&s, t->rundir, t->name);
		say_forgotten(c, t, held);
	}
	daemon_service_close(&s);
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return r;
}
