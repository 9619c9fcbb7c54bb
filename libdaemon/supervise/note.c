/* SPDX-License-Identifier: ISC */
/* What is to be known of a service, as things happen. */
#include <sys/wait.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/retire.h"
#include "../signame.h"
#include "../start/diagnose.h"
#include "publish.h"
#include "sockets.h"

/* What was the matter with what was ended. */
static const char *
cause(enum daemon_why why)
{
	switch (why) {
	case DAEMON_WHY_NOT_READY: return ", not ready in time";
	case DAEMON_WHY_LINGERED: return ", said that it ends and did not";
	case DAEMON_WHY_WATCHDOG: return ", no sign of life in time";
	case DAEMON_WHY_RUNTIME: return ", its time was up";
	case DAEMON_WHY_MEMORY: return ", too much memory";
	case DAEMON_WHY_STOP: return ", stopped";
	case DAEMON_WHY_RESTART: return ", restarted";
	case DAEMON_WHY_NONE:
	case DAEMON_WHY_ENDED:
	case DAEMON_WHY_BEFORE:
	case DAEMON_WHY_SPAWN:
	case DAEMON_WHY_TOO_OFTEN:
	case DAEMON_WHY_RELEASED: break;
	}
	return "";
}

void
daemon_end_text(char *buf, size_t size, int status, enum daemon_why why)
{
	if (status == -1)
		(void)snprintf(buf, size, "unknown status%s", cause(why));
	else if (WIFSIGNALED(status))
		(void)snprintf(buf, size, "signal %s%s",
		    daemon_signal_name(WTERMSIG(status)), cause(why));
	else
		(void)snprintf(
		    buf, size, "status %d%s", WEXITSTATUS(status), cause(why));
}

/* Nothing lives, and nothing follows. */
static enum daemon_state
state_at_end(const struct daemon_machine *m)
{
	switch (m->why) {
	case DAEMON_WHY_STOP: return DAEMON_STATE_STOPPED;
	case DAEMON_WHY_RELEASED: return DAEMON_STATE_READY;
	case DAEMON_WHY_TOO_OFTEN:
	case DAEMON_WHY_BEFORE:
	case DAEMON_WHY_SPAWN: return DAEMON_STATE_FAILED;
	case DAEMON_WHY_NONE:
	case DAEMON_WHY_ENDED:
	case DAEMON_WHY_RESTART:
	case DAEMON_WHY_NOT_READY:
	case DAEMON_WHY_LINGERED:
	case DAEMON_WHY_WATCHDOG:
	case DAEMON_WHY_RUNTIME:
	case DAEMON_WHY_MEMORY: break;
	}
	return DAEMON_STATE_EXITED;
}

enum daemon_state
daemon_machine_state(const struct daemon_machine *m)
{
	switch (m->phase) {
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_PREPARING:
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_STARTING: return DAEMON_STATE_STARTING;
	case DAEMON_PHASE_READY: return DAEMON_STATE_READY;
	case DAEMON_PHASE_RELOADING: return DAEMON_STATE_RELOADING;
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_STOPPING: return DAEMON_STATE_STOPPING;
	case DAEMON_PHASE_PAUSED: return DAEMON_STATE_PAUSED;
	case DAEMON_PHASE_BACKOFF: return DAEMON_STATE_BACKOFF;
	case DAEMON_PHASE_OVER: return state_at_end(m);
	}
	return DAEMON_STATE_STARTING;
}

/* Behind the others; the oldest makes room. */
void
daemon_supervisor_add_end(struct daemon_supervisor *s, const char *end)
{
	struct daemon_list *ends = &s->st.ends;
	size_t i;

	(void)snprintf(
	    s->end[s->ended++ % DAEMON_ENDS], sizeof s->end[0], "%s", end);
	ends->v = s->ends;
	ends->n = s->ended < DAEMON_ENDS ? s->ended : DAEMON_ENDS;
	for (i = 0; i < ends->n; i++)
		s->ends[i] = s->end[(s->ended - ends->n + i) % DAEMON_ENDS];
}

/* Why it failed, in its own last words: ", it said: no room, errno 28: No
 * space left on device". */
static void
last_said(char *buf, size_t size, const struct daemon_supervisor *s)
{
	int n = 0;

	buf[0] = '\0';
	if (s->said_error == 0 &&
	    (s->status == -1 || !WIFEXITED(s->status) ||
		WEXITSTATUS(s->status) == 0))
		return;
	if (s->says[0] != '\0')
		n = snprintf(buf, size, ", it said: %.80s", s->says);
	if (s->said_error > 0 && n >= 0 && (size_t)n < size)
		(void)snprintf(buf + n, size - (size_t)n, ", errno %d: %s",
		    s->said_error, strerror(s->said_error));
}

