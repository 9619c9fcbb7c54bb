/* SPDX-License-Identifier: ISC */
#include "moves.h"

struct daemon_move
daemon_move_stay(const struct daemon_machine *m)
{
	return (struct daemon_move){ .machine = *m };
}

/* A wait begins: no more than ms of it, -1 without end. */
struct daemon_move
daemon_move_enter(const struct daemon_machine *m, enum daemon_phase phase,
    long long ms, unsigned actions)
{
	struct daemon_move to = { .machine = *m, .actions = actions };

	to.machine.phase = phase;
	to.machine.left[DAEMON_TIMER_PHASE] = ms;
	return to;
}

void
daemon_move_untimed(struct daemon_machine *m)
{
	int i;

	for (i = 0; i < DAEMON_TIMERS; i++)
		m->left[i] = -1;
}

/* The launcher learns its end once: what says so is left out later. */
unsigned
daemon_move_tell(struct daemon_machine *m, enum daemon_do what)
{
	if (m->told)
		return 0;
	m->told = 1;
	return what;
}

struct daemon_move
daemon_move_over(
    const struct daemon_machine *m, enum daemon_why why, unsigned actions)
{
	struct daemon_machine to = *m;

	daemon_move_untimed(&to);
	to.why = why;
	actions |= daemon_move_tell(&to, DAEMON_DO_TELL_FAILED);
	return daemon_move_enter(
	    &to, DAEMON_PHASE_OVER, -1, actions | DAEMON_DO_FINISH);
}

/* End what lives, because of why.  Its limits do not count any more. */
struct daemon_move
daemon_move_end(
    const struct daemon_machine *m, enum daemon_why why, enum daemon_do how)
{
	struct daemon_machine to = *m;

	daemon_move_untimed(&to);
	to.why = why;
	to.stuck = 0;
	return daemon_move_enter(&to, DAEMON_PHASE_STOPPING, -1, how);
}

/* The main process ended by itself: what it has left is in the way of the
 * next one. */
struct daemon_move
daemon_move_died(const struct daemon_machine *m, enum daemon_ending ending)
{
	struct daemon_machine to = *m;

	to.lives = 0;
	to.ending = ending;
	return daemon_move_end(&to, DAEMON_WHY_ENDED, DAEMON_DO_SWEEP);
}

struct daemon_move
daemon_move_extend(
    const struct daemon_machine *m, enum daemon_timer timer, long long ms)
{
	struct daemon_move to = daemon_move_stay(m);

	if (m->left[timer] != -1 && m->left[timer] < ms)
		to.machine.left[timer] = ms;
	return to;
}

struct daemon_move
daemon_move_leave(const struct daemon_policy *p, const struct daemon_machine *m)
{
	struct daemon_machine to = *m;

	daemon_move_untimed(&to);
	return daemon_move_enter(&to, DAEMON_PHASE_LEAVING, p->leave_ms, 0);
}

/* A sign of life. */
struct daemon_move
daemon_move_live(const struct daemon_policy *p, const struct daemon_machine *m)
{
	struct daemon_move to = daemon_move_stay(m);

	to.machine.left[DAEMON_TIMER_WATCHDOG] = p->watchdog_ms;
	return to;
}

/* Of one that is ready. */
struct daemon_move
daemon_move_late(const struct daemon_machine *m)
{
	if (m->left[DAEMON_TIMER_WATCHDOG] == 0)
		return daemon_move_end(m, DAEMON_WHY_WATCHDOG, DAEMON_DO_END);
	if (m->left[DAEMON_TIMER_RUNTIME] == 0)
		return daemon_move_end(m, DAEMON_WHY_RUNTIME, DAEMON_DO_END);
	return daemon_move_stay(m);
}

struct daemon_move
daemon_move_thawed(struct daemon_move m)
{
	if (m.machine.phase == DAEMON_PHASE_PAUSED)
		m.machine.phase = DAEMON_PHASE_READY;
	m.actions |= DAEMON_DO_THAW;
	return m;
}

/* What lives, by the schedule, from its beginning. */
struct daemon_move
daemon_move_end_again(const struct daemon_machine *m)
{
	return daemon_move_end(
	    m, m->why, m->lives ? DAEMON_DO_END : DAEMON_DO_SWEEP);
}

/* By us, or of itself in the meantime: what it has left may end now. */
struct daemon_move
daemon_move_buried(const struct daemon_machine *m, enum daemon_ending ending)
{
	struct daemon_move to = daemon_move_stay(m);

	to.machine.lives = 0;
	to.machine.ending = ending;
	return m->stuck ? daemon_move_end_again(&to.machine) : to;
}

/* Something of it does not die, or nobody could see to that. */
struct daemon_move
daemon_move_stuck(const struct daemon_policy *p, const struct daemon_machine *m)
{
	struct daemon_move to = daemon_move_stay(m);

	to.machine.stuck = 1;
	to.machine.left[DAEMON_TIMER_PHASE] = p->retry_ms;
	return to;
}

/* A schedule is under way: it goes on for another reason; if it has ended
 * in vain, or another one is asked for, that begins.  That of a watchdog waits
 * for a core first: who asks does not. */
struct daemon_move
daemon_move_insist(const struct daemon_machine *m, enum daemon_why why,
    const struct daemon_event *e)
{
	struct daemon_move to = daemon_move_stay(m);

	to.machine.why = why;
	return m->stuck || e->otherwise || m->why == DAEMON_WHY_WATCHDOG
	    ? daemon_move_end_again(&to.machine)
	    : to;
}
