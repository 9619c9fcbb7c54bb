/* SPDX-License-Identifier: ISC */
/* What is to be known of a service with workers: made known, of all together,
 * as if it were one. */
#include <stdio.h>
#include <string.h>

#include "../clock.h"
#include "hooks.h"
#include "pool.h"
#include "publish.h"

/* How long until the first of those that wait is begun again; -1: none does. */
static long long
until_next(const struct daemon_pool *p)
{
	long long ms, least = -1;
	size_t i;

	for (i = 0; i < p->n; i++) {
		ms = daemon_machine_wait(&p->worker[i]->s.machine);
		if (p->worker[i]->role == DAEMON_WORKER_OF_CREW && ms != -1 &&
		    (least == -1 || ms < least))
			least = ms;
	}
	return least;
}

static int
has_phase(const struct daemon_pool *p, enum daemon_phase phase)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_OF_CREW &&
		    p->worker[i]->s.machine.phase == phase)
			return 1;
	return 0;
}

static int
is_stuck(const struct daemon_pool *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role >= DAEMON_WORKER_IS_AGENT &&
		    p->worker[i]->s.machine.phase == DAEMON_PHASE_STOPPING &&
		    p->worker[i]->s.machine.stuck &&
		    p->worker[i]->s.pending == 0)
			return 1;
	return 0;
}

int
daemon_pool_is_awaited(const struct daemon_pool *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_OF_CREW &&
		    p->worker[i]->awaited)
			return 1;
	return 0;
}

/* Nobody serves now: each waits, or one is on its way. */
static enum daemon_phase
without_any(const struct daemon_pool *p)
{
	return has_phase(p, DAEMON_PHASE_BACKOFF) &&
		!daemon_pool_is_awaited(p) &&
		!has_phase(p, DAEMON_PHASE_SPAWNING) &&
		!has_phase(p, DAEMON_PHASE_STARTING)
	    ? DAEMON_PHASE_BACKOFF
	    : DAEMON_PHASE_STARTING;
}

static enum daemon_phase
phase_of(const struct daemon_pool *p)
{
	switch (p->roll.phase) {
	case DAEMON_ROLL_IDLE:
	case DAEMON_ROLL_STARTING: return DAEMON_PHASE_STARTING;
	case DAEMON_ROLL_SERVING:
		return p->roll.crew.ready > 0 ? DAEMON_PHASE_READY
					      : without_any(p);
	case DAEMON_ROLL_TRYING:
	case DAEMON_ROLL_REPLACING:
	case DAEMON_ROLL_REVERTING: return DAEMON_PHASE_RELOADING;
	case DAEMON_ROLL_FROZEN:
	case DAEMON_ROLL_DRAINED: return DAEMON_PHASE_PAUSED;
	case DAEMON_ROLL_DRAINING:
	case DAEMON_ROLL_RESTARTING:
	case DAEMON_ROLL_STOPPING: return DAEMON_PHASE_STOPPING;
	case DAEMON_ROLL_OVER:
		return daemon_pool_is_over(p) ? DAEMON_PHASE_OVER
					      : DAEMON_PHASE_STOPPING;
	}
	return DAEMON_PHASE_OVER;
}

static enum daemon_why
why_of(const struct daemon_pool *p)
{
	const struct daemon_roll *r = &p->roll;

	switch (r->why) {
	case DAEMON_ROLL_STOPPED: return DAEMON_WHY_STOP;
	case DAEMON_ROLL_LOOPED: return DAEMON_WHY_TOO_OFTEN;
	case DAEMON_ROLL_FAILED:
	case DAEMON_ROLL_ENDED: return p->over;
	case DAEMON_ROLL_RELEASED: return DAEMON_WHY_RELEASED;
	case DAEMON_ROLL_NONE: break;
	}
	return r->phase == DAEMON_ROLL_DRAINING ||
		r->phase == DAEMON_ROLL_RESTARTING
	    ? DAEMON_WHY_RESTART
	    : DAEMON_WHY_NONE;
}

