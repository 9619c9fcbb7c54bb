/* SPDX-License-Identifier: ISC */
/*
 * show: how a service was started, as the command line that would do it
 * again.  Values of variables only with --secrets.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdaemon/utf8.h"
#include "ctl.h"
#include "messages.h"
#include "render.h"

/* The length of what a terminal may see, or 0. */
static size_t
harmless(const unsigned char *p)
{
	return message_is_control(p) ? 0 : daemon_utf8_length(p);
}

/* What no other quotes can carry past a terminal: $'...' */
static void
special(const unsigned char *p)
{
	size_t n;

	(void)printf(" $'");
	for (; *p != '\0'; p += n) {
		n = harmless(p);
		if (n == 0)
			(void)printf("\\%03o", p[0]);
		else
			(void)printf("%s%.*s",
			    *p == '\'' || *p == '\\' ? "\\" : "", (int)n,
			    (const char *)p);
		n += n == 0;
	}
	(void)printf("'");
}

static int
is_special(const unsigned char *p)
{
	size_t n;

	while (*p != '\0' && (n = harmless(p)) > 0)
		p += n;
	return *p != '\0';
}

static void
word(const char *w)
{
	const unsigned char *p = (const unsigned char *)w;
	size_t size = strlen(w) * 4 + 8; /* all of it quotes, at most */
	char *quoted = malloc(size);

	if (quoted == NULL || is_special(p)) {
		special(p);
	} else {
		render_word(quoted, size, w);
		(void)printf(" %s", quoted);
	}
	free(quoted);
}

static void
option(const char *name, const char *value)
{
	if (value == NULL)
		return;
	(void)printf(" %s", name);
	word(value);
}

static void
options(const char *name, const struct daemon_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		option(name, l->v[i]);
}

/* NAME=..., or NAME=value for those who asked. */
static void
variables(const char *name, const struct daemon_list *l, int secrets)
{
	char hidden[1024];
	size_t i;

	for (i = 0; i < l->n; i++) {
		(void)snprintf(hidden, sizeof hidden, "%.*s=...",
		    (int)strcspn(l->v[i], "="), l->v[i]);
		option(name, secrets ? l->v[i] : hidden);
	}
}

static void
rotating(const struct daemon_definition *d)
{
	char files[24];

	option("--log-size", d->log_size);
	option("--log-age", d->log_age);
	(void)snprintf(files, sizeof files, "%lld", d->log_files);
	option("--log-files", files);
	option("--log-compress", d->log_compress);
}

/* Of a log with a keeper, which is no -o and -e. */
static void
logging(const struct daemon_definition *d)
{
	option("--log",
	    d->log != NULL && d->out == NULL ? d->log
		: d->captured		     ? d->out
					     : NULL);
	option("--syslog", d->syslog);
	if (!d->captured)
		return;
	if (d->out != NULL)
		rotating(d);
	if (d->log_timestamps != NULL)
		(void)printf(" --log-timestamps=%s", d->log_timestamps);
	if (d->log_tags)
		(void)printf(" --log-tags");
	if (d->log_block)
		(void)printf(" --log-block");
}

/* "every=5m once": the options behind --agent. */
static void
agent(const char *text, const char *how)
{
	char name[32], value[160];
	size_t n, key;

	option("--agent", text);
	for (; *how != '\0'; how += n + (how[n] == ' ')) {
		n = strcspn(how, " ");
		key = strcspn(how, "= ");
		(void)snprintf(
		    name, sizeof name, "--agent-%.*s", (int)key, how);
		(void)snprintf(value, sizeof value, "%.*s",
		    key < n ? (int)(n - key - 1) : 0, how + key + 1);
		if (key < n)
			option(name, value);
		else
			(void)printf(" %s", name);
	}
}

static void
workers(const struct daemon_definition *d)
{
	size_t i;

	if (d->workers > 0)
		(void)printf(" -w %lld", d->workers);
	option("--cpu-affinity", d->cpus);
	option("--reload", d->reload);
	option("--drain", d->drain);
	for (i = 0; i < d->agents.n; i++)
		agent(d->agents.v[i],
		    i < d->agent_how.n ? d->agent_how.v[i] : "");
}

