/* SPDX-License-Identifier: ISC */
/*
 * What a service's supervisor is asked to do; and giving one to a service
 * that has lost its.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/programs.h"
#include "../libdaemon/supervise/lastwords.h"
#include "../libdaemon/supervise/launch.h"
#include "../libdaemon/supervise/upgrade.h"
#include "ctl_workers.h"
#include "messages.h"
#include "progress.h"

enum { PATIENCE_MS = 60000 };

static int
is_tried_again(struct target *t, enum daemon_request_kind kind)
{
	int lacks;

	if (target_refresh(t) == -1)
		return 0;
	lacks = t->supervised && !t->st.drained && t->st.working < t->st.wanted;
	switch (kind) {
	case DAEMON_REQUEST_START:
	case DAEMON_REQUEST_RESTART:
		return t->d.workers > 0 ? lacks
					: t->state == DAEMON_STATE_BACKOFF;
	case DAEMON_REQUEST_RESUME: return lacks;
	case DAEMON_REQUEST_SCALE: /* so many are wanted, on record or not */
		return t->supervised && t->state != DAEMON_STATE_PAUSED;
	case DAEMON_REQUEST_STOP:
	case DAEMON_REQUEST_RELEASE:
	case DAEMON_REQUEST_PAUSE:
	case DAEMON_REQUEST_UPGRADE:
	case DAEMON_REQUEST_AWAIT:
	case DAEMON_REQUEST_RELOAD:
	case DAEMON_REQUEST_DRAIN:
	case DAEMON_REQUESTS: break;
	}
	return 0;
}

/* Nothing is wrong but that it makes no sense now. */
static int
untimely(const struct ctl *c, struct target *t)
{
	if (target_refresh(t) == -1)
		return target_lost(c, t);
	if (workers_missing(t) > 0 && t->state == DAEMON_STATE_READY)
		message("%s: %s: not while only %lld of %lld workers are ready",
		    c->verb, t->shown, t->st.working, t->st.wanted);
	else
		message("%s: %s: not while it is %s%s", c->verb, t->shown,
		    t->state == DAEMON_STATE_BACKOFF ? "in " : "",
		    daemon_state_word(t->state));
	return CTL_NO_FEATURE;
}

int
supervisor_ask(const struct ctl *c, struct target *t,
    enum daemon_request_kind kind, char text[DAEMON_PACKET_MAX])
{
	enum daemon_asked r = daemon_ask(t->service.dir, &t->st.supervisor,
	    kind, kind == DAEMON_REQUEST_SCALE ? c->scale : c->stop, text);
	char safe[2 * DAEMON_PACKET_MAX];
	int error = errno;

	progress_end();
	message_escape(safe, sizeof safe, text);
	switch (r) {
	case DAEMON_ASKED_DONE: return CTL_DONE;
	case DAEMON_ASKED_GONE: return SUPERVISOR_GONE;
	case DAEMON_ASKED_FAILED:
		/* A stop was under way, and is over. */
		if (kind == DAEMON_REQUEST_START && target_refresh(t) == 0 &&
		    t->st.state == DAEMON_STATE_STOPPED)
			return SUPERVISOR_GONE;
		if (text[0] == '\0')
			return untimely(c, t);
		message("%s: %s: %s%s", c->verb, t->shown, safe,
		    is_tried_again(t, kind) ? ": it is tried again" : "");
		return CTL_FAILED;
	case DAEMON_ASKED_STUCK:
		message("%s: %s: %s; its supervisor goes on trying", c->verb,
		    t->shown, safe);
		return CTL_UNSTOPPABLE;
	case DAEMON_ASKED_SILENT:
		message("%s: %s: its supervisor, pid %ld, has not answered "
			"for 5 s",
		    c->verb, t->shown, (long)t->st.supervisor.pid);
		return CTL_DENIED;
	case DAEMON_ASKED_DENIED:
		message("%s: %s: its supervisor, pid %ld: %s", c->verb,
		    t->shown, (long)t->st.supervisor.pid, strerror(error));
		return CTL_DENIED;
	}
	return CTL_FAILED;
}

static char *
copy(const char *path)
{
	return path != NULL ? strdup(path) : NULL;
}

int
supervisor_begin(const struct ctl *c, struct target *t,
    enum daemon_request_kind kind, char text[DAEMON_PACKET_MAX])
{
	struct daemon_definition d = { .out = copy(t->d.out),
		.err = copy(t->d.err),
		.captured = t->d.captured,
		.workers = t->st.wanted };
	struct daemon_held h = DAEMON_HELD_NONE(&d);
	struct daemon_outcome o = { 0 };
	int r;

	h.service.dir = t->service.dir;
	daemon_outputs_mark(&h);
	r = supervisor_ask(c, t, kind, text);
	if (r == CTL_FAILED)
		daemon_outputs_last(&o, &h, text);
	if (o.last != NULL)
		message_last_lines(o.last);
	daemon_outcome_clear(&o);
	daemon_definition_clear(&d);
	return r;
}

