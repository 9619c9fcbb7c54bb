/* SPDX-License-Identifier: ISC */
/*
 * start and restart: what was recorded, executed again, the same way the
 * first start was.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/identity/leftfile.h"
#include "../libdaemon/start/start.h"
#include "../libdaemon/supervise/launch.h"
#include "ctl.h"
#include "ctl_workers.h"
#include "messages.h"
#include "progress.h"
#include "status.h"

/* Instead of a status: it is to be started. */
enum { NOT_YET = -1 };

/* Can the recorded definition be started without the person who did? */
static int
repeatable(const struct ctl *c, const struct target *t,
    const struct daemon_definition *d)
{
	const char *why = NULL;

	if (d->keep.n > 0)
		why = "was started with --keep-fd, which nobody can repeat: "
		      "start it as before";
	else if (d->foreground)
		why = "was started with -F: start it as before";
	else if (d->command == NULL || d->argv.n == 0)
		why = "its record names no command";
	if (why == NULL)
		return CTL_DONE;
	message("%s: %s: %s", c->verb, t->shown, why);
	return CTL_NO_FEATURE;
}

static int
read_definition(
    const struct ctl *c, const struct target *t, struct daemon_definition *d)
{
	int r;

	if (!t->recorded && t->proof == DAEMON_PROOF_DEAD) {
		message("%s: %s: nothing runs, and there is no record of it",
		    c->verb, t->shown);
		return CTL_UNKNOWN;
	}
	if (!t->recorded) {
		message("%s: %s: not started by daemonize: it can be stopped, "
			"not started",
		    c->verb, t->shown);
		return CTL_NO_FEATURE;
	}
	r = target_definition(t, c, d);
	if (r != CTL_DONE)
		return r;
	/* Only the very first start empties the output files. */
	d->truncate = 0;
	d->again = 1;
	return repeatable(c, t, d);
}

static int
running(const struct ctl *c, const struct target *t, pid_t pid,
    enum daemon_state state)
{
	if (!c->quiet && pid == 0)
		(void)printf("%s: already supervised, and %s\n", t->shown,
		    state == DAEMON_STATE_STARTING ? "being started"
						   : "tried again soon");
	else if (!c->quiet)
		(void)printf("%s: already running, pid %ld%s\n", t->shown,
		    (long)pid,
		    t->st.drained ? ", but drained (daemonctl resume)" : "");
	return CTL_DONE;
}

/* pid 0: not for long, and its supervisor tries again (--keep-trying). */
static void
say_running(
    const struct ctl *c, const struct target *t, const struct daemon_outcome *o)
{
	if (c->quiet)
		return;
	if (o->pid != 0) {
		(void)printf("%s: running, pid %ld\n", t->shown, (long)o->pid);
		return;
	}
	message("%s: %s: %s: it is tried again", c->verb, t->shown,
	    daemon_fault_reason(&o->fault));
	if (o->last != NULL)
		message_last_lines(o->last);
}

static int
said(const struct ctl *c, const struct target *t, struct daemon_outcome *o)
{
	int r;

	switch (o->verdict) {
	case DAEMON_VERDICT_RUNNING: say_running(c, t, o); return CTL_DONE;
	case DAEMON_VERDICT_ALREADY:
		if (o->rival.name[0] == '\0') { /* somebody not ours */
			(void)ctl_fault(c, t->shown, &o->fault);
			return CTL_FAILED;
		}
		return running(c, t, o->rival.pid, o->rival.state);
	case DAEMON_VERDICT_NOT_FOUND:
		(void)ctl_fault(c, t->shown, &o->fault);
		return CTL_NO_COMMAND;
	case DAEMON_VERDICT_NOT_EXECUTABLE:
		(void)ctl_fault(c, t->shown, &o->fault);
		return CTL_FAILED;
	case DAEMON_VERDICT_FAILED:
	case DAEMON_VERDICT_DIED:
	case DAEMON_VERDICT_INTERRUPTED:
		r = ctl_fault(c, t->shown, &o->fault);
		if (o->last != NULL)
			message_last_lines(o->last);
		return r;
	}
	return CTL_FAILED;
}