static void
supervision(const struct daemon_definition *d)
{
	const struct {
		const char *name, *value;
	} given[] = {
		{ "-P", d->supervisor_pidfile },
		{ "-t", d->title },
		{ "-T", d->syslog_tag },
		{ "--ready", d->ready },
		{ "--ready-timeout", d->ready_timeout },
		{ "--restart", d->restart },
		{ "-R", d->restart_delay },
		{ "--max-restarts", d->max_restarts },
		{ "--success-status", d->success_status },
		{ "--final-status", d->final_status },
		{ "--watchdog", d->watchdog },
		{ "--max-runtime", d->max_runtime },
		{ "--max-memory", d->max_memory },
		{ "--before", d->before },
		{ "--on-ready", d->on_ready },
		{ "--on-exit", d->on_exit },
		{ "--on-failed", d->on_failed },
	};
	size_t i;

	if (d->keep_trying)
		(void)printf(" --keep-trying");
	for (i = 0; i < sizeof given / sizeof given[0]; i++)
		option(given[i].name, given[i].value);
	workers(d);
	logging(d);
}

static void
command_line(const struct daemon_definition *d, int secrets)
{
	char text[32];
	size_t i;

	(void)printf("daemonize");
	if (d->name != NULL && d->name[0] != '%')
		option("-n", d->name);
	option("-p", d->pidfile);
	option("-l", d->lockfile);
	option("-u", d->user);
	option("-g", d->group);
	option("--root", d->root);
	option("-c", d->cwd);
	(void)snprintf(
	    text, sizeof text, "%03llo", (unsigned long long)d->umask);
	option("-m", text);
	(void)snprintf(text, sizeof text, "%lld", d->nice);
	option("--nice", d->nice != 0 ? text : NULL);
	options("--rlimit", &d->limits);
	option("-i", d->in);
	if (!d->captured) {
		option("-o", d->out);
		option("-e", d->err);
	}
	if (d->append && !d->captured)
		(void)printf(" -a");
	if (d->ignore_sigchld)
		(void)printf(" --ignore-sigchld");
	if (d->env.n == 0)
		(void)printf(" --env-clear");
	options("--keep-fd", &d->keep);
	options("--listen", &d->listen);
	option("--listen-env", d->listen_env);
	if (d->reuseport)
		(void)printf(" --reuseport");
	if (d->backlog > 0)
		(void)printf(" --backlog=%lld", d->backlog);
	options("--env-file", &d->env_files);
	variables("-E", &d->set, secrets);
	option("--check", d->check);
	option("--stop", d->stop);
	if (d->ready == NULL && d->ready_ms >= 0)
		(void)printf(" --ready=alive:%lldms", d->ready_ms);
	supervision(d);
	if (d->foreground)
		(void)printf(" -F");
	if (d->command != NULL && d->argv.n > 0 &&
	    strcmp(d->argv.v[0], d->command) != 0)
		option("--argv0", d->argv.v[0]);
	(void)printf(" --");
	word(d->command != NULL ? d->command : "?");
	for (i = 1; i < d->argv.n; i++)
		word(d->argv.v[i]);
	(void)printf("\n");
}

int
verb_show(const struct ctl *c, struct target *t)
{
	struct daemon_definition d = { 0 };
	char hidden[1024];
	size_t i;
	int r;

	if (!t->recorded) {
		message("show: %s: not started by daemonize", t->shown);
		return CTL_UNKNOWN;
	}
	r = target_definition(t, c, &d);
	if (r != CTL_DONE)
		return r;
	command_line(&d, c->secrets);
	(void)printf("# environment:");
	for (i = 0; i < d.env.n; i++) {
		(void)snprintf(hidden, sizeof hidden, "%.*s",
		    (int)strcspn(d.env.v[i], "="), d.env.v[i]);
		word(c->secrets ? d.env.v[i] : hidden);
	}
	(void)printf("\n");
	daemon_definition_clear(&d);
	return CTL_DONE;
}
