/* SPDX-License-Identifier: ISC */
/*
 * daemonctl(1): VERB [options] [NAME|GLOB...|--all|-p PIDFILE].  Finds the
 * targets and hands each to its verb; the status is the worst of them.
 */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/duration.h"
#include "ctl.h"
#include "messages.h"
#include "version.h"

enum id {
	ALL,
	PIDFILE,
	EXEC,
	USER,
	STOP,
	TIMEOUT,
	JSON,
	SECRETS,
	RUNDIR,
	QUIET,
	VERSION,
	HELP
};

const struct option_spec daemonctl_options[] = {
	{ ALL, 0, "all", OPTION_FLAG, NULL, "every service" },
	{ PIDFILE, 'p', "pidfile", OPTION_FILE, "FILE", "the daemon of this pidfile" },
	{ EXEC, 0, "exec", OPTION_FILE, "FILE", "with -p: act on a daemon we did not start if it executes FILE" },
	{ USER, 0, "user", OPTION_USER, "USER", "with -p: or if it runs as USER" },
	{ STOP, 0, "stop", OPTION_TEXT, "SCHEDULE", "stop, restart: instead of the recorded schedule (TERM/30/KILL/5)" },
	{ TIMEOUT, 0, "timeout", OPTION_TEXT, "TIME", "wait: no longer than this" },
	{ JSON, 0, "json", OPTION_FLAG, NULL, "status, list: for programs" },
	{ SECRETS, 0, "secrets", OPTION_FLAG, NULL, "show: values of variables too" },
	{ RUNDIR, 0, "rundir", OPTION_DIR, "DIR", "where records are kept (/run/daemonize)" },
	{ QUIET, 'q', "quiet", OPTION_FLAG, NULL, "only the exit status" },
	{ VERSION, 'V', "version", OPTION_FLAG, NULL, "print the version" },
	{ HELP, 'h', "help", OPTION_FLAG, NULL, "print this" },
	{ 0, 0, NULL, OPTION_FLAG, NULL, NULL },
};

const struct verb ctl_verbs[] = {
	{ "status", verb_status, 1, "what it is doing, since when, how it ended" },
	{ "stop", verb_stop, 0, "end it and all it started; returns when they are gone" },
	{ "start", verb_start, 0, "start it again as it was recorded" },
	{ "restart", verb_restart, 0, "check, stop, start" },
	{ "reload", verb_reload, 0, "send HUP, if it handles HUP" },
	{ "signal", verb_signal, 0, "signal SIG NAME: send SIG" },
	{ "wait", verb_wait, 0, "until it ends; its status is ours" },
	{ "show", verb_show, 0, "how it was started" },
	{ "list", NULL, 1, "all services in a table (also without a verb)" },
	{ "forget", verb_forget, 0, "remove the record of one that does not run" },
	{ NULL, NULL, 0, NULL },
};

static void
help(void)
{
	const struct option_spec *o;
	const struct verb *v;
	char left[64];

	(void)printf("usage: daemonctl VERB [options] [NAME|GLOB ... | --all | "
		     "-p PIDFILE]\n\n");
	for (v = ctl_verbs; v->name != NULL; v++)
		(void)printf("  %-24s %s\n", v->name, v->help);
	(void)printf("\n");
	for (o = daemonctl_options; o->help != NULL; o++) {
		(void)snprintf(left, sizeof left, "%s%c%s--%s%s%s",
		    o->letter != 0 ? "-" : " ", o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? ", " : "  ", o->name,
		    o->arg != NULL ? "=" : "", o->arg != NULL ? o->arg : "");
		(void)printf("  %-24s %s\n", left, o->help);
	}
	(void)printf("\nexit: 0 done, 1 failed, 2 usage, 3 no such feature, 4 "
		     "not permitted or not\nprovable, 5 not installed, 6 no such "
		     "service, 7 not running, 9 could not be\nstopped; status: 0 "
		     "runs, 1 failed or dead, 3 stopped, 4 unknown\n");
}