/* As if it were one. */
static void
sum_up(struct daemon_pool *p)
{
	struct daemon_machine *m = &p->head->machine;

	m->phase = phase_of(p);
	m->why = why_of(p);
	m->told = p->roll.told;
	m->stuck = p->sweep == DAEMON_SWEEP_STUCK || is_stuck(p);
	m->left[DAEMON_TIMER_PHASE] =
	    m->phase == DAEMON_PHASE_BACKOFF ? until_next(p) : -1;
}

/* They looped, and each has said why. */
static void
say_looped(struct daemon_pool *p)
{
	struct daemon_last_word *w = &p->word;
	char why[sizeof w->reason];

	(void)snprintf(
	    why, sizeof why, "no worker lives for long; %.200s", p->why);
	*w = (struct daemon_last_word){ .verdict = DAEMON_VERDICT_DIED };
	(void)strcpy(w->step, "restart");
	(void)snprintf(w->object, sizeof w->object, "%s", p->head->d->command);
	(void)strcpy(w->reason, why);
}

/* Is nobody left because they have failed, and none because it was told? */
static int
has_failed(const struct daemon_pool *p)
{
	return p->roll.why == DAEMON_ROLL_LOOPED ||
	    (p->roll.why == DAEMON_ROLL_ENDED &&
		(p->over == DAEMON_WHY_TOO_OFTEN ||
		    p->head->machine.ending == DAEMON_ENDING_FAILURE));
}

static void
note_over(struct daemon_pool *p)
{
	struct daemon_supervisor *s = p->head;

	if (p->roll.why == DAEMON_ROLL_LOOPED)
		say_looped(p);
	if (has_failed(p))
		(void)daemon_hook_run(s, DAEMON_HELPER_ON_FAILED);
	s->st.id.pid = 0;
	s->st.ended_status = s->status + 1;
	daemon_supervisor_withdraw(s);
	(void)snprintf(s->stopped, sizeof s->stopped, "%lld.%lld s%s",
	    (daemon_clock_steady() - p->stop_ms) / 1000,
	    (daemon_clock_steady() - p->stop_ms) / 100 % 10, p->killed);
	s->instance.word = p->word;
	daemon_supervisor_note_over(s,
	    p->roll.why == DAEMON_ROLL_FAILED ||
		p->roll.why == DAEMON_ROLL_LOOPED);
}

/* Another number of them is news, too. */
static int
is_another(struct daemon_status *st, const struct daemon_roll *r)
{
	const long long ready = r->crew.ready;
	const int drained = r->phase == DAEMON_ROLL_DRAINED ||
	    r->phase == DAEMON_ROLL_DRAINING,
		  trying = r->phase == DAEMON_ROLL_TRYING;
	const int another = st->wanted != r->target || st->working != ready ||
	    st->drained != drained || st->trying != trying;

	st->wanted = r->target;
	st->working = ready;
	st->drained = drained;
	st->trying = trying;
	return another;
}

static void
answer(struct daemon_pool *p, enum daemon_request_kind kind, int done,
    const char *text)
{
	daemon_control_tell(&p->head->control, kind,
	    done ? DAEMON_ANSWER_DONE : DAEMON_ANSWER_FAILED,
	    done ? text : p->why);
}

static void
answer_reload(struct daemon_pool *p)
{
	char text[DAEMON_PACKET_MAX];

	if (p->reloaded == 0)
		return;
	(void)snprintf(text, sizeof text, "%u%s", p->generation, p->killed);
	daemon_control_reloaded(&p->head->control, DAEMON_TURN_FIRST,
	    p->reloaded, DAEMON_ANSWER_DONE, text);
	p->reloaded = 0;
	p->killed[0] = '\0';
}

/* There are as many as were asked for, or one of them cannot be begun. */
static void
answer_scale(struct daemon_pool *p)
{
	const struct daemon_roll *r = &p->roll;
	char text[DAEMON_PACKET_MAX];

	if (r->phase != DAEMON_ROLL_DRAINED &&
	    (r->phase != DAEMON_ROLL_SERVING || r->crew.starting > 0 ||
		r->leaving > 0 || daemon_pool_is_awaited(p)))
		return;
	(void)snprintf(text, sizeof text, "%u%s", r->crew.ready, p->killed);
	if (p->in_vain && p->why[0] == '\0')
		(void)snprintf(
		    p->why, sizeof p->why, "one of its workers did not begin");
	answer(p, DAEMON_REQUEST_SCALE, !p->in_vain, text);
	p->in_vain = 0;
}

