/* SPDX-License-Identifier: ISC */
/* What a supervisor promises, of every move and of every world. */
#include <stddef.h>

#include "world.h"

const struct daemon_policy *policy;
const char *broken;

static void
must(int holds, const char *promise)
{
	if (!holds && broken == NULL)
		broken = promise;
}

/* What is done must fit what is there; and it changes that. */
static void
act(struct world *w, unsigned actions)
{
	int lives = w->process != NO_PROCESS;

	must(!w->finished || actions == 0, "nothing is done after the end");
	if (actions & DAEMON_DO_THAW) {
		must(w->frozen, "only what is frozen is thawed");
		w->frozen = 0;
	}
	if (actions &
	    (DAEMON_DO_TELL_READY | DAEMON_DO_TELL_TRYING |
		DAEMON_DO_TELL_FAILED)) {
		must(w->tells == 0, "the launcher is told once");
		w->tells++;
	}
	if (actions & DAEMON_DO_TELL_READY)
		must(w->process == RUNNING, "ready is what runs");
	if (actions & DAEMON_DO_HOOK_READY)
		must(w->process == RUNNING, "the ready hook is of what runs");
	if (actions & DAEMON_DO_CANCEL) {
		must(w->hook, "only what runs is cancelled");
		w->ending = 1;
	}
	if (actions & DAEMON_DO_END) {
		must(lives, "no signal to nobody");
		w->ending = 1;
	}
	if (actions & DAEMON_DO_SWEEP) {
		must(!lives, "a sweep is of what the dead have left");
		w->ending = 1;
	}
	if (actions & DAEMON_DO_FREEZE) {
		must(w->process == RUNNING, "only what runs is frozen");
		w->frozen = 1;
	}
	if (actions & DAEMON_DO_RELOAD)
		must(w->process == RUNNING, "only what runs is reloaded");
	if (actions & (DAEMON_DO_BEFORE | DAEMON_DO_SPAWN)) {
		must(!lives && !w->tree && !w->hook,
		    "never two copies, nor the remains of one");
		must(!w->ending, "no start while something is being ended");
		must(!(actions & DAEMON_DO_BEFORE) ||
			!(actions & DAEMON_DO_SPAWN),
		    "before comes before");
	}
	if (actions & (DAEMON_DO_BEFORE | DAEMON_DO_SPAWN))
		w->healthy = 0;
	if (actions & DAEMON_DO_BEFORE)
		w->hook = 1;
	if (actions & DAEMON_DO_SPAWN)
		w->process = FORKED;
	if (actions & DAEMON_DO_FINISH)
		w->finished = 1;
}

/* What has a right to wait without a deadline of its own. */
static int
may_wait(const struct world *w)
{
	switch (w->m.phase) {
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_PAUSED:
	case DAEMON_PHASE_OVER: return 1;
	case DAEMON_PHASE_PREPARING: return w->hook; /* limited */
	case DAEMON_PHASE_STOPPING: return w->ending;
	case DAEMON_PHASE_STARTING:
		return policy->readiness == DAEMON_READY_TOLD &&
		    policy->ready_ms == -1;
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_BACKOFF: return 0;
	}
	return 0;
}

