/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/workers.h"
#include "../signame.h"
#include "pool.h"
#include "resume.h"
#include "upgrade.h"

#define DRAIN_DEFAULT "QUIT/30"

/* First in peace, then as ever. */
static int
compose(struct daemon_schedule *s, const struct daemon_definition *d,
    const struct daemon_schedule *stop)
{
	if (daemon_schedule_parse(
		s, d->drain != NULL ? d->drain : DRAIN_DEFAULT, NULL) == -1)
		return -1;
	if (s->n + stop->n > DAEMON_SCHEDULE_MAX) {
		errno = E2BIG;
		return -1;
	}
	(void)memcpy(s->item + s->n, stop->item, stop->n * sizeof *s->item);
	s->repeat = s->n + stop->repeat;
	s->n += stop->n;
	return 0;
}

const char *
daemon_reload_command(const char *reload)
{
	return reload != NULL && strncmp(reload, "cmd:", 4) == 0 ? reload + 4
								 : NULL;
}

int
daemon_reload_signal(const char *reload)
{
	const int sig = reload != NULL ? daemon_signal_parse(reload) : -1;

	return sig > 0 ? sig : 0;
}

struct daemon_pool *
daemon_pool_make(struct daemon_supervisor *head)
{
	const struct daemon_definition *d = head->d;
	struct daemon_pool *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	p->head = head;
	p->turn = DAEMON_TURN_FIRST;
	p->how.batch = d->reload != NULL && strcmp(d->reload, "batch") == 0;
	p->how.gives_up = !d->keep_trying && d->max_restarts == NULL;
	if (compose(&p->drain, d, &head->schedule) == 0)
		return p;
	free(p);
	return NULL;
}

void
daemon_pool_dissolve(struct daemon_pool *p)
{
	while (p->n > 0)
		daemon_worker_free(p->worker[--p->n]);
}

void
daemon_pool_free(struct daemon_pool *p)
{
	daemon_pool_dissolve(p);
	daemon_pool_clear_stores(p);
	free(p->worker);
	free(p->polled);
	free(p->whose);
	free(p);
}

int
daemon_pool_add(struct daemon_pool *p, struct daemon_worker *w)
{
	struct daemon_worker **more;

	if (p->n == p->room) {
		more = reallocarray(
		    p->worker, 2 * p->room + 4, sizeof(struct daemon_worker *));
		if (more == NULL)
			return -1;
		p->worker = more;
		p->room = 2 * p->room + 4;
	}
	p->worker[p->n++] = w;
	return 0;
}

void
daemon_pool_bury(struct daemon_pool *p)
{
	size_t i, n = 0;

	daemon_pool_keep_stores(p);
	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_LEFT)
			daemon_worker_free(p->worker[i]);
		else
			p->worker[n++] = p->worker[i];
	p->n = n;
}

static int
is_of(const struct daemon_supervisor *s, pid_t pid)
{
	return s->instance.pid == pid || daemon_helper_is(s, pid);
}

struct daemon_supervisor *
daemon_pool_owner(const struct daemon_pool *p, pid_t pid)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (is_of(&p->worker[i]->s, pid))
			return &p->worker[i]->s;
	return is_of(p->head, pid) ? p->head : NULL;
}

/* What was adopted, and guests, may be somebody else's children. */
static int
children_of(const struct daemon_supervisor *s)
{
	int n = s->instance.pid != 0, i;

	if (s->instance.pidfd != -1 || s->spared > DAEMON_HELPERS ||
	    s->helper[DAEMON_HELPER_KEEPER] != 0)
		return -1;
	for (i = 0; i < DAEMON_HELPERS; i++)
		n += s->helper[i] != 0;
	return n;
}

int
daemon_pool_children(const struct daemon_pool *p)
{
	int n = children_of(p->head), more;
	size_t i;

	for (i = 0; n != -1 && i < p->n; i++) {
		more = children_of(&p->worker[i]->s);
		n = more == -1 ? -1 : n + more;
	}
	return n;
}

void
daemon_pool_signal(const struct daemon_pool *p, int sig)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		daemon_instance_signal(&p->worker[i]->s.instance, sig);
}

int
daemon_pool_is_quiet(const struct daemon_pool *p)
{
	size_t i;

	switch (p->roll.phase) {
	case DAEMON_ROLL_SERVING:
	case DAEMON_ROLL_FROZEN:
	case DAEMON_ROLL_DRAINED: break;
	case DAEMON_ROLL_IDLE:
	case DAEMON_ROLL_STARTING:
	case DAEMON_ROLL_TRYING:
	case DAEMON_ROLL_REPLACING:
	case DAEMON_ROLL_REVERTING:
	case DAEMON_ROLL_DRAINING:
	case DAEMON_ROLL_RESTARTING:
	case DAEMON_ROLL_STOPPING:
	case DAEMON_ROLL_OVER: return 0;
	}
	for (i = 0; i < p->n; i++)
		if (p->worker[i]->is != DAEMON_WORKER_DONE &&
		    !daemon_upgrade_is_quiet(&p->worker[i]->s))
			return 0;
	return p->roll.leaving == 0;
}