static void
note_end(struct daemon_supervisor *s, enum daemon_why why)
{
	char end[sizeof s->end[0]], said[128];
	int n = snprintf(end, sizeof end, "%lld ", daemon_clock_wall());

	daemon_end_text(end + n, sizeof end - (size_t)n, s->status, why);
	if (s->machine.why == DAEMON_WHY_ENDED &&
	    s->machine.ending == DAEMON_ENDING_FINAL)
		(void)strncat(end, ", final", sizeof end - strlen(end) - 1);
	last_said(said, sizeof said, s);
	(void)strncat(end, said, sizeof end - strlen(end) - 1);
	daemon_supervisor_add_end(s, end);
}

/* An attempt that came to nothing. */
static void
note_attempt(struct daemon_supervisor *s)
{
	const struct daemon_last_word *w = &s->instance.word;
	char end[sizeof s->end[0]];

	(void)snprintf(end, sizeof end, "%lld %s: %.60s: %.62s",
	    daemon_clock_wall(), w->step, w->object, w->reason);
	daemon_supervisor_add_end(s, end);
}

void
daemon_supervisor_note_past(struct daemon_supervisor *s)
{
	struct daemon_list past = s->st.ends;
	size_t i;

	s->st.ends = (struct daemon_list){ .v = NULL };
	for (i = 0; i < past.n; i++)
		daemon_supervisor_add_end(s, past.v[i]);
	daemon_list_clear(&past);
}

static void
say(struct daemon_last_word *w, enum daemon_verdict verdict, const char *step,
    const char *object, const char *reason)
{
	*w = (struct daemon_last_word){ .verdict = verdict };
	(void)snprintf(w->step, sizeof w->step, "%s", step);
	(void)snprintf(w->object, sizeof w->object, "%s", object);
	(void)snprintf(w->reason, sizeof w->reason, "%s", reason);
}

static void
say_death(struct daemon_last_word *w, const struct daemon_supervisor *s)
{
	struct daemon_fault f;
	char said[128];

	daemon_death_fault(&f, s->d, s->status);
	if (s->ready.kind == DAEMON_BY_PIDFILE && s->status == 0)
		(void)snprintf(f.reason, sizeof f.reason,
		    "ended with status 0, and left nobody%s%s",
		    s->ready.object != NULL && s->unready[0] != '\0' ? ": "
								     : "",
		    s->ready.object != NULL ? s->unready : "");
	last_said(said, sizeof said, s);
	(void)strncat(f.reason, said, sizeof f.reason - strlen(f.reason) - 1);
	say(w, DAEMON_VERDICT_DIED, f.step, f.object, f.reason);
}

static void
say_not_ready(struct daemon_last_word *w, const struct daemon_supervisor *s)
{
	char reason[sizeof s->unready + 64], why[sizeof s->unready];

	daemon_supervisor_unready(why, sizeof why, s);
	(void)snprintf(reason, sizeof reason, "not ready in time (%s): %s",
	    s->d->calls ? "ready_timeout" : "--ready-timeout", why);
	say(w, DAEMON_VERDICT_DIED, "ready", s->d->command, reason);
}

void
daemon_supervisor_explain(struct daemon_last_word *w,
    const struct daemon_supervisor *s, const struct daemon_machine *m)
{
	const char *command = s->d->command;

	if (s->pool != NULL && s->head == s) {
		*w = s->instance.word;
		return;
	}
	switch (m->why) {
	case DAEMON_WHY_BEFORE: *w = s->instance.word; return;
	case DAEMON_WHY_SPAWN:
		if (m->ending == DAEMON_ENDING_NONE)
			*w = s->instance.word;
		else
			say(w, DAEMON_VERDICT_FAILED, "start", command,
			    "was not executed in time");
		return;
	case DAEMON_WHY_NOT_READY: say_not_ready(w, s); return;
	case DAEMON_WHY_TOO_OFTEN:
		say(w, DAEMON_VERDICT_DIED, "restart", command,
		    s->d->calls ? "too many restarts (max_restarts)"
				: "too many restarts (--max-restarts)");
		return;
	case DAEMON_WHY_WATCHDOG:
		say(w, DAEMON_VERDICT_DIED, "ready", command,
		    "no sign of life in time (--watchdog)");
		return;
	case DAEMON_WHY_MEMORY:
		say(w, DAEMON_VERDICT_DIED, "ready", command,
		    "too much memory (--max-memory)");
		return;
	case DAEMON_WHY_NONE:
	case DAEMON_WHY_ENDED:
	case DAEMON_WHY_STOP:
	case DAEMON_WHY_RESTART:
	case DAEMON_WHY_LINGERED:
	case DAEMON_WHY_RUNTIME:
	case DAEMON_WHY_RELEASED: break;
	}
	say_death(w, s);
}

/* An attempt has said it itself. */
void
daemon_supervisor_explain_end(struct daemon_last_word *w,
    const struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	if (daemon_supervised_is_vain(now))
		*w = s->instance.word;
	else
		daemon_supervisor_explain(w, s, &now->before);
}

