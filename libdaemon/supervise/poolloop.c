/* SPDX-License-Identifier: ISC */
/*
 * The life of a supervisor of several workers.  What happens to one of them is
 * decided by its own machine at once, and counted; people are heard between.
 */
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "../clock.h"
#include "keeping.h"
#include "pool.h"
#include "rebuild.h"
#include "sayings.h"
#include "upgrade.h"

enum {
	LOADING_MS = 1,
	IN_A_ROW = 16 /* events of one: the others are heard, too */
};

static int
serves(const struct daemon_worker *w)
{
	const enum daemon_phase p = w->s.machine.phase;

	return p == DAEMON_PHASE_READY || p == DAEMON_PHASE_RELOADING ||
	    p == DAEMON_PHASE_PAUSED;
}

/* Is that news for the others?  Its own state follows. */
static int
is_news(struct daemon_worker *w, const struct daemon_supervised *now,
    enum daemon_roll_kind *kind)
{
	if (w->role == DAEMON_WORKER_IS_AGENT) {
		if (w->s.machine.phase == DAEMON_PHASE_OVER)
			w->is = DAEMON_WORKER_DONE;
		return 0;
	}
	if (w->s.machine.phase == DAEMON_PHASE_OVER) {
		*kind = w->role == DAEMON_WORKER_LEAVES ? DAEMON_ROLL_GONE
							: DAEMON_ROLL_DONE;
		w->is = DAEMON_WORKER_DONE;
		if (*kind == DAEMON_ROLL_GONE)
			w->role = DAEMON_WORKER_LEFT;
		return w->s.machine.why != DAEMON_WHY_RELEASED;
	}
	if (w->role == DAEMON_WORKER_LEAVES)
		return 0;
	if (serves(w) == (w->is == DAEMON_WORKER_READY)) {
		*kind = DAEMON_ROLL_TRIED;
		if (serves(w) || !daemon_supervised_ends(now))
			return 0;
		w->is = DAEMON_WORKER_DOWN;
		return 1;
	}
	*kind = serves(w) ? DAEMON_ROLL_READY : DAEMON_ROLL_DOWN;
	w->is = serves(w) ? DAEMON_WORKER_READY : DAEMON_WORKER_DOWN;
	return 1;
}

static unsigned
looping(const struct daemon_pool *p)
{
	enum { OFTEN = 5 };
	unsigned n = 0;
	size_t i;

	for (i = 0; i < p->n; i++)
		n += p->worker[i]->role == DAEMON_WORKER_OF_CREW &&
		    p->worker[i]->is != DAEMON_WORKER_DONE &&
		    p->worker[i]->s.machine.quick >= OFTEN;
	return n;
}

/* Of an agent that has its times: what is left until the next. */
static void
set_pause(struct daemon_worker *w)
{
	const long long left = w->begun_ms + w->every_ms - w->s.asked_ms;

	if (w->role == DAEMON_WORKER_IS_AGENT && w->every_ms != -1)
		w->s.policy.backoff.first_ms = left > 0 ? left : 0;
}

/* What it has sent; all of it, before another is begun in its place. */
static void
hear(struct daemon_worker *w, int over)
{
	if (w->s.channel != -1)
		w->s.head->mastery->hear(&w->s, over);
}

static void
step(struct daemon_pool *p, struct daemon_worker *w, struct daemon_event *e)
{
	struct daemon_roll_event r = {
		.trial = w->role == DAEMON_WORKER_OF_TRIAL, .was = w->is
	};
	struct daemon_supervised now;

	if (e->kind == DAEMON_EVENT_DIED || e->kind == DAEMON_EVENT_UNEXECUTED)
		hear(w, 1);
	daemon_supervisor_happens(&w->s, e);
	set_pause(w);
	now = daemon_supervisor_step(&w->s, e);
	if (now.actions & DAEMON_DO_SPAWN)
		w->begun_ms = w->s.asked_ms;
	daemon_pool_note(p, w, &now);
	if (!is_news(w, &now, &r.kind))
		return;
	r.looping = looping(p);
	r.well = daemon_supervised_finished(&w->s, w->s.machine.why);
	if (r.kind == DAEMON_ROLL_TRIED &&
	    (r.was == DAEMON_WORKER_STARTING || w->awaited))
		p->in_vain = 1;
	w->awaited = 0;
	daemon_pool_happens(p, &r);
}