int
supervisor_restart(
    const struct ctl *c, struct target *t, enum daemon_request_kind kind)
{
	char text[DAEMON_PACKET_MAX];
	int r;

	progress(c, t->shown, "waiting until it is ready");
	r = supervisor_begin(c, t, kind, text);
	if (r == CTL_DONE && !c->quiet)
		(void)printf("%s: running, pid %s\n", t->shown, text);
	return r;
}

/* Not of a boot before this one: that is over. */
static int
is_of_now(const struct target *t)
{
	struct daemon_identity here = { 0 };

	return daemon_identity_here(&here) == 0 &&
	    strcmp(here.boot, t->st.id.boot) == 0 &&
	    here.pidns == t->st.id.pidns;
}

int
supervisor_is_missing(const struct target *t)
{
	if (!t->recorded || t->d.restart == NULL || t->d.foreground ||
	    t->supervised || daemon_state_is_final(t->st.state))
		return 0;
	return t->proof == DAEMON_PROOF_ALIVE || is_of_now(t);
}

int
supervisor_is_stopped(const struct target *t)
{
	struct daemon_process_stat ps;

	return t->supervised &&
	    daemon_identity_prove(&t->st.supervisor) == DAEMON_PROOF_ALIVE &&
	    daemon_process_stat(t->st.supervisor.pid, &ps) == 0 &&
	    ps.state == 'T';
}

static int
not_adopted(
    const struct ctl *c, const struct target *t, const struct daemon_outcome *o)
{
	int r = ctl_fault(c, t->shown, &o->fault);

	return o->verdict == DAEMON_VERDICT_NOT_FOUND ? CTL_NO_COMMAND : r;
}

static int
adopt(const struct ctl *c, struct target *t)
{
	struct daemon_definition d = { 0 };
	struct daemon_outcome o = { 0 };
	int r = target_definition(t, c, &d);

	if (r == CTL_DONE) {
		daemon_adopt(&o, &d, &t->service);
		if (o.verdict != DAEMON_VERDICT_RUNNING)
			r = not_adopted(c, t, &o);
		else if (!c->quiet && t->st.stopping)
			(void)printf(
			    "%s: adopted, its stop goes on\n", t->shown);
		else if (!c->quiet && o.pid != 0)
			(void)printf(
			    "%s: adopted, pid %ld\n", t->shown, (long)o.pid);
		else if (!c->quiet)
			(void)printf("%s: adopted, %s\n", t->shown,
			    strcmp(d.restart, "never") == 0
				? "had ended, and is not started again"
				: "starts again");
	}
	daemon_definition_clear(&d);
	return r;
}

int
supervisor_settle(const struct ctl *c, struct target *t)
{
	long long end = daemon_clock_steady() + PATIENCE_MS;
	struct timespec a_while = { .tv_nsec = 20000000 };
	int r = target_may_lock(t, c);

	while (r == CTL_DONE && !t->supervised) {
		r = target_lock(t, c, DAEMON_LOCK_NOW);
		if (r != CTL_DONE || t->service.lock != -1)
			break;
		if (daemon_clock_steady() > end) {
			message("%s: %s: somebody holds its lock", c->verb,
			    t->shown);
			return CTL_FAILED;
		}
		(void)nanosleep(&a_while, NULL);
		if (target_refresh(t) == -1)
			return target_lost(c, t);
	}
	return r;
}

/* It has one, or is to have none; or it had one that nobody can repeat. */
static int
adoptable(const struct ctl *c, const struct target *t)
{
	if (t->supervised || !t->recorded || t->d.restart == NULL ||
	    !t->d.foreground || t->proof != DAEMON_PROOF_ALIVE)
		return CTL_DONE;
	message("%s: %s: was started with -F: stop it and start it as before",
	    c->verb, t->shown);
	return CTL_NO_FEATURE;
}

int
verb_adopt(const struct ctl *c, struct target *t)
{
	int r;

	if (supervisor_is_stopped(t)) {
		message("%s: %s: its supervisor, pid %ld, is stopped (kill "
			"-CONT %ld)",
		    c->verb, t->shown, (long)t->st.supervisor.pid,
		    (long)t->st.supervisor.pid);
		return CTL_DENIED;
	}
	if (!supervisor_is_missing(t))
		return c->all ? CTL_DONE : adoptable(c, t);
	/* Somebody else may do the same now, or stop it. */
	r = supervisor_settle(c, t);
	if (r != CTL_DONE || !supervisor_is_missing(t))
		return r;
	return adopt(c, t);
}

