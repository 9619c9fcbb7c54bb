/* SPDX-License-Identifier: ISC */
/* From a master's options to the definition of a service. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cpus.h"
#include "../decimal.h"
#include "../duration.h"
#include "../socket/address.h"
#include "../start/limits.h"
#include "agent.h"
#include "master.h"
#include "policy.h"

static int
refuse(struct daemon_fault *f, const char *option, const char *text,
    const char *why)
{
	errno = EINVAL;
	return daemon_fault_set(f, option, text, "%s", why);
}

static int
no_memory(struct daemon_fault *f)
{
	return daemon_fault_set(f, "master", "", NULL);
}

/* Each text, and whether it may be that. */
static int
is_schedule(const char *text)
{
	struct daemon_schedule s;

	return daemon_schedule_parse(&s, text, NULL) == 0;
}

static int
is_restart(const char *text)
{
	enum daemon_restart r;

	return daemon_restart_parse(&r, text) == 0;
}

static int
is_span(const char *text)
{
	long long ms;

	return daemon_duration_parse(text, &ms) == 0;
}

static int
is_max_restarts(const char *text)
{
	long long ms;
	unsigned n;

	return daemon_max_restarts_parse(&n, &ms, text) == 0;
}

static int
copy_texts(struct daemon_definition *d, const struct daemon_master_options *o,
    struct daemon_fault *f)
{
	const struct {
		const char *option, *text;
		char **to;
		int (*is)(const char *);
	} texts[] = {
		{ "name", o->name, &d->name, daemon_name_ok },
		{ "user", o->user, &d->user, NULL },
		{ "group", o->group, &d->group, NULL },
		{ "cwd", o->cwd, &d->cwd, NULL },
		{ "cpu-affinity", o->cpu_affinity, &d->cpus, daemon_cpus_are },
		{ "stop", o->stop, &d->stop, is_schedule },
		{ "drain", o->drain, &d->drain, is_schedule },
		{ "restart", o->restart != NULL ? o->restart : "always",
		    &d->restart, is_restart },
		{ "restart-delay", o->restart_delay, &d->restart_delay,
		    is_span },
		{ "max-restarts", o->max_restarts, &d->max_restarts,
		    is_max_restarts },
		{ "ready-timeout", o->ready_timeout, &d->ready_timeout,
		    is_span },
		{ "reload", o->batch ? "batch" : "rolling", &d->reload, NULL },
	};
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (texts[i].text == NULL)
			continue;
		if (texts[i].is != NULL && !texts[i].is(texts[i].text))
			return refuse(f, texts[i].option, texts[i].text,
			    "is none that daemonize(1) would take");
		*texts[i].to = strdup(texts[i].text);
		if (*texts[i].to == NULL)
			return no_memory(f);
	}
	return 0;
}

static int
copy_umask(
    struct daemon_definition *d, const char *text, struct daemon_fault *f)
{
	return daemon_mask_read(&d->umask, text != NULL ? text : "022") == -1
	    ? refuse(f, "umask", text, "is no octal mask")
	    : 0;
}

static int
copy_nice(struct daemon_definition *d, const char *text, struct daemon_fault *f)
{
	const int below = text != NULL && text[0] == '-';

	if (text == NULL)
		return 0;
	if (daemon_decimal_read(&d->nice, text + below, below ? 20 : 19) == -1)
		return refuse(f, "nice", text, "is not from -20 to 19");
	if (below)
		d->nice = -d->nice;
	d->renice = 1;
	return 0;
}

static int
copy_limits(struct daemon_definition *d, const char *const *limit,
    struct daemon_fault *f)
{
	struct rlimit rl;
	int resource;

	for (; limit != NULL && *limit != NULL; limit++) {
		if (daemon_limit_parse(*limit, &resource, &rl) == -1)
			return refuse(
			    f, "rlimit", *limit, "not as nofile=1024:4096");
		if (daemon_list_add(&d->limits, *limit) == -1)
			return no_memory(f);
	}
	return 0;
}