static int
is_over(const struct daemon_worker *w)
{
	return w->role == DAEMON_WORKER_LEFT || w->is == DAEMON_WORKER_DONE;
}

/* All that has happened to it: how much that was. */
static int
look_at(struct daemon_pool *p, struct daemon_worker *w)
{
	struct daemon_event e;
	int n, loading;

	w->stirred = w->loading = 0;
	hear(w, 0);
	for (n = 0; n < IN_A_ROW && !is_over(w); n++) {
		daemon_supervisor_event(&e);
		loading = -1;
		if (!daemon_supervisor_news(&w->s, &e, &loading) &&
		    daemon_supervisor_until(&w->s) != 0) {
			w->loading = loading != -1;
			return n;
		}
		step(p, w, &e);
	}
	w->stirred = !is_over(w);
	return n;
}

/* An agent that waits to begin goes on waiting while all is paused. */
static int
is_held(const struct daemon_worker *w)
{
	return w->s.pool->roll.phase == DAEMON_ROLL_FROZEN &&
	    w->role == DAEMON_WORKER_IS_AGENT &&
	    w->s.machine.phase == DAEMON_PHASE_BACKOFF && w->s.pending == 0;
}

static int
is_due(const struct daemon_worker *w)
{
	return !is_over(w) && !is_held(w) &&
	    (w->stirred || w->loading || w->s.pending != 0 ||
		daemon_supervisor_until(&w->s) == 0 ||
		daemon_supervisor_later(&w->s) == 0);
}

static int
look_at_all(struct daemon_pool *p)
{
	size_t i;
	int n = 0;

	for (i = 0; i < p->n; i++)
		if (is_due(p->worker[i]))
			n += look_at(p, p->worker[i]);
	daemon_pool_bury(p);
	return n;
}

/* The first of those who have died, and are somebody's; the others are let
 * go.  0: there is none. */
static pid_t
first_dead(const struct daemon_pool *p)
{
	siginfo_t si;

	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == -1 ||
		    si.si_pid == 0)
			return 0;
		if (daemon_pool_owner(p, si.si_pid) != NULL)
			return si.si_pid;
		(void)waitpid(si.si_pid, NULL, WNOHANG);
	}
}

/* Whose they are is stirred; the kernel tells of the first until he is
 * buried. */
static void
notice_deaths(struct daemon_pool *p)
{
	const pid_t first = first_dead(p);
	struct daemon_worker *w;
	size_t i;

	for (i = 0; first != 0 && i < p->n; i++) {
		w = p->worker[i];
		if (daemon_instance_is_dead(&w->s.instance) ||
		    daemon_helper_any(&w->s))
			w->stirred = 1;
	}
	p->deaths = first != 0 && first != p->first_dead;
	p->first_dead = first;
}

static int
until_next(const struct daemon_pool *p)
{
	int t = daemon_clock_sooner(
	    daemon_supervisor_later(p->head), daemon_keeping_wait(p->head));
	const struct daemon_worker *w;
	size_t i;

	for (i = 0; i < p->n; i++) {
		w = p->worker[i];
		if (is_over(w) || is_held(w))
			continue;
		t = daemon_clock_sooner(t, daemon_supervisor_until(&w->s));
		t = daemon_clock_sooner(t, daemon_supervisor_later(&w->s));
		if (w->stirred || w->s.pending != 0)
			t = 0;
		if (w->loading)
			t = daemon_clock_sooner(t, LOADING_MS);
	}
	if (p->head->pending != 0 || daemon_pool_rescales(p))
		t = 0;
	if (p->head->again_ms != 0)
		t = daemon_clock_sooner(
		    t, daemon_clock_until(p->head->again_ms));
	if (p->sweep == DAEMON_SWEEP_STUCK)
		t = daemon_clock_sooner(t, daemon_clock_until(p->sweep_ms));
	return daemon_clock_sooner(t, daemon_control_wait(&p->head->control));
}

static int
make_room(struct daemon_pool *p)
{
	const size_t n = DAEMON_HEAD_POLL + p->n * DAEMON_NEWS_POLL;
	struct daemon_worker **whose;
	struct pollfd *polled;

	if (n <= p->polls)
		return 0;
	polled = reallocarray(p->polled, n, sizeof *polled);
	if (polled == NULL)
		return -1;
	p->polled = polled;
	whose = reallocarray(p->whose, n, sizeof(struct daemon_worker *));
	if (whose == NULL)
		return -1;
	p->whose = whose;
	p->polls = n;
	return 0;
}