static const struct verb *
find_verb(const char *name)
{
	const struct verb *v;

	for (v = ctl_verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
}

static char *
absolute(const char *text)
{
	char cwd[PATH_MAX], *abs;

	if (text[0] == '/')
		return strdup(text);
	if (getcwd(cwd, sizeof cwd) == NULL ||
	    asprintf(&abs, "%s/%s", cwd, text) == -1)
		return NULL;
	return abs;
}

static int
store(struct ctl *c, enum id id, const char *shown, const char *value)
{
	struct daemon_schedule s;
	struct daemon_fault f;

	switch (id) {
	case ALL: c->all = 1; return 0;
	case PIDFILE:
		c->pidfile = absolute(value);
		return c->pidfile == NULL ? -1 : 0;
	case EXEC: c->exec = value; return 0;
	case USER: c->user = value; return 0;
	case STOP:
		c->stop = value;
		if (daemon_schedule_parse(&s, value, &f) == 0)
			return 0;
		message_option(shown, "%s: %s", value, daemon_fault_reason(&f));
		return -1;
	case TIMEOUT:
		if (daemon_duration_parse(value, &c->timeout_ms) == 0)
			return 0;
		message_option(shown, "%s: not a time (500ms, 30s, 5m)", value);
		return -1;
	case JSON: c->json = 1; return 0;
	case SECRETS: c->secrets = 1; return 0;
	case RUNDIR: c->rundir = value; return 0;
	case QUIET: c->quiet = 1; return 0;
	case VERSION:
		(void)printf("daemonctl %s\n", DAEMONIZE_VERSION);
		exit(CTL_DONE);
	case HELP: help(); exit(CTL_DONE);
	}
	return -1;
}

/* Options may stand before and after the names. */
static int
parse(struct ctl *c, char **argv, struct daemon_list *words)
{
	struct option_scan s = { .table = daemonctl_options, .argv = argv,
		.i = 1 };
	const struct option_spec *o;
	const char *value;
	int literal = 0;

	for (;;) {
		o = literal ? NULL : option_next(&s, &value);
		if (o != NULL) {
			if (store(c, (enum id)o->id, s.shown, value) == -1)
				return -1;
			continue;
		}
		if (!literal && s.error[0] != '\0') {
			message_option(s.shown, "%s", s.error);
			return -1;
		}
		literal |= s.i > 0 && argv[s.i - 1] != NULL &&
		    strcmp(argv[s.i - 1], "--") == 0;
		if (argv[s.i] == NULL)
			return 0;
		if (daemon_list_add(words, argv[s.i++]) == -1)
			return -1;
	}
}

static int
has_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* Every name that the words, or --all, or nothing, mean. */
static int
expand(const struct ctl *c, const struct verb *v,
    const struct daemon_list *words, struct daemon_list *names)
{
	struct daemon_list every = { 0 };
	size_t i, j;
	int r = CTL_DONE, found;

	if (target_names(&every, c) == -1)
		r = CTL_FAILED;
	if (c->all || (words->n == 0 && v->empty_means_all))
		for (j = 0; r == CTL_DONE && j < every.n; j++)
			if (daemon_list_add(names, every.v[j]) == -1)
				r = CTL_FAILED;
	for (i = 0; r == CTL_DONE && i < words->n; i++) {
		if (!has_glob(words->v[i])) {
			if (daemon_list_add(names, words->v[i]) == -1)
				r = CTL_FAILED;
			continue;
		}
		for (found = 0, j = 0; j < every.n; j++)
			if (fnmatch(words->v[i], every.v[j], 0) == 0) {
				found = 1;
				(void)daemon_list_add(names, every.v[j]);
			}
		if (!found) {
			message("%s: %s: matches no service", c->verb,
			    words->v[i]);
			r = CTL_UNKNOWN;
		}
	}
	daemon_list_clear(&every);
	return r;
}

/* status has codes of its own for what cannot be looked at. */
static int
translate(const struct verb *v, int status)
{
	return v->run == verb_status && status != CTL_DONE ? STATUS_UNKNOWN
							   : status;
}

static int
run_one(const struct ctl *c, const struct verb *v, const char *name)
{
	struct target t;
	int r = name != NULL ? target_by_name(&t, c, name)
			     : target_by_pidfile(&t, c);

	if (r != CTL_DONE)
		return translate(v, r);
	r = v->run(c, &t);
	target_close(&t);
	return r;
}

static int
run(const struct ctl *c, const struct verb *v, const struct daemon_list *words)
{
	struct daemon_list names = { 0 };
	int worst = CTL_DONE, r;
	size_t i;

	if (c->pidfile != NULL) {
		if (words->n > 0 || c->all) {
			message("usage: -p stands alone, without names");
			return CTL_USAGE;
		}
		return run_one(c, v, NULL);
	}
	r = expand(c, v, words, &names);
	if (r != CTL_DONE)
		worst = translate(v, r);
	else if (v->run == NULL)
		worst = list_all(c, &names);
	else
		for (i = 0; i < names.n; i++) {
			r = run_one(c, v, names.v[i]);
			if (r > worst)
				worst = r;
		}
	daemon_list_clear(&names);
	return worst;
}

/* What makes no sense together, told before anything is done. */
static int
validate(struct ctl *c, const struct verb *v, struct daemon_list *words)
{
	if (v->run == verb_signal) {
		if (words->n == 0) {
			message("usage: daemonctl signal SIG NAME");
			return -1;
		}
		c->signal = words->v[0];
	}
	if ((c->exec != NULL || c->user != NULL) && c->pidfile == NULL) {
		message("usage: --exec and --user go with -p");
		return -1;
	}
	if (!v->empty_means_all && !c->all && c->pidfile == NULL &&
	    words->n == (v->run == verb_signal ? 1 : 0)) {
		message("usage: %s what? NAME, GLOB, --all or -p PIDFILE",
		    c->verb);
		return -1;
	}
	return 0;
}

/* Drop the first n words. */
static void
shift(struct daemon_list *l, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(l->v[i]);
	(void)memmove(l->v, l->v + n, (l->n - n + 1) * sizeof *l->v);
	l->n -= n;
}

int
main(int argc, char **argv)
{
	struct ctl c = { .verb = "list", .timeout_ms = -1 };
	struct daemon_list words = { 0 };
	const struct verb *v;
	struct daemon_fault f;
	char *signal = NULL, *verb = NULL;
	int r;

	message_program("daemonctl");
	if (argc < 1 || parse(&c, argv, &words) == -1)
		return CTL_USAGE;
	if (words.n > 0) {
		verb = strdup(words.v[0]);
		c.verb = verb;
		shift(&words, 1);
	}
	v = find_verb(c.verb);
	if (v == NULL) {
		message("usage: %s: no such verb (daemonctl --help)", c.verb);
		return CTL_USAGE;
	}
	if (validate(&c, v, &words) == -1)
		return CTL_USAGE;
	if (c.signal != NULL) {
		signal = strdup(c.signal);
		c.signal = signal;
		shift(&words, 1);
	}
	if (daemon_rundirs_find(&c.dirs, c.rundir, &f) == -1)
		return ctl_fault(&f);
	r = run(&c, v, &words);
	daemon_list_clear(&words);
	free(verb);
	free(signal);
	free((char *)(uintptr_t)c.pidfile);
	if (fflush(stdout) == EOF) {
		message("stdout: %s", strerror(errno));
		return CTL_FAILED;
	}
	return r;
}