/* It stays in the place where it was found. */
static void
put_first(struct daemon_rundirs *dirs, const char *place)
{
	size_t i;

	for (i = 1; i < dirs->n; i++)
		if (strcmp(dirs->path[i], place) == 0) {
			dirs->path[i] = dirs->path[0];
			dirs->path[0] = place;
		}
}

static int
start(const struct ctl *c, struct target *t, struct daemon_definition *d)
{
	struct daemon_rundirs dirs = c->dirs;
	struct daemon_outcome o = { 0 };
	int r;

	put_first(&dirs, t->place);
	progress(c, t->shown, "waiting until it is ready");
	(d->restart != NULL ? daemon_launch : daemon_start)(
	    &o, d, &dirs, t->service.lock != -1 ? &t->service : NULL);
	progress_end();
	r = said(c, t, &o);
	daemon_outcome_clear(&o);
	return r;
}

/* Of one that was to be restarted: what is in the way has not ended it. */
static void
say_it_runs_on(const struct target *t, struct daemon_fault *f)
{
	if (status_code(t) == STATUS_RUNNING)
		ctl_fault_add(f, "; it runs on");
}

static int
check(const struct ctl *c, const struct target *t,
    const struct daemon_definition *d)
{
	struct daemon_fault f = { 0 };
	int r;

	if (d->check == NULL)
		return CTL_DONE;
	progress(c, t->shown, "waiting for its --check");
	r = daemon_check(d, &f);
	progress_end();
	if (r == 0)
		return CTL_DONE;
	say_it_runs_on(t, &f);
	return ctl_fault(c, t->shown, &f);
}

/* What could not be started again is not stopped first. */
static int
rehearse(
    const struct ctl *c, struct target *t, const struct daemon_definition *d)
{
	struct daemon_outcome o = { 0 };

	daemon_rehearse(&o, d);
	if (o.verdict == DAEMON_VERDICT_RUNNING && d->restart != NULL &&
	    !t->supervised)
		daemon_launch_rehearse(&o);
	if (o.verdict == DAEMON_VERDICT_RUNNING)
		return CTL_DONE;
	say_it_runs_on(t, &o.fault);
	return said(c, t, &o);
}

/* Room for its record, until it is started: stopping may need some, too.
 * *fd is what holds it, or -1. */
static int
reserve(const struct ctl *c, const struct target *t,
    const struct daemon_definition *d, int *fd)
{
	struct daemon_fault f = { 0 };

	*fd = daemon_record_reserve(t->service.dir, d);
	if (*fd != -1 || errno == EOPNOTSUPP)
		return CTL_DONE;
	(void)daemon_fault_set(&f, "record", t->name, NULL);
	say_it_runs_on(t, &f);
	return ctl_fault(c, t->shown, &f);
}

/* By its supervisor, which may be at it. */
static int
start_supervised(const struct ctl *c, struct target *t)
{
	struct daemon_definition d = { 0 };
	int r = CTL_DONE;

	if (t->st.state == DAEMON_STATE_BACKOFF ||
	    t->st.state == DAEMON_STATE_STOPPING || workers_missing(t) > 0)
		r = target_definition(t, c, &d);
	if (r == CTL_DONE)
		r = check(c, t, &d);
	daemon_definition_clear(&d);
	return r == CTL_DONE ? supervisor_restart(c, t, DAEMON_REQUEST_START)
			     : r;
}