static nfds_t
gather(struct daemon_pool *p)
{
	struct pollfd all[DAEMON_NEWS_POLL], *to = p->polled;
	struct daemon_worker *w;
	size_t i, k;

	daemon_supervisor_poll_head(p->head, to);
	to += daemon_supervisor_pack(to, DAEMON_HEAD_POLL);
	for (i = 0; to > p->polled && i < (size_t)(to - p->polled); i++)
		p->whose[i] = NULL;
	for (i = 0; i < p->n; i++) {
		w = p->worker[i];
		if (is_over(w))
			continue;
		daemon_supervisor_poll(&w->s, all, w->loading ? 0 : -1);
		for (k = 0; k < DAEMON_NEWS_POLL; k++)
			if (all[k].fd != -1) {
				p->whose[to - p->polled] = w;
				*to++ = all[k];
			}
	}
	return (nfds_t)(to - p->polled);
}

static void
wait_for_news(struct daemon_pool *p)
{
	nfds_t n, i;

	if (make_room(p) == -1) {
		(void)poll(NULL, 0, LOADING_MS);
		return;
	}
	n = gather(p);
	if (poll(p->polled, n, until_next(p)) <= 0)
		return;
	for (i = 0; i < n; i++)
		if (p->polled[i].revents != 0 && p->whose[i] != NULL)
			p->whose[i]->stirred = 1;
}

/* Each is let go of in its turn. */
static int
are_released(const struct daemon_pool *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->s.machine.phase != DAEMON_PHASE_OVER)
			return 0;
	return p->roll.why == DAEMON_ROLL_RELEASED;
}

int
daemon_pool_is_over(const struct daemon_pool *p)
{
	return p->roll.phase == DAEMON_ROLL_OVER &&
	    daemon_pool_agents_over(p) &&
	    (are_released(p) || p->sweep == DAEMON_SWEEP_DONE);
}

/* Whoever of all our children is left, is ended. */
static void
sweep(struct daemon_pool *p)
{
	if (p->roll.phase != DAEMON_ROLL_OVER ||
	    p->roll.why == DAEMON_ROLL_RELEASED || !daemon_pool_agents_over(p))
		return;
	if (p->sweep == DAEMON_SWEEP_LATER ||
	    (p->sweep == DAEMON_SWEEP_STUCK &&
		daemon_clock_until(p->sweep_ms) == 0)) {
		p->sweep = DAEMON_SWEEP_BEGUN;
		daemon_supervisor_act(p->head, DAEMON_DO_SWEEP);
	}
}

static void
swept(struct daemon_pool *p, enum daemon_event_kind how)
{
	if (p->sweep != DAEMON_SWEEP_BEGUN)
		return;
	if (how == DAEMON_EVENT_GONE)
		p->sweep = DAEMON_SWEEP_DONE;
	if (how != DAEMON_EVENT_STUCK)
		return;
	p->sweep = DAEMON_SWEEP_STUCK;
	p->sweep_ms = daemon_clock_steady() + p->head->policy.retry_ms;
}

static void
look_at_head(struct daemon_pool *p)
{
	struct daemon_supervisor *s = p->head;
	struct daemon_event e;
	int never = -1;

	sweep(p);
	daemon_supervisor_event(&e);
	if (daemon_supervisor_news(s, &e, &never)) /* of its helpers */
		swept(p, e.kind);
	daemon_rebuild_look(s);
	if (daemon_pool_is_over(p)) {
		daemon_pool_dissolve(p); /* before anybody is told */
		daemon_keeping_end(s);
	} else {
		daemon_keeping_start(s);
	}
}

void
daemon_pool_run(struct daemon_pool *p)
{
	struct daemon_roll_event begin = { .kind = DAEMON_ROLL_BEGIN,
		.n = (unsigned)p->head->d->workers };
	int happened;

	p->head->pending = 0;
	if (p->roll.phase == DAEMON_ROLL_IDLE) {
		daemon_pool_happens(p, &begin);
		(void)daemon_pool_begin_agents(p);
	}
	for (;;) {
		happened = look_at_all(p);
		happened += daemon_pool_hear(p, &p->deaths);
		if (p->deaths)
			notice_deaths(p);
		look_at_head(p);
		daemon_pool_publish(p);
		if (daemon_pool_is_over(p))
			return;
		daemon_upgrade_try(p->head);
		if (happened == 0 && !p->deaths)
			wait_for_news(p);
	}
}
