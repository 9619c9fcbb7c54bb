/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/cgroup.h"
#include "../identity/retire.h"
#include "../identity/workers.h"
#include "handover.h"
#include "policy.h"
#include "pool.h"
#include "publish.h"
#include "resume.h"

/* What is the same for all. */
static void
take_after(struct daemon_supervisor *s, const struct daemon_supervisor *head)
{
	s->self = head->self;
	s->here = head->here;
	s->oom = head->oom;
	s->output[0] = head->output[0];
	s->output[1] = head->output[1];
	s->spool = s->children = s->signals = s->watch = s->launcher = -1;
	s->st = (struct daemon_status){ .since = daemon_clock_wall() };
	s->st.id.pidns = s->here.pidns;
	(void)strcpy(s->st.id.boot, s->here.boot);
	s->st.supervisor = head->st.supervisor;
	s->tell = head->tell;
	s->arg = head->arg;
	s->journaled = -1;
}

struct daemon_worker *
daemon_worker_of(struct daemon_supervisor *s)
{
	return (struct daemon_worker *)(void *)s; /* its first member */
}

/* NULL: the service itself. */
static const struct daemon_worker *
of(const struct daemon_supervisor *s)
{
	return s->head == s ? NULL
			    : (const struct daemon_worker *)(const void *)s;
}

const char *
daemon_worker_agent(const struct daemon_supervisor *s)
{
	const struct daemon_worker *w = of(s);

	return w != NULL && w->role == DAEMON_WORKER_IS_AGENT ? w->name : NULL;
}

int
daemon_worker_is_quiet(const struct daemon_supervisor *s)
{
	return daemon_worker_agent(s) != NULL && of(s)->every_ms != -1;
}

int
daemon_worker_index(const struct daemon_supervisor *s)
{
	return of(s) == NULL || daemon_worker_agent(s) != NULL
	    ? -1
	    : (int)of(s)->index;
}

const char *
daemon_worker_text(
    char buf[DAEMON_WORKER_TEXT_MAX], const struct daemon_supervisor *s)
{
	const char *agent = daemon_worker_agent(s);

	if (of(s) == NULL)
		return NULL;
	if (agent != NULL)
		(void)snprintf(buf, DAEMON_WORKER_TEXT_MAX, "agent %s", agent);
	else
		(void)snprintf(buf, DAEMON_WORKER_TEXT_MAX, DAEMON_WORKER_SAID,
		    of(s)->index);
	return buf;
}

/* Nothing of it yet but what is the same for all. */
static struct daemon_worker *
make(struct daemon_pool *p)
{
	struct daemon_worker *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->s.head = p->head;
	w->s.pool = p;
	w->s.d = &w->d;
	w->s.service = DAEMON_SERVICE_NONE;
	take_after(&w->s, p->head);
	daemon_supervisor_blank(&w->s);
	w->stirred = 1;
	return w;
}

/* The definition is its own now. */
static struct daemon_worker *
finish(struct daemon_worker *w, int defined)
{
	if (defined == -1 || daemon_policy_of(&w->s, &w->d) == -1) {
		daemon_worker_free(w);
		return NULL;
	}
	w->s.watchdog_ms = w->s.policy.watchdog_ms;
	return w;
}

static int
is_name(const struct daemon_pool *p, const char *text)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (strcmp(p->worker[i]->name, text) == 0)
			return 1;
	return 0;
}

/* One that leaves may still have its number. */
static void
name(const struct daemon_pool *p, struct daemon_worker *w)
{
	unsigned again = 0;

	(void)snprintf(w->name, sizeof w->name, DAEMON_WORKER_NAME, w->index,
	    w->generation);
	while (is_name(p, w->name))
		(void)snprintf(w->name, sizeof w->name,
		    DAEMON_WORKER_NAME "-%u", w->index, w->generation, ++again);
}

struct daemon_worker *
daemon_worker_make(struct daemon_pool *p, unsigned index, unsigned generation,
    const char *known)
{
	struct daemon_worker *w = make(p);

	if (w == NULL)
		return NULL;
	w->index = index;
	w->generation = generation;
	w->place = DAEMON_PLACE_WORKERS;
	if (known != NULL)
		(void)snprintf(w->name, sizeof w->name, "%s", known);
	else
		name(p, w);
	daemon_store_sockets(&w->s.store, &p->head->store);
	return finish(w, daemon_worker_define(w));
}

