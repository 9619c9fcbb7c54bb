/* SPDX-License-Identifier: ISC */
/*
 * Of lives: how one begins, and what follows when nothing of it lives any
 * more.
 */
#include "moves.h"

/* Is another restart one too many?  Counts it. */
static int
too_often(const struct daemon_policy *p, struct daemon_machine *m)
{
	if (p->max_restarts == 0)
		return 0;
	if (m->window_left == 0) {
		m->window_left = p->window_ms;
		m->restarts = 0;
	}
	return ++m->restarts > p->max_restarts;
}

/* Did it fail?  Whoever had to be ended has, whatever its status. */
static int
is_failure(const struct daemon_machine *m)
{
	return m->why != DAEMON_WHY_ENDED || m->ending != DAEMON_ENDING_SUCCESS;
}

/* Does the policy want another one? */
static int
is_wanted(const struct daemon_policy *p, const struct daemon_machine *m)
{
	if (m->why == DAEMON_WHY_ENDED && m->ending == DAEMON_ENDING_FINAL)
		return 0;
	switch (p->restart) {
	case DAEMON_RESTART_NEVER: return 0;
	case DAEMON_RESTART_ON_FAILURE: return is_failure(m);
	case DAEMON_RESTART_ALWAYS: return 1;
	}
	return 0;
}

struct daemon_move
daemon_move_spawn(const struct daemon_policy *p, const struct daemon_machine *m)
{
	struct daemon_machine to = *m;

	to.ending = DAEMON_ENDING_NONE;
	to.why = DAEMON_WHY_NONE;
	to.lives = 1;
	return daemon_move_enter(
	    &to, DAEMON_PHASE_SPAWNING, p->spawn_ms, DAEMON_DO_SPAWN);
}

/* --before has a limit of its own, and so an end. */
struct daemon_move
daemon_move_begin(const struct daemon_policy *p, const struct daemon_machine *m)
{
	struct daemon_machine to = *m;

	to.health_left = p->healthy_ms;
	if (!p->has_before)
		return daemon_move_spawn(p, &to);
	to.why = DAEMON_WHY_NONE;
	to.ending = DAEMON_ENDING_NONE;
	return daemon_move_enter(
	    &to, DAEMON_PHASE_PREPARING, -1, DAEMON_DO_BEFORE);
}

/* Nothing lives, and another attempt is wanted. */
static struct daemon_move
again(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e, unsigned actions)
{
	struct daemon_machine to = *m;
	struct daemon_move next;
	long long ms;

	if (to.health_left == 0)
		to.quick = 0;
	if (too_often(p, &to))
		return daemon_move_over(
		    &to, DAEMON_WHY_TOO_OFTEN, actions | DAEMON_DO_HOOK_FAILED);
	ms = daemon_backoff_ms(&p->backoff, to.quick, e->chance);
	to.quick = daemon_backoff_count(&p->backoff, to.quick);
	if (ms > 0)
		return daemon_move_enter(
		    &to, DAEMON_PHASE_BACKOFF, ms, actions);
	next = daemon_move_begin(p, &to);
	next.actions |= actions;
	return next;
}

/* Nothing lives, and nobody asked for that: an attempt, or an instance that
 * was ready, has come to its end. */
static struct daemon_move
ended(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	struct daemon_machine to = *m;
	unsigned actions =
	    m->ending != DAEMON_ENDING_NONE ? DAEMON_DO_HOOK_EXIT : 0;

	if (!to.told && !p->keep_trying)
		return daemon_move_over(
		    &to, to.why, actions | DAEMON_DO_HOOK_FAILED);
	if (!is_wanted(p, &to))
		return daemon_move_over(&to, to.why,
		    actions | (is_failure(&to) ? DAEMON_DO_HOOK_FAILED : 0));
	actions |= daemon_move_tell(&to, DAEMON_DO_TELL_TRYING);
	return again(p, &to, e, actions);
}

struct daemon_move
daemon_move_become_ready(
    const struct daemon_policy *p, const struct daemon_machine *m)
{
	struct daemon_machine to = *m;
	unsigned actions = daemon_move_tell(&to, DAEMON_DO_TELL_READY);

	to.left[DAEMON_TIMER_WATCHDOG] = p->watchdog_ms;
	to.left[DAEMON_TIMER_RUNTIME] = p->runtime_ms;
	return daemon_move_enter(
	    &to, DAEMON_PHASE_READY, -1, actions | DAEMON_DO_HOOK_READY);
}

struct daemon_move
daemon_move_executed(
    const struct daemon_policy *p, const struct daemon_machine *m)
{
	switch (p->readiness) {
	case DAEMON_READY_EXEC: return daemon_move_become_ready(p, m);
	case DAEMON_READY_ALIVE:
		return daemon_move_enter(
		    m, DAEMON_PHASE_STARTING, p->alive_ms, 0);
	case DAEMON_READY_TOLD:
		return daemon_move_enter(
		    m, DAEMON_PHASE_STARTING, p->ready_ms, 0);
	}
	return daemon_move_stay(m);
}

/* An attempt that came to nothing: no process. */
struct daemon_move
daemon_move_nothing(const struct daemon_policy *p,
    const struct daemon_machine *m, enum daemon_why why,
    const struct daemon_event *e)
{
	struct daemon_machine to = *m;

	to.lives = 0;
	to.why = why;
	return ended(p, &to, e);
}

struct daemon_move
daemon_move_afresh(
    const struct daemon_policy *p, const struct daemon_machine *m)
{
	struct daemon_machine to = *m;

	to.quick = 0;
	return daemon_move_begin(p, &to);
}

/* Nothing lives any more of what was to be ended. */
struct daemon_move
daemon_move_gone(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	unsigned actions = 0;
	struct daemon_move next;

	if (m->why != DAEMON_WHY_STOP && m->why != DAEMON_WHY_RESTART)
		return ended(p, m, e);
	if (m->ending != DAEMON_ENDING_NONE)
		actions = DAEMON_DO_HOOK_EXIT;
	if (m->why == DAEMON_WHY_STOP)
		return daemon_move_over(m, DAEMON_WHY_STOP, actions);
	next = daemon_move_afresh(p, m);
	next.actions |= actions;
	return next;
}
