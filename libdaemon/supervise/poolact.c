/* SPDX-License-Identifier: ISC */
/* What is decided about all workers, done: to each its own machine does it,
 * in its turn. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "pool.h"
#include "publish.h"

static const char overtaken[] = "overtaken by a stop, a restart or a drain";

void
daemon_worker_end(struct daemon_worker *w, const struct daemon_schedule *by)
{
	if (by == NULL && w->drains)
		by = &w->s.schedule;
	w->s.otherwise =
	    by != NULL && w->s.machine.phase == DAEMON_PHASE_STOPPING;
	w->drains = by == &w->s.pool->drain;
	if (by != NULL)
		w->s.asked = *by;
	daemon_worker_ask(w, DAEMON_EVENT_STOP);
}

void
daemon_pool_end(struct daemon_worker *w, const struct daemon_schedule *by)
{
	if (w->is == DAEMON_WORKER_DONE || w->role == DAEMON_WORKER_LEFT) {
		w->role = DAEMON_WORKER_LEFT;
		return;
	}
	w->role = DAEMON_WORKER_LEAVES;
	daemon_worker_end(w, by);
}

const struct daemon_schedule *
daemon_pool_asked(const struct daemon_pool *p)
{
	if (p->in_peace)
		return &p->drain;
	return p->head->asked.n > 0 ? &p->head->asked : NULL;
}

/* What comes now is how it has ended. */
static void
forget_ends(struct daemon_pool *p)
{
	p->head->status = -1;
	p->head->machine.ending = DAEMON_ENDING_NONE;
}

static void
end_all(struct daemon_pool *p, const struct daemon_schedule *by)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role != DAEMON_WORKER_IS_AGENT)
			daemon_pool_end(p->worker[i], by);
}

static void
note_stop(struct daemon_pool *p)
{
	if (p->stop_ms != 0)
		return;
	p->stop_ms = daemon_clock_steady();
	p->killed[0] = '\0';
	if (p->roll.why == DAEMON_ROLL_STOPPED)
		forget_ends(p);
}

/* Agents serve as long as the service is there; what was to be reloaded is
 * not. */
static void
end(struct daemon_pool *p)
{
	const int again = p->roll.phase == DAEMON_ROLL_RESTARTING ||
	    p->roll.phase == DAEMON_ROLL_STARTING;

	if (!again)
		note_stop(p);
	daemon_helper_end(p->head, DAEMON_HELPER_CHECK);
	daemon_helper_end(p->head, DAEMON_HELPER_RELOADER);
	daemon_control_reloaded(&p->head->control, DAEMON_TURN_ASKED,
	    DAEMON_TURN_SOON, DAEMON_ANSWER_FAILED, overtaken);
	end_all(p, daemon_pool_asked(p));
	p->renew = again;
	if (!again)
		daemon_pool_end_agents(p, daemon_pool_asked(p));
}

static int
is_asked(const struct daemon_worker *w)
{
	return w->role == DAEMON_WORKER_OF_CREW ||
	    (w->role == DAEMON_WORKER_IS_AGENT && w->is != DAEMON_WORKER_DONE);
}

/* Who does not run now is not released: he is at his end. */
static void
let_go(struct daemon_pool *p)
{
	struct daemon_worker *w;
	size_t i;

	for (i = 0; i < p->n; i++) {
		w = p->worker[i];
		if (is_asked(w))
			daemon_worker_ask(w,
			    w->s.machine.phase == DAEMON_PHASE_READY
				? DAEMON_EVENT_RELEASE
				: DAEMON_EVENT_STOP);
	}
}

static void
end_role(struct daemon_pool *p, enum daemon_worker_role role)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == role)
			daemon_pool_end(p->worker[i], &p->drain);
}

static void
ask_all(struct daemon_pool *p, enum daemon_event_kind kind)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_asked(p->worker[i]))
			daemon_worker_ask(p->worker[i], kind);
}

/* Of two the one to go: who has ended anyway, or has the higher number. */
static int
goes_first(const struct daemon_worker *a, const struct daemon_worker *b)
{
	const int done = a->is == DAEMON_WORKER_DONE;

	return done != (b->is == DAEMON_WORKER_DONE) ? done
						     : a->index > b->index;
}

static struct daemon_worker *
first_to_go(const struct daemon_pool *p)
{
	struct daemon_worker *w = NULL;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_OF_CREW &&
		    (w == NULL || goes_first(p->worker[i], w)))
			w = p->worker[i];
	return w;
}

/* So many of them. */
static void
dismiss(struct daemon_pool *p, unsigned n)
{
	struct daemon_roll_event e = { .kind = DAEMON_ROLL_LEAVES };
	struct daemon_worker *w;

	while (n-- > 0 && (w = first_to_go(p)) != NULL) {
		e.was = w->is;
		daemon_pool_end(w, &p->drain);
		daemon_pool_happens(p, &e);
	}
}

/* The old ones leave; but first it is on record that they do. */
static void
retire(struct daemon_pool *p)
{
	size_t i;

	end_role(p, DAEMON_WORKER_OF_CREW);
	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_OF_TRIAL) {
			p->worker[i]->role = DAEMON_WORKER_OF_CREW;
			p->generation = p->worker[i]->generation;
		}
	p->head->st.generation = p->generation;
	if (p->head->service.dir != -1)
		daemon_supervisor_snapshot(p->head);
}