/* Does the phase agree with the world? */
static void
check_world(const struct world *w)
{
	const struct daemon_machine *m = &w->m;
	int lives = w->process != NO_PROCESS;

	must(may_wait(w) || m->left[DAEMON_TIMER_PHASE] != -1,
	    "every wait has a deadline");
	must(m->lives == lives, "it is known whether it lives");
	must(
	    w->frozen == (m->phase == DAEMON_PHASE_PAUSED), "frozen is paused");
	must((m->phase == DAEMON_PHASE_OVER) == w->finished,
	    "the end is the end");
	must(m->told == w->tells, "it is known what the launcher knows");
	switch (m->phase) {
	case DAEMON_PHASE_OVER:
		must(w->tells == 1, "at the end the launcher knows");
		must(m->why == DAEMON_WHY_RELEASED ||
			(!lives && !w->tree && !w->hook),
		    "at the end nothing is left");
		break;
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_BACKOFF:
		must(!lives && !w->tree && !w->hook, "nothing lives here");
		break;
	case DAEMON_PHASE_PREPARING: must(!lives, "not yet"); break;
	case DAEMON_PHASE_SPAWNING:
		must(w->process == FORKED, "forked, no more");
		break;
	case DAEMON_PHASE_STARTING:
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_PAUSED:
		must(w->process == RUNNING, "this needs a command that runs");
		break;
	case DAEMON_PHASE_STOPPING: break;
	}
	if (m->phase == DAEMON_PHASE_READY || m->phase == DAEMON_PHASE_PAUSED ||
	    m->phase == DAEMON_PHASE_RELOADING) {
		must(w->tells == 1, "who is ready has said so");
		must((m->left[DAEMON_TIMER_WATCHDOG] != -1) ==
			(policy->watchdog_ms != -1),
		    "a watchdog watches");
		must((m->left[DAEMON_TIMER_RUNTIME] != -1) ==
			(policy->runtime_ms != -1),
		    "a time limit runs");
	}
}

/* A stop is obeyed at once, and nothing but the end follows. */
static void
check_stop(const struct daemon_machine *old, const struct world *w,
    const struct daemon_event *e)
{
	int stopping = w->m.why == DAEMON_WHY_STOP &&
	    (w->m.phase == DAEMON_PHASE_STOPPING ||
		w->m.phase == DAEMON_PHASE_OVER);

	if (e->kind == DAEMON_EVENT_STOP && old->phase != DAEMON_PHASE_OVER)
		must(
		    stopping && (w->ending || w->finished), "a stop is obeyed");
	if (old->phase == DAEMON_PHASE_STOPPING && old->why == DAEMON_WHY_STOP)
		must(stopping, "nothing but the end follows a stop");
	if (old->phase == DAEMON_PHASE_STOPPING &&
	    old->why == DAEMON_WHY_STOP && e->kind == DAEMON_EVENT_GONE)
		must(w->finished, "a stop ends");
}

static int
is_restart(const struct daemon_machine *old, const struct daemon_event *e)
{
	return e->kind == DAEMON_EVENT_UNPREPARED ||
	    e->kind == DAEMON_EVENT_UNEXECUTED ||
	    (e->kind == DAEMON_EVENT_GONE && old->why != DAEMON_WHY_STOP &&
		old->why != DAEMON_WHY_RESTART);
}

/* Somebody wants it now: what was before does not count. */
static int
is_afresh(const struct daemon_machine *old, const struct daemon_event *e)
{
	return (old->phase == DAEMON_PHASE_BACKOFF &&
		   (e->kind == DAEMON_EVENT_START ||
		       e->kind == DAEMON_EVENT_RESTART)) ||
	    (e->kind == DAEMON_EVENT_GONE && old->why == DAEMON_WHY_RESTART);
}

/* The wait before a restart is what was promised: none, none, 1, 2, 2... */
static long long
promised(const struct world *w)
{
	static const long long ms[] = { 0, 0, 1, 2, 2 };

	if (policy->backoff.constant)
		return policy->backoff.first_ms;
	return ms[w->deaths];
}

static int
was_failure(const struct daemon_machine *old, const struct daemon_event *e)
{
	return e->kind != DAEMON_EVENT_GONE || old->why != DAEMON_WHY_ENDED ||
	    old->ending != DAEMON_ENDING_SUCCESS;
}

