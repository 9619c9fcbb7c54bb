/* SPDX-License-Identifier: ISC */
/* stop: end a daemon and its tree, take its pidfiles away, record it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/identity/retire.h"
#include "../libdaemon/stop/recorded.h"
#include "../libdaemon/supervise/journal.h"
#include "../libdaemon/supervise/keeping.h"
#include "ctl.h"
#include "messages.h"
#include "progress.h"

/* What its supervisor would have told of that. */
static void
tell_end(int dir, const char *name, struct daemon_status *st)
{
	const struct daemon_journal_line l = { .ms = st->since,
		.name = name,
		.event = daemon_state_word(st->state),
		.how = "unknown status, stopped",
		.restarts = st->restarts };

	(void)daemon_list_addf(&st->ends, "%lld %s", l.ms, l.how);
	daemon_journal_add(dir, &l);
}

static int
record(const struct daemon_service *s, const struct daemon_definition *d,
    struct daemon_status *st, const char *how, struct daemon_fault *f)
{
	if (daemon_retire(s, d, st->id.pid, f) == -1 ||
	    daemon_retire_supervisor(d, st, f) == -1)
		return -1;
	free(st->ended);
	st->ended = strdup(how);
	st->state = DAEMON_STATE_STOPPED;
	st->stopping = 0;
	st->since = daemon_clock_wall();
	if (d->restart != NULL && st->id.pid != 0)
		tell_end(s->dir, d->name, st);
	daemon_keeping_dismiss(s->dir, d);
	st->keeper.pid = 0;
	st->id.pid = 0;
	/* It is gone, and its pidfile: without this it is "exited". */
	(void)daemon_record_publish(s->dir, d, st);
	return 0;
}

/* It is dead, and that cannot be recorded. */
static int
stays(const struct target *t, struct daemon_fault *f)
{
	char why[sizeof f->reason];

	(void)snprintf(why, sizeof why, "%s",
	    errno == EBUSY ? "somebody holds its lock"
			   : daemon_fault_reason(f));
	return daemon_fault_set(f, "record", t->name,
	    "%.960s: its record and pidfile stay, though it is dead", why);
}

/*
 * Under the lock, so that no start is between: record that it was stopped,
 * unless it has become another instance meanwhile.
 */
static int
mark(struct target *t, const char *how, struct daemon_fault *f)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_service s;
	int live, r;

	if (t->service.lock != -1) /* nothing has changed since we looked */
		return record(&t->service, &t->d, &t->st, how, f);
	r = daemon_service_lock(
	    &s, t->rundir, t->name, DAEMON_LOCK_BRIEFLY, &d, &st, &live, f);
	/* Somebody has started it again. */
	if (r == -1 && errno == EEXIST)
		r = 0;
	else if (r == -1)
		r = stays(t, f);
	else if (r == 0 && !live && st.id.pid == t->st.id.pid)
		r = record(&s, &d, &st, how, f);
	else if (r == 0 && !live && st.started == 0) /* forgotten meanwhile */
		r = daemon_retire_pidfile(t->d.pidfile,
		    daemon_definition_in_place(&t->d), t->st.id.pid, f);
	daemon_service_close(&s);
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return r;
}

static void
say_stopped(const struct ctl *c, const struct target *t, const char *text)
{
	char safe[2048];

	message_escape(safe, sizeof safe, text);
	if (!c->quiet)
		(void)printf("%s: stopped%s%s\n", t->shown,
		    safe[0] != '\0' ? " in " : "", safe);
}

static void
stopped(const struct ctl *c, const struct target *t,
    const struct daemon_stopping *r)
{
	char text[600];

	daemon_stopping_text(text, sizeof text, r);
	say_stopped(c, t, text);
}

static int
survived(const struct ctl *c, const struct target *t,
    const struct daemon_stopping *r, const struct daemon_fault *f)
{
	size_t i;

	if (f->error == EXDEV) {
		message("%s: %s: pid %ld lives in another pid namespace",
		    c->verb, t->shown, (long)t->st.id.pid);
		return CTL_DENIED;
	}
	if (f->error != ETIMEDOUT)
		return ctl_fault(c, t->shown, f);
	for (i = 0; i < r->n; i++)
		if (r->victims[i].alive)
			message("%s: %s: pid %ld \"%s\" could not be stopped: "
				"state %c",
			    c->verb, t->shown, (long)r->victims[i].id.pid,
			    r->victims[i].comm, r->victims[i].state);
	return CTL_UNSTOPPABLE;
}

