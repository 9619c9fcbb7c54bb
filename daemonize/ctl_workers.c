/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/identity/workers.h"
#include "ctl_workers.h"
#include "status.h"

/* More would not be looked at. */
enum { SHOWN = 24 };

struct found {
	struct worker *v;
	size_t n, room;
	int watched; /* somebody keeps their records */
};

static struct worker *
one_more(struct found *f)
{
	struct worker *more;

	if (f->n == f->room) {
		more = reallocarray(f->v, 2 * f->room + 8, sizeof *more);
		if (more == NULL)
			return NULL;
		f->v = more;
		f->room = 2 * f->room + 8;
	}
	return &f->v[f->n++];
}

/* Of one that is dead, and whose end nobody has put on record. */
static enum daemon_state
state_unwatched(enum daemon_state recorded)
{
	switch (recorded) {
	case DAEMON_STATE_STARTING:
	case DAEMON_STATE_READY:
	case DAEMON_STATE_RELOADING:
	case DAEMON_STATE_STOPPING:
	case DAEMON_STATE_BACKOFF:
	case DAEMON_STATE_PAUSED:
	case DAEMON_STATE_UNSUPERVISED: return DAEMON_STATE_EXITED;
	case DAEMON_STATE_FAILED:
	case DAEMON_STATE_STOPPED:
	case DAEMON_STATE_EXITED: break;
	}
	return recorded;
}

static int
add(void *arg, int dir, const char *name)
{
	struct found *f = arg;
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	const char *last;
	struct worker *w;

	if (daemon_record_read(dir, DAEMON_RECORD_PUBLIC, &d, &st) == 0 &&
	    (w = one_more(f)) != NULL) {
		*w = (struct worker){ .state = st.state,
			.since = st.since,
			.restarts = st.restarts,
			.u = { -1, -1 } };
		last = daemon_status_last_end(&st);
		(void)snprintf(
		    w->last, sizeof w->last, "%s", last != NULL ? last : "");
		(void)snprintf(w->name, sizeof w->name, "%s", name);
		(void)daemon_worker_name_read(name, &w->index, &w->generation);
		if (daemon_identity_prove(&st.id) == DAEMON_PROOF_ALIVE) {
			w->pid = st.id.pid;
			usage_of(&w->u, w->pid);
			(void)snprintf(w->says, sizeof w->says, "%s",
			    st.says != NULL ? st.says : "");
		} else if (!f->watched) {
			w->state = state_unwatched(w->state);
		}
	}
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return 0;
}

static int
by_number(const void *a, const void *b)
{
	const struct worker *v = a, *w = b;

	if (v->generation != w->generation)
		return v->generation < w->generation ? -1 : 1;
	if (v->index != w->index)
		return v->index < w->index ? -1 : 1;
	return strcmp(v->name, w->name);
}

struct worker *
workers_of(const struct target *t, const char *place, size_t *n)
{
	struct found f = { .watched = t->supervised };

	if (t->service.dir != -1)
		(void)daemon_workers_each(t->service.dir, place, add, &f);
	if (f.n > 0)
		qsort(f.v, f.n, sizeof *f.v, by_number);
	*n = f.n;
	return f.v;
}

long long
workers_missing(const struct target *t)
{
	long long missing = t->st.wanted - t->st.working;
	size_t i, n = 0;
	struct worker *w;

	if (t->d.workers == 0 || !t->supervised || t->st.drained ||
	    missing <= 0)
		return 0;
	w = workers_of(t, DAEMON_PLACE_WORKERS, &n);
	for (i = 0; i < n; i++)
		missing -= w[i].state == DAEMON_STATE_EXITED &&
		    strncmp(w[i].last, "status 0", strlen("status 0")) == 0;
	free(w);
	return missing > 0 ? missing : 0;
}

/* How many run. */
static int
add_usage(struct usage *u, const struct target *t, const char *place)
{
	size_t i, n;
	struct worker *w = workers_of(t, place, &n);
	int live = 0;

	for (i = 0; i < n; i++)
		if (w[i].pid != 0) {
			u->cpu_ms += w[i].u.cpu_ms;
			u->memory += w[i].u.memory;
			live++;
		}
	free(w);
	return live;
}

