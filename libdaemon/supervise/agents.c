/* SPDX-License-Identifier: ISC */
/* The agents of a service, beside its workers. */
#include <stdio.h>
#include <string.h>

#include "../clock.h"
#include "pool.h"
#include "publish.h"
#include "resume.h"

static struct daemon_worker *
find(const struct daemon_pool *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_IS_AGENT &&
		    strcmp(p->worker[i]->name, name) == 0)
			return p->worker[i];
	return NULL;
}

/* Who waits to begin is on record, too. */
static void
introduce(struct daemon_worker *w)
{
	struct daemon_supervisor *s = &w->s;
	const long long ms = daemon_machine_wait(&s->machine);
	struct daemon_fault f;

	if (ms == -1 || s->head->service.dir == -1 ||
	    daemon_worker_prepare(w, &f) == -1)
		return;
	s->st.state = DAEMON_STATE_BACKOFF;
	s->st.next = s->st.since + ms;
	daemon_supervisor_snapshot(s);
}

static struct daemon_worker *
begin(struct daemon_pool *p, const struct daemon_agent *a)
{
	struct daemon_worker *w = daemon_worker_make_agent(p, a);

	if (w == NULL)
		return NULL;
	if (daemon_pool_add(p, w) == 0) {
		introduce(w);
		return w;
	}
	daemon_worker_free(w);
	return NULL;
}

int
daemon_pool_begin_agents(struct daemon_pool *p)
{
	const struct daemon_definition *d = p->head->d;
	struct daemon_agent a;
	size_t i;

	for (i = 0; i < d->agents.n; i++)
		if (daemon_agent_of(&a, d, i) == -1 ||
		    (find(p, a.name) == NULL && begin(p, &a) == NULL))
			return -1;
	return 0;
}

void
daemon_pool_end_agents(struct daemon_pool *p, const struct daemon_schedule *by)
{
	struct daemon_worker *w;
	size_t i;

	for (i = 0; i < p->n; i++) {
		w = p->worker[i];
		if (w->role != DAEMON_WORKER_IS_AGENT ||
		    w->is == DAEMON_WORKER_DONE)
			continue;
		daemon_worker_end(w, by);
	}
}

/* Those that stay: who has its times keeps to them. */
void
daemon_pool_renew_agents(struct daemon_pool *p)
{
	const struct daemon_worker *w;
	size_t i;

	p->renew = 0;
	for (i = 0; i < p->n; i++) {
		w = p->worker[i];
		if (w->role == DAEMON_WORKER_IS_AGENT && w->every_ms == -1 &&
		    w->s.policy.restart == DAEMON_RESTART_ALWAYS &&
		    w->s.machine.phase != DAEMON_PHASE_BACKOFF)
			daemon_worker_ask(p->worker[i], DAEMON_EVENT_RESTART);
	}
}

static int
take_up(void *arg, int dir, const char *name)
{
	struct daemon_pool *p = arg;
	struct daemon_worker *w;
	struct daemon_agent a;

	if (daemon_agent_find(&a, p->head->d, name) == -1)
		return 0;
	w = daemon_worker_make_agent(p, &a);
	if (w == NULL || daemon_pool_take_up(p, w, dir) == -1)
		return 0;
	w->s.machine = daemon_machine_new();
	if (daemon_state_is_final(w->s.st.state)) {
		w->s.pending = 0;
		w->s.machine.phase = DAEMON_PHASE_OVER;
		w->is = DAEMON_WORKER_DONE;
		return 0;
	}
	daemon_worker_resume(w);
	w->begun_ms = daemon_clock_steady();
	return 0;
}

/* First those that are on record; what is not, begins. */
int
daemon_pool_resume_agents(struct daemon_pool *p)
{
	(void)daemon_workers_each(
	    p->head->service.dir, DAEMON_PLACE_AGENTS, take_up, p);
	return daemon_pool_begin_agents(p);
}

int
daemon_pool_agents_over(const struct daemon_pool *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->worker[i]->role == DAEMON_WORKER_IS_AGENT &&
		    p->worker[i]->s.machine.phase != DAEMON_PHASE_OVER)
			return 0;
	return 1;
}