struct daemon_worker *
daemon_worker_make_agent(struct daemon_pool *p, const struct daemon_agent *a)
{
	struct daemon_worker *w = make(p);

	if (w == NULL)
		return NULL;
	w->role = DAEMON_WORKER_IS_AGENT;
	w->place = DAEMON_PLACE_AGENTS;
	(void)snprintf(w->name, sizeof w->name, "%s", a->name);
	w->every_ms = a->every_ms;
	w = finish(w, daemon_worker_define_agent(w, a));
	if (w == NULL)
		return NULL;
	w->s.policy.restart =
	    a->once ? DAEMON_RESTART_NEVER : DAEMON_RESTART_ALWAYS;
	w->s.policy.backoff.constant = a->every_ms != -1;
	w->s.machine.told = 1;
	daemon_worker_delay(w, a->delay_ms);
	return w;
}

void
daemon_worker_delay(struct daemon_worker *w, long long ms)
{
	if (ms <= 0)
		return;
	w->s.pending = 0;
	w->s.machine.phase = DAEMON_PHASE_BACKOFF;
	w->s.machine.left[DAEMON_TIMER_PHASE] = ms;
}

/* Its own, made if it is not there. */
static int
open_directory(struct daemon_worker *w, int create)
{
	struct daemon_service *own = &w->s.service;
	const struct daemon_service *of = &w->s.head->service;
	struct stat st;

	if (of->dir == -1)
		return 0;
	if (own->dir != -1 && fstat(own->dir, &st) == 0 && st.st_nlink > 0)
		return 0;
	if (own->dir != -1)
		(void)close(own->dir);
	own->lock = of->lock;
	own->dir = daemon_workers_open(of->dir, w->place, w->name, create);
	return own->dir == -1 ? -1 : 0;
}

int
daemon_worker_reopen(struct daemon_worker *w)
{
	return open_directory(w, 0);
}

int
daemon_worker_is_lost(const struct daemon_worker *w)
{
	const int dir = w->s.service.dir;
	int there;

	if (dir == -1)
		return 0;
	there =
	    daemon_workers_open(w->s.head->service.dir, w->place, w->name, 0);
	if (there == -1)
		return 1;
	(void)close(there);
	return faccessat(
		   dir, DAEMON_RECORD_PUBLIC, F_OK, AT_SYMLINK_NOFOLLOW) == -1;
}

void
daemon_worker_restore(struct daemon_worker *w)
{
	struct daemon_supervisor *s = &w->s;

	if (s->service.dir != -1)
		(void)close(s->service.dir);
	s->service.dir = -1;
	if (open_directory(w, 1) == -1)
		return;
	if (s->instance.pid != 0 && s->instance.pipe == -1)
		(void)daemon_enrol(&s->service, s->d, s->instance.pid);
	if (s->notified.fd != -1)
		daemon_notified_rename(
		    &s->notified, s->service.dir, s->instance.uid);
	daemon_supervisor_snapshot(s);
}

int
daemon_worker_prepare(struct daemon_worker *w, struct daemon_fault *f)
{
	struct daemon_supervisor *s = &w->s;

	if (open_directory(w, 1) == -1)
		return daemon_fault_set(f, "record", s->d->name, NULL);
	if (w->d.max_memory != NULL && w->d.memory_group == NULL) {
		w->d.memory_group =
		    daemon_memory_make(w->d.mark, w->d.cgroup, f);
		if (w->d.memory_group == NULL)
			return -1;
	}
	return daemon_supervisor_attend(s, f);
}

void
daemon_worker_resume(struct daemon_worker *w)
{
	struct daemon_fault f;

	daemon_handover_take(w);
	daemon_supervisor_resume(&w->s);
	/* What it cannot have again is missed when it is begun anew. */
	if (w->s.instance.pid != 0)
		(void)daemon_worker_prepare(w, &f);
}

static void
leave(struct daemon_supervisor *s)
{
	int i;

	/* A hook outlives it. */
	for (i = 0; i < DAEMON_HELPERS; i++)
		if (!daemon_helper_hand_over(s, (enum daemon_helper)i))
			daemon_helper_end(s, (enum daemon_helper)i);
	if (s->ready_pipe != -1)
		(void)close(s->ready_pipe);
	if (s->channel != -1)
		(void)close(s->channel);
	if (s->instance.pidfd != -1)
		(void)close(s->instance.pidfd);
	daemon_notified_close(&s->notified, s->service.dir);
	daemon_memory_close(&s->memory);
	daemon_store_clear_own(&s->store);
}

void
daemon_worker_free(struct daemon_worker *w)
{
	struct daemon_supervisor *s = &w->s;
	const int lives = s->machine.phase == DAEMON_PHASE_OVER &&
	    s->machine.why == DAEMON_WHY_RELEASED;

	leave(s);
	if (!lives)
		daemon_cgroup_remove_both(w->d.cgroup, w->d.memory_group);
	if (s->service.dir != -1) {
		if (!lives)
			daemon_workers_remove(
			    s->head->service.dir, w->place, w->name);
		(void)close(s->service.dir);
	}
	daemon_worker_undefine(w);
	free(w);
}
