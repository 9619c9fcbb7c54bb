/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../clock.h"
#include "../cpus.h"
#include "../identity/cgroup.h"
#include "../identity/retire.h"
#include "../identity/workers.h"
#include "../spell.h"
#include "policy.h"
#include "pool.h"
#include "publish.h"

static void
list_free(struct daemon_list *own, const struct daemon_list *borrowed)
{
	if (own->v != borrowed->v)
		daemon_list_clear(own);
}

static void
text_free(char *own, const char *borrowed)
{
	if (own != borrowed)
		free(own);
}

static void
clear(struct daemon_definition *d, const struct daemon_definition *of)
{
	free(d->mark);
	free(d->cgroup);
	free(d->memory_group);
	text_free(d->in, of->in);
	text_free(d->out, of->out);
	text_free(d->err, of->err);
	text_free(d->cpus, of->cpus);
	if (d->command != of->command) {
		free(d->command);
		text_free(d->user, NULL);
		text_free(d->group, NULL);
	}
	list_free(&d->argv, &of->argv);
	daemon_list_clear(&d->set);
}

/* In the place of one that has it, "{worker}" is the index.  -1/ENOMEM. */
static int
spell_text(char **text, const char *index)
{
	char *new;

	if (*text == NULL || strstr(*text, DAEMON_WORKER_TEXT) == NULL)
		return 0;
	new = daemon_spell(*text, DAEMON_WORKER_TEXT, index);
	*text = new;
	return new == NULL ? -1 : 0;
}

static int
has_index(const struct daemon_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strstr(l->v[i], DAEMON_WORKER_TEXT) != NULL)
			return 1;
	return 0;
}

static int
spell_list(
    struct daemon_list *to, const struct daemon_list *from, const char *index)
{
	size_t i;
	char *word;
	int r = 0;

	*to = (struct daemon_list){ .v = NULL };
	for (i = 0; r == 0 && i < from->n; i++) {
		word = daemon_spell(from->v[i], DAEMON_WORKER_TEXT, index);
		r = word == NULL ? -1 : daemon_list_add(to, word);
		free(word);
	}
	return r;
}

/* Files with one name are all workers': nobody empties them. */
static int
spell_files(struct daemon_definition *d, const char *index)
{
	const char *out = d->out, *err = d->err;

	if (spell_text(&d->in, index) == -1 ||
	    spell_text(&d->out, index) == -1 ||
	    spell_text(&d->err, index) == -1)
		return -1;
	d->truncate = d->truncate && (out == NULL || d->out != out) &&
	    (err == NULL || d->err != err);
	return 0;
}

/* One of those that were asked for. */
static int
spell_cpu(struct daemon_definition *d, unsigned index)
{
	return d->cpus == NULL ||
		asprintf(&d->cpus, "%d", daemon_cpus_pick(d->cpus, index)) != -1
	    ? 0
	    : -1;
}

/* Its own name in what it is known by. */
static int
name_it(const struct daemon_worker *w, struct daemon_definition *d,
    const struct daemon_definition *of)
{
	const char *what = w->role == DAEMON_WORKER_IS_AGENT ? "agent-" : "";

	return (of->mark != NULL &&
		   asprintf(&d->mark, "%s.%s%s", of->mark, what, w->name) ==
		       -1) ||
		(of->cgroup != NULL &&
		    asprintf(
			&d->cgroup, "%s/%s%s", of->cgroup, what, w->name) == -1)
	    ? -1
	    : 0;
}

/* Of the service's: pidfiles name its supervisor. */
static void
inherit(struct daemon_definition *d, const struct daemon_definition *of)
{
	*d = *of;
	d->pidfile = d->lockfile = d->supervisor_pidfile = NULL;
	d->mark = d->cgroup = d->memory_group = NULL;
	d->set = (struct daemon_list){ .v = NULL };
	d->workers = 0;
}

static int
define(struct daemon_worker *w, const struct daemon_definition *of)
{
	struct daemon_definition *d = &w->d;
	char index[12];

	inherit(d, of);
	(void)snprintf(index, sizeof index, "%u", w->index);
	return name_it(w, d, of) == -1 || spell_files(d, index) == -1 ||
		spell_cpu(d, w->index) == -1 ||
		(has_index(&of->argv) &&
		    spell_list(&d->argv, &of->argv, index) == -1) ||
		spell_list(&d->set, &of->set, index) == -1
	    ? -1
	    : daemon_list_addf(&d->set, "DAEMONIZE_WORKER=%s", index);
}