/* Restarted, and when, as the policy says. */
static void
check_restart(const struct daemon_machine *old, struct world *w,
    const struct daemon_event *e)
{
	int waits = w->m.phase == DAEMON_PHASE_BACKOFF;
	int again = waits || w->m.phase == DAEMON_PHASE_PREPARING ||
	    w->m.phase == DAEMON_PHASE_SPAWNING;
	int final = e->kind == DAEMON_EVENT_GONE &&
	    old->why == DAEMON_WHY_ENDED && old->ending == DAEMON_ENDING_FINAL;
	int limit =
	    policy->max_restarts != 0 && w->restarts >= policy->max_restarts;
	int wanted = !final &&
	    (policy->restart == DAEMON_RESTART_ALWAYS ||
		(policy->restart == DAEMON_RESTART_ON_FAILURE &&
		    was_failure(old, e)));

	if (!old->told && !policy->keep_trying)
		wanted = 0;
	if (w->healthy)
		w->deaths = 0;
	must(again == (wanted && !limit), "restarted as the policy says");
	if (wanted && limit)
		must(w->m.why == DAEMON_WHY_TOO_OFTEN, "given up, and told so");
	if (!again)
		return;
	must((waits ? w->m.left[DAEMON_TIMER_PHASE] : 0) == promised(w),
	    "the wait is what was promised");
	if (w->deaths < 4)
		w->deaths++;
	if (policy->max_restarts != 0 && w->restarts++ == 0)
		w->window = policy->window_ms;
}

int
world_can(const struct world *w, enum daemon_event_kind kind)
{
	int runs = w->process == RUNNING && !w->frozen;

	switch (kind) {
	case DAEMON_EVENT_BEGIN: return w->m.phase == DAEMON_PHASE_IDLE;
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED: return w->hook && !w->ending;
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
		return w->m.phase == DAEMON_PHASE_SPAWNING;
	case DAEMON_EVENT_GONE: return w->ending && w->process == NO_PROCESS;
	case DAEMON_EVENT_STUCK:
		return w->ending && (w->process != NO_PROCESS || w->tree);
	case DAEMON_EVENT_DIED: return w->process != NO_PROCESS;
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_HEAVY: return runs;
	case DAEMON_EVENT_TIME:
	case DAEMON_EVENT_STOP:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RESTART:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE: return w->m.phase != DAEMON_PHASE_IDLE;
	case DAEMON_EVENTS: break;
	}
	return 0;
}

/* What the event says has happened. */
static void
happen(struct world *w, const struct daemon_event *e, int leaves)
{
	switch (e->kind) {
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED: w->hook = 0; break;
	case DAEMON_EVENT_EXECUTED: w->process = RUNNING; break;
	case DAEMON_EVENT_UNEXECUTED: w->process = NO_PROCESS; break;
	case DAEMON_EVENT_DIED:
		w->process = NO_PROCESS;
		w->tree = leaves;
		break;
	case DAEMON_EVENT_GONE: w->ending = w->tree = w->hook = 0; break;
	case DAEMON_EVENT_STUCK: w->ending = 0; break;
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_HEAVY:
	case DAEMON_EVENT_TIME:
	case DAEMON_EVENT_STOP:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RESTART:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
}

/* Time passes, here too. */
static void
age(struct world *w, long long passed)
{
	if (passed > 0 &&
	    (w->m.phase == DAEMON_PHASE_READY ||
		w->m.phase == DAEMON_PHASE_RELOADING))
		w->healthy = 1;
	w->window = w->window > passed ? w->window - passed : 0;
	if (w->window == 0)
		w->restarts = 0;
}

void
world_go(struct world *w, const struct daemon_event *e, int leaves,
    const struct daemon_move *to)
{
	struct daemon_machine old = w->m;

	age(w, e->passed_ms);
	happen(w, e, leaves);
	w->m = to->machine;
	if (is_afresh(&old, e))
		w->deaths = 0;
	if (is_restart(&old, e))
		check_restart(&old, w, e);
	act(w, to->actions);
	check_stop(&old, w, e);
	if ((e->otherwise || old.why == DAEMON_WHY_WATCHDOG) &&
	    e->kind == DAEMON_EVENT_STOP && old.phase == DAEMON_PHASE_STOPPING)
		must((to->actions & (DAEMON_DO_END | DAEMON_DO_SWEEP)) != 0,
		    "another schedule begins at once");
	if (e->kind == DAEMON_EVENT_TIME)
		must(daemon_machine_wait(&w->m) != 0, "time moves on");
	check_world(w);
}