static int
copy_addresses(struct daemon_definition *d,
    const struct daemon_master_options *o, struct daemon_fault *f)
{
	const char *const *text = o->listen, *why = "is too long";
	struct daemon_address a;

	d->backlog = o->backlog;
	d->reuseport = o->reuseport;
	for (; text != NULL && *text != NULL; text++) {
		if (daemon_address_parse(&a, *text, &why) == -1)
			return refuse(f, "listen", *text, why);
		if (a.kind == DAEMON_ADDRESS_UNIX && a.path[0] != '/')
			return refuse(
			    f, "listen", *text, "is no absolute path");
		if (d->listen.n == DAEMON_STORE_MAX)
			return refuse(f, "listen", *text, "is one too many");
		if (daemon_list_add(&d->listen, *text) == -1)
			return no_memory(f);
	}
	return 0;
}

/* In the words in which an agent's options are kept. */
static int
add_agent(struct daemon_definition *d, const struct daemon_master_agent *a,
    struct daemon_fault *f)
{
	struct daemon_agent read;
	char how[256], every[32] = "", delay[32] = "", user[140] = "";

	if (!daemon_name_ok(a->name) || a->run == NULL ||
	    (a->user != NULL &&
		(strlen(a->user) > 130 || strchr(a->user, ' ') != NULL)))
		return refuse(
		    f, "agent", a->name, "has no good name, user or function");
	if (a->every_ms > 0)
		(void)snprintf(
		    every, sizeof every, " every=%lldms", a->every_ms);
	if (a->delay_ms > 0)
		(void)snprintf(
		    delay, sizeof delay, " delay=%lldms", a->delay_ms);
	if (a->user != NULL)
		(void)snprintf(user, sizeof user, " user=%s", a->user);
	(void)snprintf(how, sizeof how, "%s%s%s%s", a->once ? "once" : "",
	    every, delay, user);
	if (daemon_list_addf(&d->agents, "%s=%s", a->name, a->name) == -1 ||
	    daemon_list_add(&d->agent_how, how + (how[0] == ' ')) == -1)
		return no_memory(f);
	return daemon_agent_of(&read, d, d->agents.n - 1) == 0
	    ? 0
	    : refuse(f, "agent", a->name, "has no good name, user or function");
}

static int
copy_agents(struct daemon_definition *d, const struct daemon_master_options *o,
    struct daemon_fault *f)
{
	struct daemon_agent first;
	size_t i;

	for (i = 0; i < o->agents; i++) {
		if (o->agent[i].name == NULL)
			return refuse(f, "agent", "", "has no name");
		if (daemon_agent_find(&first, d, o->agent[i].name) == 0)
			return refuse(
			    f, "agent", o->agent[i].name, "is there twice");
		if (add_agent(d, &o->agent[i], f) == -1)
			return -1;
	}
	return 0;
}

/* Who we are, for those who ask. */
static int
name_program(struct daemon_definition *d, struct daemon_fault *f)
{
	char path[4096];
	const ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	path[n > 0 ? n : 0] = '\0';
	d->command = strdup(n > 0 ? path : "function");
	return d->command == NULL ||
		daemon_list_add(&d->argv, d->command) == -1 ||
		asprintf(&d->starter, "%ld", (long)getuid()) == -1 ||
		daemon_limits_get(&d->inherited) == -1
	    ? no_memory(f)
	    : 0;
}

static int
copy_readiness(struct daemon_definition *d, long long ms)
{
	d->ready_ms = ms > 0 ? ms : -1;
	if (ms != DAEMON_READY_WHEN_TOLD)
		return 0;
	d->ready_ms = 0;
	d->ready = strdup("fd");
	return d->ready == NULL ? -1 : 0;
}

int
daemon_master_define(struct daemon_definition *d,
    const struct daemon_master_options *o, struct daemon_fault *f)
{
	*d = (struct daemon_definition){ .log_files = -1,
		.foreground = 1,
		.calls = 1,
		.workers =
		    o->workers != 0 ? o->workers : daemon_cpus_usable() };
	if (o->run == NULL)
		return refuse(f, "run", "", "there is no function");
	if (o->workers > DAEMON_WORKERS_MAX)
		return refuse(f, "workers", "", "are too many");
	if (copy_readiness(d, o->ready_ms) == -1)
		return no_memory(f);
	return name_program(d, f) == -1 || copy_texts(d, o, f) == -1 ||
		copy_umask(d, o->umask, f) == -1 ||
		copy_nice(d, o->nice, f) == -1 ||
		copy_limits(d, o->rlimit, f) == -1 ||
		copy_addresses(d, o, f) == -1
	    ? -1
	    : copy_agents(d, o, f);
}