/* What runs, or its supervisor starts now.  A stop under way is waited for. */
static int
has_begun(const struct ctl *c, struct target *t)
{
	const int stopping = t->st.stopping != 0;
	int r;

	if (t->supervised &&
	    (t->st.id.pid == 0 || t->st.state == DAEMON_STATE_BACKOFF ||
		t->st.state == DAEMON_STATE_STOPPING ||
		(t->st.state == DAEMON_STATE_READY &&
		    workers_missing(t) > 0))) {
		r = start_supervised(c, t);
		if (r != SUPERVISOR_GONE)
			return r;
		if (target_refresh(t) == -1)
			return CTL_UNKNOWN;
	}
	if (t->supervised)
		return running(c, t, t->st.id.pid, t->st.state);
	if (!t->recorded || t->proof != DAEMON_PROOF_ALIVE)
		return NOT_YET;
	if (t->d.restart == NULL)
		return daemon_service_is_locked(&t->service)
		    ? NOT_YET
		    : running(c, t, t->st.id.pid, t->st.state);
	r = verb_adopt(c, t);
	if (r == CTL_DONE && stopping) {
		r = target_again(t, c);
		return r == CTL_DONE ? has_begun(c, t) : r;
	}
	/* It was stopped meanwhile, and is ours to start. */
	return r == CTL_DONE && t->service.lock != -1 &&
		t->proof == DAEMON_PROOF_DEAD
	    ? NOT_YET
	    : r;
}

int
verb_start(const struct ctl *c, struct target *t)
{
	struct daemon_definition d = { 0 };
	int r = has_begun(c, t);

	if (r != NOT_YET)
		return r;
	r = read_definition(c, t, &d);
	if (r == CTL_DONE)
		r = check(c, t, &d);
	if (r == CTL_DONE)
		r = start(c, t, &d);
	daemon_definition_clear(&d);
	return r;
}

/* A stop of it was cut short, after its main process. */
static int
is_unfinished(const struct target *t)
{
	return t->recorded &&
	    (t->left != 0 ||
		faccessat(t->service.dir, DAEMON_LEFT, F_OK, 0) == 0);
}

/* Its keeper has that, and may be waiting for the disk. */
static void
leave_log(struct daemon_definition *d)
{
	if (!d->captured)
		return;
	free(d->out);
	free(d->err);
	d->out = d->err = NULL;
}

/* Its supervisor does it, as it was recorded. */
static int
restart_supervised(const struct ctl *c, struct target *t)
{
	struct daemon_definition d = { 0 };
	int r = target_definition(t, c, &d), room = -1;

	leave_log(&d);
	if (r == CTL_DONE)
		r = rehearse(c, t, &d);
	if (r == CTL_DONE)
		r = reserve(c, t, &d, &room);
	if (r == CTL_DONE)
		r = check(c, t, &d);
	if (room != -1)
		(void)close(room);
	if (r == CTL_DONE)
		r = supervisor_restart(c, t, DAEMON_REQUEST_RESTART);
	daemon_definition_clear(&d);
	return r;
}

/* Nobody else starts or restarts it meanwhile: the lock is ours. */
static int
restart_alone(const struct ctl *c, struct target *t)
{
	struct daemon_definition d = { 0 };
	struct daemon_fault untidy; /* a start tidies up, too */
	int r, room = -1;

	r = read_definition(c, t, &d);
	if (r == CTL_DONE)
		r = rehearse(c, t, &d);
	if (r == CTL_DONE)
		r = reserve(c, t, &d, &room);
	if (r == CTL_DONE)
		r = check(c, t, &d);
	if (r == CTL_DONE &&
	    (t->proof != DAEMON_PROOF_DEAD || is_unfinished(t)))
		r = stop_untidy(c, t, &untidy);
	if (room != -1)
		(void)close(room);
	if (r == CTL_DONE)
		r = start(c, t, &d);
	daemon_definition_clear(&d);
	return r;
}

int
verb_restart(const struct ctl *c, struct target *t)
{
	int r;

	while (t->recorded && t->d.restart != NULL) {
		r = supervisor_settle(c, t);
		if (r == CTL_DONE)
			r = t->supervised ? restart_supervised(c, t)
					  : restart_alone(c, t);
		if (r != SUPERVISOR_GONE)
			return r;
		if (target_refresh(t) == -1)
			break; /* it was forgotten since: told below */
	}
	r = t->recorded ? target_lock(t, c, DAEMON_LOCK_ANYWAY) : CTL_DONE;
	return r == CTL_DONE ? restart_alone(c, t) : r;
}