/* What a worker on record is, whatever it was for who has died. */
struct roll_call {
	struct daemon_pool *p;
	int result;
};

static enum daemon_worker_is
is_what(const struct daemon_machine *m)
{
	switch (m->phase) {
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_PAUSED: return DAEMON_WORKER_READY;
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_STARTING: return DAEMON_WORKER_STARTING;
	case DAEMON_PHASE_OVER: return DAEMON_WORKER_DONE;
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_PREPARING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_STOPPING:
	case DAEMON_PHASE_BACKOFF: break;
	}
	return DAEMON_WORKER_DOWN;
}

static void
count(struct daemon_pool *p, const struct daemon_worker *w)
{
	if (w->role == DAEMON_WORKER_LEAVES)
		p->roll.leaving++;
	else if (w->role != DAEMON_WORKER_LEFT)
		(*daemon_crew_place(&p->roll.crew, w->is))++;
}

int
daemon_pool_take_up(struct daemon_pool *p, struct daemon_worker *w, int dir)
{
	struct daemon_definition d = { 0 };

	if (daemon_worker_reopen(w) == -1 || daemon_pool_add(p, w) == -1) {
		daemon_worker_free(w);
		return -1;
	}
	(void)daemon_record_read(dir, DAEMON_RECORD_PUBLIC, &d, &w->s.st);
	daemon_definition_clear(&d);
	w->s.st.supervisor = p->head->st.supervisor;
	return 0;
}

/* Of another generation than the one that served: it leaves. */
static int
take_up(void *arg, int dir, const char *name)
{
	struct roll_call *c = arg;
	struct daemon_pool *p = c->p;
	unsigned index, generation;
	struct daemon_worker *w;
	int leaves;

	if (daemon_worker_name_read(name, &index, &generation) == -1)
		return 0;
	w = daemon_worker_make(p, index, generation, name);
	if (w == NULL || daemon_pool_take_up(p, w, dir) == -1) {
		c->result = -1;
		return 1;
	}
	if (generation > p->last)
		p->last = generation;
	leaves = w->s.st.stopping != 0;
	if (leaves) {
		w->role = DAEMON_WORKER_LEAVES;
		w->s.asked = p->drain;
		w->drains = 1;
	}
	daemon_worker_resume(w);
	w->is = is_what(&w->s.machine);
	if (!leaves &&
	    (generation != p->generation || p->head->st.stopping ||
		p->head->st.drained))
		daemon_pool_end(w, &p->drain);
	count(p, w);
	return 0;
}

static enum daemon_roll_phase
drained(const struct daemon_pool *p)
{
	return p->roll.leaving > 0 ? DAEMON_ROLL_DRAINING : DAEMON_ROLL_DRAINED;
}

/* What it was, as far as it is on record. */
int
daemon_pool_resume(struct daemon_pool *p)
{
	const struct daemon_status *st = &p->head->st;
	const struct daemon_definition *d = p->head->d;
	struct roll_call c = { .p = p };
	struct daemon_roll_event e = { .kind = DAEMON_ROLL_SCALE };

	p->generation = p->last = (unsigned)st->generation;
	p->roll.told = 1;
	p->roll.target = (unsigned)(st->wanted > 0 ? st->wanted : d->workers);
	(void)daemon_workers_each(
	    p->head->service.dir, DAEMON_PLACE_WORKERS, take_up, &c);
	if (c.result == -1 || daemon_pool_resume_agents(p) == -1)
		return -1;
	p->roll.phase = st->stopping && p->roll.leaving > 0
	    ? DAEMON_ROLL_STOPPING
	    : st->stopping		       ? DAEMON_ROLL_SERVING
	    : st->drained		       ? drained(p)
	    : st->state == DAEMON_STATE_PAUSED ? DAEMON_ROLL_FROZEN
					       : DAEMON_ROLL_SERVING;
	if (st->stopping) {
		p->roll.why = DAEMON_ROLL_STOPPED;
		daemon_pool_end_agents(p, NULL);
	}
	e.n = p->roll.target;
	if (st->stopping)
		e.kind = DAEMON_ROLL_STOP;
	if (p->roll.phase == DAEMON_ROLL_SERVING)
		daemon_pool_happens(p, &e);
	return 0;
}

int
daemon_pool_has_gaps(const struct daemon_pool *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (daemon_worker_is_lost(p->worker[i]))
			return 1;
	return 0;
}

void
daemon_pool_rebuild(struct daemon_pool *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (daemon_worker_is_lost(p->worker[i]))
			daemon_worker_restore(p->worker[i]);
}