/* The installed program; "" where there is none. */
static const char *
installed(void)
{
	static char program[DAEMON_PROGRAM_MAX];
	struct daemon_list paths = { 0 };
	size_t i;

	if (program[0] == '\0' &&
	    daemon_program_paths(&paths, DAEMON_PROGRAM_SUPERVISOR) == 0)
		for (i = 0; i < paths.n && program[0] == '\0'; i++)
			(void)daemon_upgrade_program(program, paths.v[i]);
	daemon_list_clear(&paths);
	return program;
}

int
supervisor_is_old(const struct target *t)
{
	return t->supervised && !t->d.foreground && t->st.program != NULL &&
	    installed()[0] != '\0' && strcmp(t->st.program, installed()) != 0;
}

/* Nobody has to give it one first. */
static int
adopt_first(const struct ctl *c, struct target *t)
{
	int r;

	if (!supervisor_is_missing(t))
		return CTL_DONE;
	r = verb_adopt(c, t);
	return r == CTL_DONE ? target_again(t, c) : r;
}

static int
has_none(const struct ctl *c, const struct target *t)
{
	const int missing = supervisor_is_missing(t);

	if (t->recorded && t->d.restart != NULL && !missing &&
	    t->proof != DAEMON_PROOF_ALIVE) {
		message("%s: %s: not running (daemonctl start %s)", c->verb,
		    t->shown, t->shown);
		return CTL_NOT_RUNNING;
	}
	message("%s: %s: has no supervisor%s%s", c->verb, t->shown,
	    missing ? ": daemonctl adopt " : "", missing ? t->shown : "");
	return t->proof == DAEMON_PROOF_ALIVE && !missing ? CTL_NO_FEATURE
							  : CTL_NOT_RUNNING;
}

/* Is a command executed for it, which may say why it does not run? */
static int
begins(enum daemon_request_kind kind)
{
	return kind == DAEMON_REQUEST_RELOAD || kind == DAEMON_REQUEST_SCALE ||
	    kind == DAEMON_REQUEST_RESUME;
}

/* It was there when it was asked. */
static int
died_meanwhile(const struct ctl *c, struct target *t)
{
	if (target_refresh(t) == -1)
		return target_lost(c, t);
	message("%s: %s: %s", c->verb, t->shown,
	    t->supervised || supervisor_is_missing(t)
		? "its supervisor died meanwhile: ask again"
		: "was stopped meanwhile");
	return CTL_FAILED;
}

int
supervisor_want(const struct ctl *c, struct target *t,
    enum daemon_request_kind kind, char text[DAEMON_PACKET_MAX])
{
	int r = kind != DAEMON_REQUEST_RELEASE ? adopt_first(c, t) : CTL_DONE;

	if (r != CTL_DONE)
		return r;
	if (!t->supervised)
		return has_none(c, t);
	r = begins(kind) ? supervisor_begin(c, t, kind, text)
			 : supervisor_ask(c, t, kind, text);
	return r == SUPERVISOR_GONE ? died_meanwhile(c, t) : r;
}

/* --all are those that are to have one.  done: what it is then. */
static int
ask_for(const struct ctl *c, struct target *t, enum daemon_request_kind kind,
    const char *done)
{
	char text[DAEMON_PACKET_MAX];
	int r;

	if (c->all && !t->supervised && !supervisor_is_missing(t))
		return CTL_DONE;
	r = supervisor_want(c, t, kind, text);
	/* Another may be the main process by now. */
	if (r == CTL_DONE && !c->quiet && target_refresh(t) == 0)
		(void)printf("%s: %s, pid %ld\n", t->shown, done,
		    (long)(kind == DAEMON_REQUEST_UPGRADE ? t->st.supervisor.pid
							  : t->st.id.pid));
	return r;
}

int
verb_release(const struct ctl *c, struct target *t)
{
	if (supervisor_is_missing(t))
		return CTL_DONE;
	if (t->supervised && t->d.foreground) {
		message("%s: %s: was started with -F: nobody could adopt it",
		    c->verb, t->shown);
		return CTL_NO_FEATURE;
	}
	return ask_for(c, t, DAEMON_REQUEST_RELEASE, "released");
}

int
verb_pause(const struct ctl *c, struct target *t)
{
	if (t->supervised && t->state == DAEMON_STATE_PAUSED)
		return CTL_DONE;
	return ask_for(c, t, DAEMON_REQUEST_PAUSE, "paused");
}

int
verb_resume(const struct ctl *c, struct target *t)
{
	if (t->supervised && t->state == DAEMON_STATE_READY)
		return CTL_DONE;
	return ask_for(c, t, DAEMON_REQUEST_RESUME, "resumed");
}

int
verb_upgrade(const struct ctl *c, struct target *t)
{
	if (t->supervised && t->d.foreground) {
		message("%s: %s: it runs in the foreground", c->verb, t->shown);
		return CTL_NO_FEATURE;
	}
	return ask_for(c, t, DAEMON_REQUEST_UPGRADE, "supervisor upgraded");
}
