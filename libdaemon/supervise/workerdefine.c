/* SPDX-License-Identifier: ISC */
/* What is asked for of one worker or agent: the service's definition, but for
 * what is its own. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../at.h"
#include "../cpus.h"
#include "../identity/workers.h"
#include "../spell.h"
#include "pool.h"

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

void
daemon_worker_undefine(struct daemon_worker *w)
{
	const struct daemon_definition *of = w->s.head->d;
	struct daemon_definition *d = &w->d;

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

int
daemon_worker_define(struct daemon_worker *w)
{
	const struct daemon_definition *of = w->s.head->d;
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

static int
give_user(struct daemon_definition *d, const struct daemon_agent *a)
{
	if (a->user[0] == '\0')
		return 0;
	d->user = strdup(a->user);
	d->group = a->group[0] != '\0' ? strdup(a->group) : NULL;
	return d->user == NULL || (a->group[0] != '\0' && d->group == NULL) ? -1
									    : 0;
}

int
daemon_worker_define_agent(
    struct daemon_worker *w, const struct daemon_agent *a)
{
	const struct daemon_supervisor *head = w->s.head;
	const struct daemon_definition *of = head->d;
	struct daemon_definition *d = &w->d;
	char path[PATH_MAX];
	const char *slash;

	inherit(d, of);
	disown(d);
	d->command = strdup("/bin/sh");
	if (d->command == NULL || name_it(w, d, of) == -1 ||
	    spell_files(d, a->name) == -1 || give_user(d, a) == -1 ||
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