/* What is of the workers is none of its. */
static void
disown(struct daemon_definition *d)
{
	d->max_memory = d->watchdog = d->max_runtime = d->max_restarts = NULL;
	d->ready = d->ready_timeout = d->restart_delay = d->cpus = NULL;
	d->before = d->on_ready = d->on_exit = d->on_failed = NULL;
	d->success_status = d->final_status = d->listen_env = NULL;
	d->user = d->group = NULL;
	d->listen = d->argv = (struct daemon_list){ .v = NULL };
	d->ready_ms = -1;
	d->truncate = 0;
	d->keep_trying = 1;
}

/* "USER[:GROUP]" */
static int
give_user(struct daemon_definition *d, const char *text)
{
	const size_t n = strcspn(text, ":");

	if (text[0] == '\0')
		return 0;
	d->user = strndup(text, n);
	d->group = text[n] == ':' ? strdup(text + n + 1) : NULL;
	return d->user == NULL || (text[n] == ':' && d->group == NULL) ? -1 : 0;
}

static int
define_agent(struct daemon_worker *w, const struct daemon_supervisor *head,
    const struct daemon_agent *a)
{
	const struct daemon_definition *of = head->d;
	struct daemon_definition *d = &w->d;
	char path[PATH_MAX];
	const char *slash;

	inherit(d, of);
	disown(d);
	d->command = strdup("/bin/sh");
	if (d->command == NULL || name_it(w, d, of) == -1 ||
	    spell_files(d, a->name) == -1 || give_user(d, a->user) == -1 ||
	    daemon_list_add(&d->argv, "sh") == -1 ||
	    daemon_list_add(&d->argv, "-c") == -1 ||
	    daemon_list_add(&d->argv, a->command) == -1 ||
	    spell_list(&d->set, &of->set, a->name) == -1 ||
	    daemon_list_addf(&d->set, "DAEMONIZE_AGENT=%s", a->name) == -1)
		return -1;
	if (head->service.dir == -1 ||
	    daemon_at_path(head->service.dir, path, sizeof path) <= 0)
		return 0;
	if (daemon_list_addf(
		&d->set, "DAEMONIZE_CONTROL=%s/" DAEMON_CONTROL, path) == -1)
		return -1;
	slash = strrchr(path, '/');
	return slash == NULL
	    ? 0
	    : daemon_list_addf(
		  &d->set, "DAEMONIZE_RUNDIR=%.*s", (int)(slash - path), path);
}

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
		(void)snprintf(
		    buf, DAEMON_WORKER_TEXT_MAX, "worker %u", of(s)->index);
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
	return finish(w, define(w, p->head->d));
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
	w = finish(w, define_agent(w, p->head, a));
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

static int
needs_notices(const struct daemon_supervisor *s)
{
	return s->notified.fd == -1 &&
	    (s->ready.kind == DAEMON_BY_NOTIFY || s->d->watchdog != NULL);
}

int
daemon_worker_prepare(struct daemon_worker *w, struct daemon_fault *f)
{
	struct daemon_supervisor *s = &w->s;

	if (open_directory(w, 1) == -1)
		return daemon_fault_set(f, "record", s->d->name, NULL);
	if (needs_notices(s) &&
	    daemon_notified_open(&s->notified, s->service.dir, s->d) == -1)
		return daemon_fault_set(f, "notify", s->d->name, NULL);
	if (w->d.max_memory == NULL || s->memory.event != -1)
		return 0;
	if (w->d.memory_group == NULL)
		w->d.memory_group =
		    daemon_memory_make(w->d.mark, w->d.cgroup, f);
	if (w->d.memory_group == NULL)
		return -1;
	return daemon_memory_watch(
		   &s->memory, w->d.memory_group, s->max_memory) == -1
	    ? daemon_fault_set(f, "max-memory", w->d.memory_group, NULL)
	    : 0;
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
	clear(&w->d, s->head->d);
	free(w);
}