/* Why it is over: for the record, and whoever waits for the start.  Kept
 * where the instance's own word was, which says nothing more. */
static DAEMON_APART void
note_failure(struct daemon_supervisor *s)
{
	struct daemon_last_word *w = &s->instance.word, why;

	daemon_supervisor_explain(&why, s, &s->machine);
	*w = why;
	s->st.step = w->step;
	s->st.object = w->object;
	s->st.reason = w->reason;
	s->st.code = w->verdict;
}

void
daemon_supervisor_note_over(struct daemon_supervisor *s, int failed)
{
	const struct daemon_machine *m = &s->machine;

	s->st.supervisor.pid = 0;
	/* It writes what there is, and ends; of what was let go it is kept. */
	if (m->why != DAEMON_WHY_RELEASED) {
		s->st.keeper.pid = 0;
		if (s->head == s) /* one worker's end is not theirs */
			daemon_sockets_end(&s->store, s->d);
	}
	if (m->why == DAEMON_WHY_STOP || m->why == DAEMON_WHY_RELEASED)
		return;
	if (failed)
		s->st.state = DAEMON_STATE_FAILED;
	if (s->st.state == DAEMON_STATE_FAILED)
		note_failure(s);
}

static void
note_times(struct daemon_supervisor *s)
{
	const struct daemon_machine *m = &s->machine;

	s->st.since = daemon_clock_wall();
	s->st.next = m->phase == DAEMON_PHASE_BACKOFF
	    ? s->st.since + daemon_machine_wait(m)
	    : 0;
	daemon_supervisor_note_counts(s);
}

void
daemon_supervisor_note_counts(struct daemon_supervisor *s)
{
	const struct daemon_machine *m = &s->machine;

	s->st.stamp = s->asked_ms;
	s->st.quick = m->quick;
	s->st.often = m->restarts;
	s->st.window_left = m->window_left;
	s->st.health_left = m->health_left;
	s->st.runtime_left = m->left[DAEMON_TIMER_RUNTIME];
}

/* Its number is nobody's any more, nor is what it said. */
static void
note_gone(struct daemon_supervisor *s)
{
	/* One that was ended before its exec has written its number, too. */
	pid_t pid = s->st.id.pid != 0 ? s->st.id.pid : s->spawned_pid;

	s->st.says = NULL;
	if (pid > 0 && s->service.dir != -1)
		(void)daemon_retire(&s->service, s->d, pid, NULL);
	s->st.id.pid = 0;
	s->spawned_pid = 0;
}

int
daemon_supervised_begins(
    const struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	return (now->actions &
		   (s->policy.has_before ? DAEMON_DO_BEFORE
					 : DAEMON_DO_SPAWN)) != 0;
}

void
daemon_supervisor_note(
    struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	enum daemon_state state = daemon_machine_state(&s->machine);
	const int came_to_nothing = daemon_supervised_is_vain(now);
	const int stopping = s->machine.phase == DAEMON_PHASE_STOPPING &&
	    s->machine.why == DAEMON_WHY_STOP;

	if (now->actions & DAEMON_DO_HOOK_EXIT)
		note_end(s, now->before.why);
	if (came_to_nothing)
		note_attempt(s);
	if (!s->machine.lives || (now->actions & DAEMON_DO_SPAWN))
		note_gone(s);
	if (daemon_supervised_begins(s, now)) {
		s->st.restarts += s->spawned;
		s->spawned = 1;
	}
	if (now->event == DAEMON_EVENT_EXECUTED &&
	    daemon_identity_of(&s->st.id, s->instance.pid) == 0) {
		s->st.id.session = s->instance.pid;
		s->st.started = daemon_clock_wall();
		/* That is what the child has written. */
		s->stale = DAEMON_FRESH;
	}
	/* Before anybody is told that it is over. */
	if (s->machine.phase == DAEMON_PHASE_OVER)
		daemon_supervisor_withdraw(s);
	if (state == s->st.state && stopping == s->st.stopping &&
	    !(now->actions & DAEMON_DO_HOOK_EXIT) && !came_to_nothing &&
	    s->machine.phase != DAEMON_PHASE_OVER)
		return;
	s->st.state = state;
	s->st.stopping = stopping;
	note_times(s);
	if (s->machine.phase == DAEMON_PHASE_OVER)
		daemon_supervisor_note_over(s, !now->before.told);
	s->stale = DAEMON_STALE;
}

void
daemon_supervisor_renamed(struct daemon_supervisor *s)
{
	if (daemon_identity_of(&s->st.id, s->instance.pid) == -1)
		return;
	s->st.id.session = getsid(s->instance.pid);
	if (s->service.dir != -1)
		(void)daemon_enrol(&s->service, s->d, s->instance.pid);
	s->stale = DAEMON_STALE;
}
