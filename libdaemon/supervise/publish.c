/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "journal.h"
#include "pool.h"
#include "publish.h"
#include "upgrade.h"
#include "verdict.h"

static DAEMON_APART void
write_record(struct daemon_supervisor *s)
{
	if (daemon_record_publish(s->service.dir, s->d, &s->st) == 0)
		s->stale = DAEMON_FRESH;
	s->wrote_ms = daemon_clock_steady();
	s->again_ms =
	    s->stale == DAEMON_FRESH ? 0 : s->wrote_ms + DAEMON_CHATTY_MS;
}

void
daemon_supervisor_snapshot(struct daemon_supervisor *s)
{
	daemon_supervisor_note_counts(s);
	s->stale = DAEMON_STALE;
	write_record(s);
}

/* How it ended, if no event tells that yet; NULL. */
static const char *
untold_end(const struct daemon_supervisor *s)
{
	return s->ended == s->journaled_ends ? NULL
					     : daemon_status_last_end(&s->st);
}

/* What it is without us, who are about to go. */
static enum daemon_state
state_to_tell(const struct daemon_supervisor *s)
{
	return s->machine.phase == DAEMON_PHASE_OVER &&
		s->machine.why == DAEMON_WHY_RELEASED
	    ? DAEMON_STATE_UNSUPERVISED
	    : s->st.state;
}

/* Another state is an event. */
static DAEMON_APART void
write_event(struct daemon_supervisor *s)
{
	enum daemon_state state = state_to_tell(s);
	struct daemon_journal_line l = {
		.ms = daemon_clock_wall(),
		.name = s->d->name,
		.event = daemon_state_word(state),
		.pid = s->st.id.pid,
		.how = untold_end(s),
		.restarts = s->st.restarts,
		.worker = 1 + daemon_worker_index(s),
		.agent = daemon_worker_agent(s),
	};

	s->journaled = (int)state;
	s->journaled_ends = s->ended;
	daemon_journal_add(s->head->service.dir, &l);
}

/* Whoever begins to watch over it says how it is now. */
static void
begin_events(struct daemon_supervisor *s)
{
	s->journaled_ends = s->ended;
	write_event(s);
}

int
daemon_supervisor_introduce(struct daemon_supervisor *s, struct daemon_fault *f)
{
	struct daemon_identity self = { 0 };

	if (daemon_identity_self(&self) == -1)
		return daemon_fault_set(f, "record", s->d->name, NULL);
	if (s->pool != NULL) {
		s->st.id = self;
		if (s->st.started == 0)
			s->st.started = daemon_clock_wall();
	}
	s->st.id.pidns = s->here.pidns;
	(void)strcpy(s->st.id.boot, s->here.boot);
	s->st.supervisor = self;
	s->st.supervisor.pidns = s->st.id.pidns;
	(void)strcpy(s->st.supervisor.boot, s->st.id.boot);
	s->st.program = daemon_upgrade_path() != NULL &&
		daemon_upgrade_program(s->program, daemon_upgrade_path()) == 0
	    ? s->program
	    : NULL;
	if (s->st.since == 0)
		s->st.since = daemon_clock_wall();
	s->stale = DAEMON_STALE;
	write_record(s);
	if (s->stale != DAEMON_FRESH)
		return daemon_fault_set(f, "record", s->d->name, NULL);
	begin_events(s);
	return 0;
}

/* Restarted at once: the next instance writes how this one ended. */
static int
is_passing(const struct daemon_supervisor *s)
{
	return s->machine.phase == DAEMON_PHASE_BACKOFF &&
	    daemon_machine_wait(&s->machine) == 0 && s->d->on_exit == NULL;
}

static int
is_due(const struct daemon_supervisor *s)
{
	if (s->service.dir == -1 || s->instance.pipe != -1 || is_passing(s))
		return 0;
	switch (s->stale) {
	case DAEMON_FRESH: return 0;
	case DAEMON_CHATTY:
		return daemon_clock_steady() >= s->wrote_ms + DAEMON_CHATTY_MS;
	case DAEMON_STALE: break;
	}
	return 1;
}

/* Of workers none is more than the others. */
static pid_t
main_of(const struct daemon_supervisor *s)
{
	return s->pool != NULL ? getpid() : s->instance.pid;
}

