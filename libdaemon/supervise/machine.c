/* SPDX-License-Identifier: ISC */
/*
 * The supervisor's decisions.  One function a phase, each of them answering
 * every event by name; the moves themselves are in moves.c and follow.c.
 */
#include "moves.h"

static struct daemon_move
idle(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_BEGIN: return daemon_move_begin(p, m);
	case DAEMON_EVENT_STOP: return daemon_move_over(m, DAEMON_WHY_STOP, 0);
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_HEAVY:
	case DAEMON_EVENT_DIED:
	case DAEMON_EVENT_TIME:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RESTART:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

/* Its end is that of --before, which has a limit. */
static struct daemon_move
preparing(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_PREPARED: return daemon_move_spawn(p, m);
	case DAEMON_EVENT_UNPREPARED:
		return daemon_move_nothing(p, m, DAEMON_WHY_BEFORE, e);
	case DAEMON_EVENT_STOP:
		return daemon_move_end(m, DAEMON_WHY_STOP, DAEMON_DO_CANCEL);
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_HEAVY:
	case DAEMON_EVENT_DIED:
	case DAEMON_EVENT_TIME:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RESTART:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

static struct daemon_move
spawning(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_EXECUTED: return daemon_move_executed(p, m);
	case DAEMON_EVENT_READY:
		return p->readiness == DAEMON_READY_TOLD
		    ? daemon_move_become_ready(p, m)
		    : daemon_move_stay(m);
	case DAEMON_EVENT_UNEXECUTED:
		return daemon_move_nothing(p, m, DAEMON_WHY_SPAWN, e);
	case DAEMON_EVENT_DIED: return daemon_move_died(m, e->ending);
	case DAEMON_EVENT_HEAVY:
		return daemon_move_end(m, DAEMON_WHY_MEMORY, DAEMON_DO_END);
	case DAEMON_EVENT_TIME:
		if (m->left[DAEMON_TIMER_PHASE] != 0)
			break;
		return daemon_move_end(m, DAEMON_WHY_SPAWN, DAEMON_DO_END);
	case DAEMON_EVENT_STOP:
		return daemon_move_end(m, DAEMON_WHY_STOP, DAEMON_DO_END);
	case DAEMON_EVENT_RESTART:
		return daemon_move_end(m, DAEMON_WHY_RESTART, DAEMON_DO_END);
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

static struct daemon_move
starting(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_READY:
		return p->readiness == DAEMON_READY_TOLD
		    ? daemon_move_become_ready(p, m)
		    : daemon_move_stay(m);
	case DAEMON_EVENT_EXTEND:
		return daemon_move_extend(m, DAEMON_TIMER_PHASE, e->ms);
	case DAEMON_EVENT_HUNG:
		return daemon_move_end(m, DAEMON_WHY_WATCHDOG, DAEMON_DO_END);
	case DAEMON_EVENT_HEAVY:
		return daemon_move_end(m, DAEMON_WHY_MEMORY, DAEMON_DO_END);
	case DAEMON_EVENT_DIED: return daemon_move_died(m, e->ending);
	case DAEMON_EVENT_TIME:
		if (m->left[DAEMON_TIMER_PHASE] != 0)
			break;
		if (p->readiness == DAEMON_READY_ALIVE)
			return daemon_move_become_ready(p, m);
		return daemon_move_end(m, DAEMON_WHY_NOT_READY, DAEMON_DO_END);
	case DAEMON_EVENT_STOP:
		return daemon_move_end(m, DAEMON_WHY_STOP, DAEMON_DO_END);
	case DAEMON_EVENT_RESTART:
		return daemon_move_end(m, DAEMON_WHY_RESTART, DAEMON_DO_END);
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

static struct daemon_move
ready(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_RELOADING:
		return daemon_move_enter(
		    m, DAEMON_PHASE_RELOADING, p->reload_ms, 0);
	case DAEMON_EVENT_LEAVING: return daemon_move_leave(p, m);
	case DAEMON_EVENT_SIGN: return daemon_move_live(p, m);
	case DAEMON_EVENT_EXTEND:
		return daemon_move_extend(m, DAEMON_TIMER_RUNTIME, e->ms);
	case DAEMON_EVENT_HUNG:
		return daemon_move_end(m, DAEMON_WHY_WATCHDOG, DAEMON_DO_END);
	case DAEMON_EVENT_HEAVY:
		return daemon_move_end(m, DAEMON_WHY_MEMORY, DAEMON_DO_END);
	case DAEMON_EVENT_DIED: return daemon_move_died(m, e->ending);
	case DAEMON_EVENT_TIME: return daemon_move_late(m);
	case DAEMON_EVENT_STOP:
		return daemon_move_end(m, DAEMON_WHY_STOP, DAEMON_DO_END);
	case DAEMON_EVENT_RESTART:
		return daemon_move_end(m, DAEMON_WHY_RESTART, DAEMON_DO_END);
	case DAEMON_EVENT_RELOAD:
		return daemon_move_enter(
		    m, DAEMON_PHASE_READY, -1, DAEMON_DO_RELOAD);
	case DAEMON_EVENT_PAUSE:
		return daemon_move_enter(
		    m, DAEMON_PHASE_PAUSED, -1, DAEMON_DO_FREEZE);
	case DAEMON_EVENT_RELEASE:
		return daemon_move_over(m, DAEMON_WHY_RELEASED, 0);
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

/* It serves on: what ends it when it is ready does so here. */
static struct daemon_move
reloading(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_READY:
		return daemon_move_enter(m, DAEMON_PHASE_READY, -1, 0);
	case DAEMON_EVENT_LEAVING: return daemon_move_leave(p, m);
	case DAEMON_EVENT_SIGN: return daemon_move_live(p, m);
	case DAEMON_EVENT_EXTEND:
		return daemon_move_extend(m, DAEMON_TIMER_PHASE, e->ms);
	case DAEMON_EVENT_HUNG:
		return daemon_move_end(m, DAEMON_WHY_WATCHDOG, DAEMON_DO_END);
	case DAEMON_EVENT_HEAVY:
		return daemon_move_end(m, DAEMON_WHY_MEMORY, DAEMON_DO_END);
	case DAEMON_EVENT_DIED: return daemon_move_died(m, e->ending);
	case DAEMON_EVENT_TIME:
		if (m->left[DAEMON_TIMER_PHASE] != 0)
			return daemon_move_late(m);
		return daemon_move_end(m, DAEMON_WHY_NOT_READY, DAEMON_DO_END);
	case DAEMON_EVENT_STOP:
		return daemon_move_end(m, DAEMON_WHY_STOP, DAEMON_DO_END);
	case DAEMON_EVENT_RESTART:
		return daemon_move_end(m, DAEMON_WHY_RESTART, DAEMON_DO_END);
	case DAEMON_EVENT_RELEASE:
		return daemon_move_over(m, DAEMON_WHY_RELEASED, 0);
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

static struct daemon_move
leaving(const struct daemon_machine *m, const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_EXTEND:
		return daemon_move_extend(m, DAEMON_TIMER_PHASE, e->ms);
	case DAEMON_EVENT_HUNG:
		return daemon_move_end(m, DAEMON_WHY_WATCHDOG, DAEMON_DO_END);
	case DAEMON_EVENT_HEAVY:
		return daemon_move_end(m, DAEMON_WHY_MEMORY, DAEMON_DO_END);
	case DAEMON_EVENT_DIED: return daemon_move_died(m, e->ending);
	case DAEMON_EVENT_TIME:
		if (m->left[DAEMON_TIMER_PHASE] != 0)
			break;
		return daemon_move_end(m, DAEMON_WHY_LINGERED, DAEMON_DO_END);
	case DAEMON_EVENT_STOP:
		return daemon_move_end(m, DAEMON_WHY_STOP, DAEMON_DO_END);
	case DAEMON_EVENT_RESTART:
		return daemon_move_end(m, DAEMON_WHY_RESTART, DAEMON_DO_END);
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

/* Time does not pass; whoever is to end must be able to run. */
static struct daemon_move
paused(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_HEAVY:
		return daemon_move_thawed(
		    daemon_move_end(m, DAEMON_WHY_MEMORY, DAEMON_DO_END));
	case DAEMON_EVENT_DIED:
		return daemon_move_thawed(daemon_move_died(m, e->ending));
	case DAEMON_EVENT_STOP:
		return daemon_move_thawed(
		    daemon_move_end(m, DAEMON_WHY_STOP, DAEMON_DO_END));
	case DAEMON_EVENT_RESTART:
		return daemon_move_thawed(
		    daemon_move_end(m, DAEMON_WHY_RESTART, DAEMON_DO_END));
	case DAEMON_EVENT_RESUME:
		return daemon_move_thawed(daemon_move_live(p, m));
	case DAEMON_EVENT_RELEASE:
		return daemon_move_thawed(
		    daemon_move_over(m, DAEMON_WHY_RELEASED, 0));
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_TIME:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

/* A stop stays one; anything else may become a stop, or a restart. */
static struct daemon_move
stopping(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_GONE: return daemon_move_gone(p, m, e);
	case DAEMON_EVENT_STUCK: return daemon_move_stuck(p, m);
	case DAEMON_EVENT_DIED: return daemon_move_buried(m, e->ending);
	case DAEMON_EVENT_TIME:
		if (!m->stuck || m->left[DAEMON_TIMER_PHASE] != 0)
			break;
		return daemon_move_end_again(m);
	case DAEMON_EVENT_STOP:
		return daemon_move_insist(m, DAEMON_WHY_STOP, e);
	case DAEMON_EVENT_RESTART:
		if (m->why == DAEMON_WHY_STOP)
			break;
		return daemon_move_insist(m, DAEMON_WHY_RESTART, e);
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_HEAVY:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

static struct daemon_move
backoff(const struct daemon_policy *p, const struct daemon_machine *m,
    const struct daemon_event *e)
{
	switch (e->kind) {
	case DAEMON_EVENT_TIME:
		if (m->left[DAEMON_TIMER_PHASE] != 0)
			break;
		return daemon_move_begin(p, m);
	case DAEMON_EVENT_STOP: return daemon_move_over(m, DAEMON_WHY_STOP, 0);
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RESTART: return daemon_move_afresh(p, m);
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED:
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
	case DAEMON_EVENT_GONE:
	case DAEMON_EVENT_STUCK:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_HEAVY:
	case DAEMON_EVENT_DIED:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
	return daemon_move_stay(m);
}

struct daemon_machine
daemon_machine_new(void)
{
	struct daemon_machine m = { .phase = DAEMON_PHASE_IDLE };

	daemon_move_untimed(&m);
	return m;
}

static void
pass(long long *left, long long ms)
{
	if (*left > 0)
		*left = *left > ms ? *left - ms : 0;
}

/* What is paused does not age. */
static void
age(struct daemon_machine *m, long long ms)
{
	int i;

	pass(&m->window_left, ms);
	if (m->phase == DAEMON_PHASE_PAUSED)
		return;
	for (i = 0; i < DAEMON_TIMERS; i++)
		pass(&m->left[i], ms);
	if (m->phase == DAEMON_PHASE_READY ||
	    m->phase == DAEMON_PHASE_RELOADING)
		pass(&m->health_left, ms);
}

struct daemon_move
daemon_machine_next(const struct daemon_policy *p, struct daemon_machine m,
    const struct daemon_event *e)
{
	age(&m, e->passed_ms);
	switch (m.phase) {
	case DAEMON_PHASE_IDLE: return idle(p, &m, e);
	case DAEMON_PHASE_PREPARING: return preparing(p, &m, e);
	case DAEMON_PHASE_SPAWNING: return spawning(p, &m, e);
	case DAEMON_PHASE_STARTING: return starting(p, &m, e);
	case DAEMON_PHASE_READY: return ready(p, &m, e);
	case DAEMON_PHASE_RELOADING: return reloading(p, &m, e);
	case DAEMON_PHASE_LEAVING: return leaving(&m, e);
	case DAEMON_PHASE_PAUSED: return paused(p, &m, e);
	case DAEMON_PHASE_STOPPING: return stopping(p, &m, e);
	case DAEMON_PHASE_BACKOFF: return backoff(p, &m, e);
	case DAEMON_PHASE_OVER: break;
	}
	return daemon_move_stay(&m);
}

long long
daemon_machine_wait(const struct daemon_machine *m)
{
	long long least = -1;
	int i;

	if (m->phase == DAEMON_PHASE_PAUSED)
		return -1;
	for (i = 0; i < DAEMON_TIMERS; i++)
		if (m->left[i] != -1 && (least == -1 || m->left[i] < least))
			least = m->left[i];
	return least;
}