void
workers_usage(struct usage *u, const struct target *t)
{
	int live;

	*u = (struct usage){ 0, 0 };
	live = add_usage(u, t, DAEMON_PLACE_WORKERS);
	live += add_usage(u, t, DAEMON_PLACE_AGENTS);
	if (live == 0)
		*u = (struct usage){ -1, -1 };
}

/* Of a worker its number, of an agent its name. */
static void
show(const struct target *t, const struct worker *w)
{
	char span[32], memory[16] = "", label[DAEMON_WORKER_NAME_MAX + 8],
		       more[128] = "";
	const int agent = w->generation == 0;

	if (agent)
		(void)snprintf(label, sizeof label, "  %s", w->name);
	else
		(void)snprintf(label, sizeof label, "%6u", w->index);
	render_span(span, sizeof span, daemon_clock_wall() - w->since);
	if (!agent && w->generation != t->st.generation)
		(void)snprintf(
		    more, sizeof more, ", generation %u", w->generation);
	if (agent && w->last[0] != '\0')
		(void)snprintf(more, sizeof more, ", ended last: %s", w->last);
	if (w->pid == 0) {
		status_line(label, "%s, for %s%s", daemon_state_word(w->state),
		    span, more);
		return;
	}
	render_bytes(memory, sizeof memory,
	    w->u.memory > 0 ? (unsigned long long)w->u.memory : 0);
	status_line(label, "%s, pid %ld, for %s, %s%s%s%s",
	    daemon_state_word(w->state), (long)w->pid, span, memory, more,
	    w->says[0] != '\0' ? ": " : "", w->says);
}

/* Who has no supervisor is not counted by it. */
static long long
ready(const struct target *t, const struct worker *w, size_t n)
{
	long long count = 0;
	size_t i;

	if (t->supervised)
		return t->st.working;
	for (i = 0; i < n; i++)
		count += w[i].pid != 0 && w[i].state == DAEMON_STATE_READY;
	return count;
}

void
status_workers(const struct target *t)
{
	size_t i, n;
	struct worker *w;

	if (t->d.workers == 0)
		return;
	w = workers_of(t, DAEMON_PLACE_WORKERS, &n);
	status_line("workers", "%lld of %lld ready, generation %lld%s",
	    ready(t, w, n), t->st.wanted, t->st.generation,
	    t->st.drained      ? ", drained (daemonctl resume)"
		: t->st.trying ? ", the next is being tried"
			       : "");
	for (i = 0; i < n && i < SHOWN; i++)
		show(t, &w[i]);
	if (n > SHOWN)
		status_line("", "and %zu more (status --json)", n - SHOWN);
	free(w);
	w = workers_of(t, DAEMON_PLACE_AGENTS, &n);
	if (n > 0)
		status_line("agents", "%zu", n);
	for (i = 0; i < n; i++)
		show(t, &w[i]);
	free(w);
}

/* What there is to say of either, to its end. */
static void
rest(struct json *object, const struct worker *w)
{
	json_text(object, "state", daemon_state_word(w->state));
	json_number(object, "pid", w->pid);
	json_number(object, "since_ms", w->since);
	json_number(object, "restarts", w->restarts);
	json_number(object, "cpu_ms", w->u.cpu_ms);
	json_number(object, "memory_bytes", w->u.memory);
	json_text(object, "says", w->says[0] != '\0' ? w->says : NULL);
	json_end(object);
}

void
status_workers_json(const struct target *t, struct json *j)
{
	struct json array, object;
	size_t i, n;
	struct worker *w = workers_of(t, DAEMON_PLACE_WORKERS, &n);

	json_number(j, "generation", t->st.generation);
	json_number(j, "wanted", t->st.wanted);
	json_array(&array, j, "workers");
	for (i = 0; i < n; i++) {
		json_object(&object, &array, NULL);
		json_number(&object, "worker", w[i].index);
		json_number(&object, "generation", w[i].generation);
		rest(&object, &w[i]);
	}
	json_end(&array);
	free(w);
	w = workers_of(t, DAEMON_PLACE_AGENTS, &n);
	json_array(&array, j, "agents");
	for (i = 0; i < n; i++) {
		json_object(&object, &array, NULL);
		json_text(&object, "agent", w[i].name);
		rest(&object, &w[i]);
	}
	json_end(&array);
	free(w);
}