/* All of them have begun, or have failed to: it does not run as it should. */
static void
answer_start(struct daemon_pool *p)
{
	const struct daemon_roll *r = &p->roll;

	if (r->phase != DAEMON_ROLL_SERVING || r->crew.starting > 0 ||
	    r->crew.down == 0 || !p->in_vain)
		return;
	answer(p, DAEMON_REQUEST_START, 0, NULL);
	answer(p, DAEMON_REQUEST_RESTART, 0, NULL);
	answer(p, DAEMON_REQUEST_AWAIT, 0, NULL);
}

/* Everybody who was to end has, and whoever waited for that knows. */
static void
forget_killed(struct daemon_pool *p)
{
	if (p->roll.leaving == 0 &&
	    (p->roll.phase == DAEMON_ROLL_SERVING ||
		p->roll.phase == DAEMON_ROLL_DRAINED))
		p->killed[0] = '\0';
}

/* To who sees it happen here; each worker has said its own. */
static void
tell(const struct daemon_pool *p, const struct daemon_supervised *now)
{
	struct daemon_supervised told = *now;
	struct daemon_supervisor *s = p->head;

	told.event = p->roll.why == DAEMON_ROLL_LOOPED && daemon_pool_is_over(p)
	    ? DAEMON_EVENT_UNEXECUTED
	    : DAEMON_EVENT_TIME;
	if (s->tell != NULL)
		s->tell(s->arg, s, &told);
}

/* Another state. */
static void
note_state(struct daemon_pool *p, enum daemon_state state)
{
	struct daemon_supervisor *s = p->head;

	s->st.state = state;
	s->st.since = daemon_clock_wall();
	s->st.next = s->machine.phase == DAEMON_PHASE_BACKOFF
	    ? s->st.since + daemon_machine_wait(&s->machine)
	    : 0;
	s->stale = DAEMON_STALE;
}

void
daemon_pool_publish(struct daemon_pool *p)
{
	struct daemon_supervisor *s = p->head;
	struct daemon_supervised now = { .event = DAEMON_EVENT_UNEXECUTED,
		.before = s->machine };
	enum daemon_state state;
	int another;

	sum_up(p);
	state = daemon_machine_state(&s->machine);
	another = state != s->st.state;
	if (is_another(&s->st, &p->roll))
		s->stale = DAEMON_STALE;
	s->st.stopping = (p->roll.phase == DAEMON_ROLL_STOPPING ||
			     p->roll.phase == DAEMON_ROLL_OVER) &&
	    p->roll.why == DAEMON_ROLL_STOPPED;
	if (another)
		note_state(p, state);
	if (daemon_pool_is_over(p))
		note_over(p);
	if (p->roll.phase == DAEMON_ROLL_DRAINED)
		(void)strcpy(s->stopped, p->killed);
	if (p->actions & DAEMON_DO_TELL_TRYING)
		s->instance.word = p->word;
	/* Whoever waits for the start is told of its end when it has come. */
	if (p->roll.phase != DAEMON_ROLL_OVER || daemon_pool_is_over(p)) {
		now.actions = p->actions;
		p->actions = 0;
	}
	if (another || now.actions != 0)
		tell(p, &now);
	if (p->renew && p->roll.phase == DAEMON_ROLL_SERVING)
		daemon_pool_renew_agents(p);
	answer_start(p);
	/* Where there is no room, a while goes by between two attempts. */
	if (s->again_ms == 0 || another || now.actions != 0 ||
	    daemon_pool_is_over(p) || daemon_clock_until(s->again_ms) == 0)
		daemon_supervisor_publish(s, &now);
	else if (daemon_control_is_asked(&s->control))
		daemon_supervisor_answer(s);
	answer_scale(p); /* who is told looks at what is on record */
	answer_reload(p);
	forget_killed(p);
}