/* The numbers that the workers of a role have. */
static void
mark_taken(char *taken, unsigned most, const struct daemon_pool *p,
    enum daemon_worker_role role)
{
	size_t i;

	(void)memset(taken, 0, most);
	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == role && p->worker[i]->index < most)
			taken[p->worker[i]->index] = 1;
}

/* Without memory we end, like one who was killed: whoever finds us dead begins
 * where we were. */
static void
begin_one(struct daemon_pool *p, enum daemon_worker_role role, unsigned index,
    unsigned generation)
{
	struct daemon_worker *w =
	    daemon_worker_make(p, index, generation, NULL);

	if (w == NULL || daemon_pool_add(p, w) == -1)
		_exit(1);
	w->role = role;
	if (role == DAEMON_WORKER_OF_TRIAL) {
		w->s.policy.keep_trying = 0;
	} else {
		w->s.machine.told = p->roll.told;
		daemon_pool_give_store(p, w);
	}
}

/* By the lowest numbers that are free. */
static void
begin(struct daemon_pool *p, enum daemon_worker_role role, unsigned generation,
    unsigned n)
{
	char taken[DAEMON_WORKERS_MAX];
	unsigned index;

	mark_taken(taken, sizeof taken, p, role);
	for (index = 0; n > 0 && index < sizeof taken; index++)
		if (!taken[index]) {
			begin_one(p, role, index, generation);
			n--;
		}
}

static void
forget_done(struct daemon_pool *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_OF_CREW)
			p->worker[i]->role = DAEMON_WORKER_LEFT;
}

/* All of them anew, or some more. */
static void
start(struct daemon_pool *p, unsigned n)
{
	if (p->roll.phase == DAEMON_ROLL_STARTING) {
		p->stop_ms = 0;
		p->killed[0] = '\0';
		forget_done(p);
		daemon_pool_keep_stores(p);
		p->generation = ++p->last;
		p->head->st.generation = p->generation;
	}
	begin(p, DAEMON_WORKER_OF_CREW, p->generation, n);
}

static int
has_trial(const struct daemon_pool *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_OF_TRIAL)
			return 1;
	return 0;
}

static void
try(struct daemon_pool *p, unsigned n)
{
	if (!has_trial(p)) {
		p->last++;
		p->turn++;
	}
	begin(p, DAEMON_WORKER_OF_TRIAL, p->last, n);
}

/* Who asked later waits for another. */
static unsigned
turn_done(const struct daemon_pool *p)
{
	return p->roll.phase == DAEMON_ROLL_SERVING ||
		p->roll.phase == DAEMON_ROLL_TRYING
	    ? p->turn
	    : p->turn + 1;
}

/* Who asked for it is told once it is on record. */
static void
reloaded(struct daemon_pool *p)
{
	daemon_pool_renew_agents(p);
	p->reloaded = turn_done(p);
}

static void
not_reloaded(struct daemon_pool *p)
{
	if (p->why[0] == '\0')
		(void)snprintf(p->why, sizeof p->why, "%s", overtaken);
	daemon_pool_note_reload(p);
	daemon_control_reloaded(&p->head->control, DAEMON_TURN_FIRST,
	    turn_done(p), DAEMON_ANSWER_FAILED, p->why);
}

static void
act(struct daemon_pool *p, enum daemon_roll_do what, unsigned n)
{
	switch (what) {
	case DAEMON_ROLL_DO_TELL_READY:
		p->actions |= DAEMON_DO_TELL_READY;
		break;
	case DAEMON_ROLL_DO_TELL_TRYING:
		p->actions |= DAEMON_DO_TELL_TRYING;
		break;
	case DAEMON_ROLL_DO_TELL_FAILED:
		p->actions |= DAEMON_DO_TELL_FAILED;
		break;
	case DAEMON_ROLL_DO_FREEZE: ask_all(p, DAEMON_EVENT_PAUSE); break;
	case DAEMON_ROLL_DO_THAW: ask_all(p, DAEMON_EVENT_RESUME); break;
	case DAEMON_ROLL_DO_LET_GO: let_go(p); break;
	case DAEMON_ROLL_DO_END: end(p); break;
	case DAEMON_ROLL_DO_DRAIN: end_all(p, &p->drain); break;
	case DAEMON_ROLL_DO_DISMISS: dismiss(p, n); break;
	case DAEMON_ROLL_DO_RETIRE: retire(p); break;
	case DAEMON_ROLL_DO_REVERT: end_role(p, DAEMON_WORKER_OF_TRIAL); break;
	case DAEMON_ROLL_DO_RELOADED: reloaded(p); break;
	case DAEMON_ROLL_DO_NOT_RELOADED: not_reloaded(p); break;
	case DAEMON_ROLL_DO_START: start(p, n); break;
	case DAEMON_ROLL_DO_TRY: try(p, n); break;
	case DAEMON_ROLL_DO_FINISH: break;
	}
}

void
daemon_pool_happens(struct daemon_pool *p, const struct daemon_roll_event *e)
{
	const struct daemon_roll_move m = daemon_roll_next(&p->how, p->roll, e);
	unsigned bit;

	p->roll = m.roll;
	for (bit = 1; bit <= DAEMON_ROLL_DO_FINISH; bit <<= 1)
		if (m.actions & bit)
			act(p, (enum daemon_roll_do)bit, m.n);
}
