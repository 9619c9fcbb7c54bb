/* SPDX-License-Identifier: ISC */
/*
 * The way of a start: plan, hold, detach, watch; and back again where it
 * failed, so that nothing is left but the record of the failure.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../identity/cgroup.h"
#include "detach.h"
#include "diagnose.h"
#include "start.h"
#include "undo.h"
#include "watch.h"

void
daemon_outcome_clear(struct daemon_outcome *o)
{
	daemon_list_clear(&o->differences);
	free(o->last);
	*o = (struct daemon_outcome){ 0 };
}

static int
make_plan(struct daemon_plan *plan, const struct daemon_definition *d,
    enum daemon_plan_mode mode, struct daemon_fault *f)
{
	if (daemon_plan_make(plan, d, mode) == 0)
		return 0;
	return daemon_fault_set(f, "rlimit", NULL, NULL);
}

static void
forked(struct daemon_outcome *o, const struct daemon_plan *plan,
    struct daemon_held *h)
{
	struct daemon_detached c;
	struct daemon_report r = { 0 };

	if (daemon_detach(&c, plan, h) == -1) {
		o->verdict = DAEMON_VERDICT_FAILED;
		(void)daemon_fault_set(&o->fault, "fork", NULL, NULL);
		daemon_undo(o, h, 0);
		return;
	}
	daemon_watch(o, &r, &c, h);
	switch (o->verdict) {
	case DAEMON_VERDICT_RUNNING:
		if (h->d->ready_ms >= 0)
			daemon_record_ready(h, o->pid, c.middle);
		break;
	case DAEMON_VERDICT_DIED:
		daemon_explain_death(o, h);
		daemon_undo(o, h, c.middle);
		break;
	case DAEMON_VERDICT_FAILED:
		daemon_explain(o, &r, plan, h);
		daemon_undo(o, h, c.middle);
		break;
	case DAEMON_VERDICT_INTERRUPTED: daemon_undo(o, h, c.middle); break;
	case DAEMON_VERDICT_NOT_EXECUTABLE:
	case DAEMON_VERDICT_NOT_FOUND:
	case DAEMON_VERDICT_ALREADY: break;
	}
	/* Last: its number is that of the session and the group. */
	while (waitpid(c.middle, NULL, 0) == -1 && errno == EINTR)
		continue;
}

void
daemon_start(struct daemon_outcome *o, struct daemon_definition *d,
    const struct daemon_rundirs *dirs, struct daemon_service *locked)
{
	struct daemon_plan plan;
	struct daemon_held h = DAEMON_HELD_NONE(d);

	*o = (struct daemon_outcome){ .verdict = DAEMON_VERDICT_FAILED };
	if (make_plan(&plan, d, DAEMON_PLAN_DETACH, &o->fault) == -1)
		return;
	if (locked != NULL) {
		h.service = *locked;
		*locked = DAEMON_SERVICE_NONE;
	}
	if (daemon_hold(&h, dirs, &o->rival, &o->fault) == -1) {
		if (errno == EEXIST)
			o->verdict = DAEMON_VERDICT_ALREADY;
		return;
	}
	if (h.service.dir != -1)
		daemon_cgroup_emigrate(h.service.dir);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	forked(o, &plan, &h);
	daemon_held_release(&h, o->verdict != DAEMON_VERDICT_RUNNING);
}

void
daemon_become(struct daemon_outcome *o, struct daemon_definition *d,
    const struct daemon_rundirs *dirs)
{
	struct daemon_plan plan;
	struct daemon_report r;
	struct daemon_held h = DAEMON_HELD_NONE(d);

	*o = (struct daemon_outcome){ .verdict = DAEMON_VERDICT_FAILED };
	if (make_plan(&plan, d, DAEMON_PLAN_FOREGROUND, &o->fault) == -1)
		return;
	if (daemon_hold(&h, dirs, &o->rival, &o->fault) == -1) {
		if (errno == EEXIST)
			o->verdict = DAEMON_VERDICT_ALREADY;
		return;
	}
	/* What is not asked for stays ours: no /dev/null in its place. */
	if (h.null_fd != -1)
		(void)close(h.null_fd);
	h.null_fd = -1;
	(void)daemon_identity_self(&h.id);
	daemon_walk_plan(&plan, &h, &r);
	o->pid = h.id.pid;
	daemon_explain(o, &r, &plan, &h);
	daemon_undo(o, &h, 0);
	daemon_held_release(&h, 1);
}