/* What is left on disk of one that is gone. */
static int
tidy(const struct ctl *c, struct target *t, int stopped_now,
    struct daemon_fault *f)
{
	if (!t->recorded)
		return t->st.id.pid > 0
		    ? daemon_retire_pidfile(c->pidfile, 0, t->st.id.pid, f)
		    : 0;
	/* Not t->state: a stop that nobody finished looks like one that was. */
	if (t->st.state == DAEMON_STATE_FAILED ||
	    t->st.state == DAEMON_STATE_STOPPED)
		return 0;
	return mark(t,
	    stopped_now || t->st.stopping ? "stopped" : "had ended before", f);
}

/*
 * Under the lock, if it can be had at once, so that a start waits until all
 * of it is gone.  Otherwise whoever holds it waits for that: a start whose
 * command is not ready yet, a restart, another stop.
 */
static int
take(const struct ctl *c, struct target *t)
{
	int r;

	if (!t->recorded || t->service.lock != -1)
		return CTL_DONE;
	r = target_may_lock(t, c);
	return r == CTL_DONE ? target_lock(t, c, DAEMON_LOCK_NOW) : r;
}

/* End what runs of it; as daemon_stop(). */
static int
end(struct daemon_stopping *r, struct target *t,
    const struct daemon_schedule *s, struct daemon_fault *f)
{
	if (t->recorded)
		return daemon_stop_recorded(
		    r, &t->service, &t->d, &t->st, s, f);
	return t->proof == DAEMON_PROOF_DEAD
	    ? 1
	    : daemon_stop(r, &t->st.id, s, NULL, f);
}

int
stop_untidy(const struct ctl *c, struct target *t, struct daemon_fault *untidy)
{
	struct daemon_stopping r = { 0 };
	struct daemon_schedule s;
	const char *text;
	struct daemon_fault f = { 0 };
	int done;

	done = take(c, t);
	if (done != CTL_DONE)
		return done;
	text = c->stop != NULL	? c->stop
	    : t->d.stop != NULL ? t->d.stop
				: DAEMON_SCHEDULE_DEFAULT;
	if (daemon_schedule_parse(&s, text, &f) == -1)
		return ctl_fault(c, t->shown, &f);
	progress(c, t->shown, "waiting for pid %ld and its tree to end (%s)",
	    (long)t->st.id.pid, text);
	done = end(&r, t, &s, &f);
	progress_end();
	if (done == -1) {
		done = survived(c, t, &r, &f);
		daemon_stopping_clear(&r);
		return done;
	}
	if (done == 0)
		stopped(c, t, &r);
	else if (t->asked)
		say_stopped(c, t, "");
	else if (!c->quiet)
		(void)printf("%s: not running\n", t->shown);
	daemon_stopping_clear(&r);
	if (tidy(c, t, done == 0 || t->asked, &f) == -1)
		*untidy = f;
	return CTL_DONE;
}

/* Its supervisor does it, and ends. */
static int
stop_supervised(const struct ctl *c, struct target *t)
{
	char text[DAEMON_PACKET_MAX];
	int r;

	progress(c, t->shown, "waiting for pid %ld and its tree to end",
	    (long)t->st.id.pid);
	r = supervisor_ask(c, t, DAEMON_REQUEST_STOP, text);
	if (r == CTL_DONE)
		say_stopped(c, t, text);
	return r;
}

int
verb_stop(const struct ctl *c, struct target *t)
{
	struct daemon_fault untidy = { 0 };
	int r;

	/* By its supervisor, or under the lock: who has neither might stop one
	 * while another is being started. */
	while (t->recorded && t->d.restart != NULL) {
		r = supervisor_settle(c, t);
		if (r != CTL_DONE)
			return r;
		if (!t->supervised)
			break;
		r = stop_supervised(c, t);
		if (r != SUPERVISOR_GONE)
			return r;
		t->asked = 1;
		if (target_refresh(t) == -1)
			return CTL_DONE; /* and it was forgotten since */
	}
	r = stop_untidy(c, t, &untidy);
	return untidy.step != NULL ? ctl_fault(c, t->shown, &untidy) : r;
}
