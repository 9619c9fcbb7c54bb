/* SPDX-License-Identifier: ISC */
/*
 * From a definition to the steps.  Pure: what is here decides, steps.c does.
 * The order is explained in libdaemon(7): the identity is on disk before
 * root, ids or limits change; ids change before the working directory, which
 * the user must be able to enter; the signal mask is cleared last.
 */
#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "plan.h"

static struct daemon_action *
add(struct daemon_plan *p, enum daemon_step step, const char *object)
{
	struct daemon_action *a;

	if (p->n == DAEMON_PLAN_MAX)
		return NULL;
	a = &p->action[p->n++];
	*a = (struct daemon_action){ .step = step,
		.object = object != NULL ? object : "" };
	return a;
}

static int
add_limits(struct daemon_plan *p, const struct daemon_list *limits)
{
	struct daemon_action *a;
	size_t i;

	for (i = 0; i < limits->n; i++) {
		a = add(p, DAEMON_STEP_LIMIT, limits->v[i]);
		if (a == NULL) {
			errno = E2BIG;
			return -1;
		}
		if (daemon_limit_parse(limits->v[i], &a->resource, &a->limit) ==
		    -1)
			return -1;
	}
	return 0;
}

static void
add_identity(struct daemon_plan *p, const struct daemon_definition *d)
{
	if (daemon_definition_in_place(d))
		(void)add(p, DAEMON_STEP_LOCK_PID, d->pidfile);
	else if (d->pidfile != NULL)
		(void)add(p, DAEMON_STEP_PIDFILE, d->pidfile);
	if (d->name != NULL && d->name[0] != '%')
		(void)add(p, DAEMON_STEP_NAME_PID, d->name);
	if (d->name != NULL || d->pidfile != NULL)
		(void)add(p, DAEMON_STEP_RECORD, d->name);
}

static const char *
stdio_text(const struct daemon_definition *d)
{
	if (d->out != NULL)
		return d->out;
	if (d->err != NULL)
		return d->err;
	return d->in != NULL ? d->in : "/dev/null";
}

static int
is_start(enum daemon_plan_mode mode)
{
	return mode == DAEMON_PLAN_DETACH || mode == DAEMON_PLAN_FOREGROUND ||
	    mode == DAEMON_PLAN_INSTANCE;
}

int
daemon_plan_make(struct daemon_plan *p, const struct daemon_definition *d,
    enum daemon_plan_mode mode)
{
	int truncate;

	p->n = 0;
	if (mode == DAEMON_PLAN_DETACH) {
		(void)add(p, DAEMON_STEP_FORK, NULL);
		(void)add(p, DAEMON_STEP_SESSION, NULL);
		(void)add(p, DAEMON_STEP_FORK_AGAIN, NULL);
	}
	if (mode == DAEMON_PLAN_INSTANCE)
		(void)add(p, DAEMON_STEP_SESSION, NULL);
	if (is_start(mode))
		add_identity(p, d);
	add(p, DAEMON_STEP_UMASK, NULL)->number = d->umask;
	if (d->renice || d->again)
		add(p, DAEMON_STEP_NICE, NULL)->number = d->nice;
	if (mode == DAEMON_PLAN_INSTANCE && d->cpus != NULL)
		add(p, DAEMON_STEP_AFFINITY, d->cpus)->number = atoi(d->cpus);
	/* Started again by somebody else, whose limits are not the first's. */
	if ((d->again && add_limits(p, &d->inherited) == -1) ||
	    add_limits(p, &d->limits) == -1)
		return -1;
	if (d->root != NULL)
		(void)add(p, DAEMON_STEP_ROOT, d->root);
	if (d->user != NULL)
		(void)add(p, DAEMON_STEP_USER, d->user);
	else if (d->group != NULL)
		(void)add(p, DAEMON_STEP_GROUP, d->group);
	if (d->cwd != NULL)
		(void)add(p, DAEMON_STEP_CWD, d->cwd);
	if (mode == DAEMON_PLAN_DETACH ||
	    (mode == DAEMON_PLAN_INSTANCE && !d->foreground) ||
	    (is_start(mode) &&
		(d->in != NULL || d->out != NULL || d->err != NULL ||
		    d->captured)))
		(void)add(p, DAEMON_STEP_STDIO, stdio_text(d));
	if (d->calls) /* a function: what is left, who calls it does */
		return 0;
	(void)add(p, DAEMON_STEP_DESCRIPTORS, NULL);
	truncate = is_start(mode) && d->truncate;
	if (truncate || mode == DAEMON_PLAN_REHEARSAL)
		(void)add(p, DAEMON_STEP_FIND, d->command);
	if (truncate)
		(void)add(p, DAEMON_STEP_TRUNCATE, stdio_text(d));
	(void)add(p, DAEMON_STEP_SIGNALS, NULL);
	if (d->ignore_sigchld)
		(void)add(p, DAEMON_STEP_SIGCHLD, NULL);
	/* The kernel forgets it where ids change: so late. */
	if (mode == DAEMON_PLAN_CHECK)
		(void)add(p, DAEMON_STEP_TIED, NULL);
	if (add(p, DAEMON_STEP_EXEC, d->command) == NULL) {
		errno = E2BIG;
		return -1;
	}
	if (mode == DAEMON_PLAN_REHEARSAL)
		p->n--; /* there was room for it */
	return 0;
}

const char *
daemon_step_word(enum daemon_step s)
{
	switch (s) {
	case DAEMON_STEP_FORK: return "fork";
	case DAEMON_STEP_SESSION: return "session";
	case DAEMON_STEP_FORK_AGAIN: return "fork";
	case DAEMON_STEP_PIDFILE: return "pidfile";
	case DAEMON_STEP_NAME_PID: return "pid";
	case DAEMON_STEP_LOCK_PID: return "pidfile";
	case DAEMON_STEP_RECORD: return "record";
	case DAEMON_STEP_UMASK: return "umask";
	case DAEMON_STEP_NICE: return "nice";
	case DAEMON_STEP_AFFINITY: return "affinity";
	case DAEMON_STEP_LIMIT: return "limit";
	case DAEMON_STEP_ROOT: return "root";
	case DAEMON_STEP_USER: return "user";
	case DAEMON_STEP_GROUP: return "group";
	case DAEMON_STEP_CWD: return "cwd";
	case DAEMON_STEP_STDIO: return "stdio";
	case DAEMON_STEP_DESCRIPTORS: return "descriptors";
	case DAEMON_STEP_TRUNCATE: return "truncate";
	case DAEMON_STEP_SIGNALS: return "signals";
	case DAEMON_STEP_SIGCHLD: return "sigchld";
	case DAEMON_STEP_TIED: return "tied";
	case DAEMON_STEP_FIND: return "find";
	case DAEMON_STEP_EXEC: return "exec";
	}
	return "?";
}

int
daemon_action_text(char *buf, size_t size, const struct daemon_action *a)
{
	const char *word = daemon_step_word(a->step);

	if (a->step == DAEMON_STEP_UMASK)
		return snprintf(buf, size, "%s %03llo", word,
		    (unsigned long long)a->number);
	if (a->step == DAEMON_STEP_NICE)
		return snprintf(buf, size, "%s %lld", word, a->number);
	return snprintf(buf, size, "%s%s%s", word,
	    a->object[0] != '\0' ? " " : "", a->object);
}