static DAEMON_APART void
tell_launcher(struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	struct daemon_verdict_message m = { .status = s->status };
	unsigned actions = now != NULL ? now->actions : 0;

	if (s->launcher == -1 ||
	    !(actions &
		(DAEMON_DO_TELL_READY | DAEMON_DO_TELL_TRYING |
		    DAEMON_DO_TELL_FAILED)))
		return;
	if (actions & DAEMON_DO_TELL_READY) {
		m.verdict = DAEMON_VERDICT_RUNNING;
		m.pid = main_of(s);
	} else if (actions & DAEMON_DO_TELL_TRYING) {
		m.verdict = DAEMON_VERDICT_RUNNING;
		daemon_supervisor_explain_end(&m.word, s, now);
	} else {
		m.verdict = s->machine.why == DAEMON_WHY_STOP
		    ? DAEMON_VERDICT_INTERRUPTED
		    : s->instance.word.verdict;
		m.word = s->instance.word;
	}
	daemon_verdict_send(s->launcher, &m);
	(void)close(s->launcher);
	s->launcher = -1;
}

/* Why it does not run now, for who wanted it to. */
static void
failure_text(char *buf, size_t size, const struct daemon_supervisor *s)
{
	struct daemon_last_word w;

	if (s->machine.why == DAEMON_WHY_STOP ||
	    s->machine.why == DAEMON_WHY_RELEASED) {
		(void)snprintf(buf, size, "%s meanwhile",
		    s->machine.why == DAEMON_WHY_STOP ? "was stopped"
						      : "was released");
		return;
	}
	daemon_supervisor_explain(&w, s, &s->machine);
	if (strcmp(w.step, "ready") == 0)
		(void)snprintf(buf, size, "%.900s", w.reason);
	else
		(void)snprintf(buf, size, "%s: %.400s: %.400s", w.step,
		    w.object, w.reason);
}

/* More about what has come of it, for whoever asked for it to run. */
static void
answer_text(char *buf, size_t size, const struct daemon_supervisor *s)
{
	switch (s->machine.phase) {
	case DAEMON_PHASE_READY:
		(void)snprintf(buf, size, "%ld", (long)main_of(s));
		return;
	case DAEMON_PHASE_BACKOFF:
	case DAEMON_PHASE_OVER: failure_text(buf, size, s); return;
	case DAEMON_PHASE_PAUSED:
		(void)snprintf(buf, size, "%s",
		    s->st.drained ? "was drained meanwhile" : "it is paused");
		return;
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_PREPARING:
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_STARTING:
	case DAEMON_PHASE_STOPPING:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING: break;
	}
	buf[0] = '\0';
}

/* What is not done yet, whatever the machine says. */
static unsigned
later(const struct daemon_supervisor *s)
{
	unsigned kinds = 0;

	if (s->helper[DAEMON_HELPER_FREEZER] != 0 || s->pausing ||
	    (s->pending & 1u << DAEMON_EVENT_PAUSE) != 0)
		kinds |=
		    1u << DAEMON_REQUEST_PAUSE | 1u << DAEMON_REQUEST_RESUME;
	if (s->pool != NULL && s->head == s && daemon_pool_is_awaited(s->pool))
		kinds |= 1u << DAEMON_REQUEST_START;
	return kinds;
}

DAEMON_APART void
daemon_supervisor_answer(struct daemon_supervisor *s)
{
	char text[DAEMON_PACKET_MAX];

	/* Whoever reads the record would start it again. */
	if (s->machine.phase == DAEMON_PHASE_OVER && s->stale != DAEMON_FRESH)
		daemon_control_refuse(&s->control, DAEMON_REQUEST_STOP,
		    "it is stopped, but that could not be recorded (no room "
		    "in the run directory?)");
	answer_text(text, sizeof text, s);
	daemon_control_answer(
	    &s->control, &s->machine, later(s), text, s->stopped);
}

void
daemon_supervisor_publish(
    struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	if (is_due(s))
		write_record(s);
	if (s->service.dir != -1 && s->journaled != (int)state_to_tell(s) &&
	    !daemon_worker_is_quiet(s))
		write_event(s);
	tell_launcher(s, now);
	if (daemon_control_is_asked(&s->control))
		daemon_supervisor_answer(s);
}
