/* SPDX-License-Identifier: ISC */
/* From daemonctl's words to what is asked for. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/decimal.h"
#include "../libdaemon/duration.h"
#include "ctl.h"
#include "ctl_options.h"
#include "ctl_since.h"
#include "ctl_words.h"
#include "messages.h"
#include "version.h"

static void
help(void)
{
	const struct option_spec *o;
	const struct ctl_verb *v;
	char left[64];

	(void)printf("usage: daemonctl VERB [options] [NAME|GLOB ... | --all | "
		     "-p PIDFILE]\n\n");
	for (v = ctl_verbs; v->name != NULL; v++)
		(void)printf("  %-24s %s\n", v->name, v->help);
	(void)printf("\n");
	for (o = daemonctl_options; o->help != NULL; o++) {
		(void)snprintf(left, sizeof left, "%s%c%s--%s%s%s",
		    o->letter != 0 ? "-" : " ",
		    o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? ", " : "  ", o->name,
		    o->arg != NULL ? "=" : "", o->arg != NULL ? o->arg : "");
		(void)printf("  %-24s %s\n", left, o->help);
	}
	(void)printf(
	    "\nexit: 0 done, 1 failed, 2 usage, 3 no such feature, 4 "
	    "not permitted or not\nprovable, 5 not installed, 6 no such "
	    "service, 7 not running, 9 could not be\nstopped; status: 0 "
	    "runs, 1 failed or dead, 3 stopped, 4 unknown; check: 0 well,\n"
	    "1 warning, 2 critical, 3 unknown\n");
}

/* Absolute as text, in c. */
static int
pidfile(struct ctl *c, const char *shown, const char *text)
{
	size_t n = 0;

	if (text[0] != '/') {
		if (getcwd(c->path, sizeof c->path) == NULL) {
			message_option(shown, "%s: %s", text, strerror(errno));
			return -1;
		}
		n = strlen(c->path);
	}
	if (n + strlen(text) + 2 > sizeof c->path) {
		message_option(shown, "%s", strerror(ENAMETOOLONG));
		return -1;
	}
	(void)stpcpy(stpcpy(c->path + n, n > 0 ? "/" : ""), text);
	c->pidfile = c->path;
	return 0;
}

/* What was asked for beside a verb is printed. */
static _Noreturn void
leave(void)
{
	exit(message_flush() == -1 ? CTL_FAILED : CTL_DONE);
}

static int
store(struct ctl *c, enum ctl_option id, const char *shown, const char *value)
{
	struct daemon_schedule s;
	struct daemon_fault f;
	long long timeout;

	c->given |= CTL_GIVEN(id);
	switch (id) {
	case OPT_ALL: c->all = 1; return 0;
	case OPT_PIDFILE: return pidfile(c, shown, value);
	case OPT_EXEC: c->exec = value; return 0;
	case OPT_USER: c->user = value; return 0;
	case OPT_STOP:
		c->stop = value;
		if (daemon_schedule_parse(&s, value, &f) == 0)
			return 0;
		message_option(shown, "%s: %s", value, daemon_fault_reason(&f));
		return -1;
	case OPT_TIMEOUT:
		if (daemon_duration_parse(value, &timeout) == 0) {
			c->end_ms = daemon_clock_steady() + timeout;
			return 0;
		}
		message_option(shown, "%s: not a time (500ms, 30s, 5m)", value);
		return -1;
	case OPT_READY:
	case OPT_STOPPED:
	case OPT_FOLLOW: return 0; /* given */
	case OPT_LINES:
		if (daemon_decimal_read(&c->lines, value, LLONG_MAX) == 0)
			return 0;
		message_option(shown, "%s: not a number of lines", value);
		return -1;
	case OPT_SINCE:
		if (since_parse(value, daemon_clock_wall_us(), &c->since_us) ==
		    0)
			return 0;
		message_option(shown,
		    "%s: not a time (10m, 09:30, 2026-11-22, "
		    "'2026-11-22 09:30')",
		    value);
		return -1;
	case OPT_JSON: c->json = 1; return 0;
	case OPT_SECRETS: c->secrets = 1; return 0;
	case OPT_RUNDIR:
		c->rundir = value;
		if (value[0] == '/')
			return 0;
		message_option(shown, "%s: not an absolute path", value);
		return -1;
	case OPT_QUIET: c->quiet = 1; return 0;
	case OPT_VERSION:
		(void)printf("daemonctl %s\n", DAEMONIZE_VERSION);
		leave();
	case OPT_HELP: help(); leave();
	}
	return -1;
}

int
ctl_parse(struct ctl *c, char **argv, struct daemon_list *words)
{
	struct option_scan s = {
		.table = daemonctl_options, .argv = argv, .i = 1
	};
	const struct option_spec *o;
	const char *value;
	int literal = 0;

	for (;;) {
		o = literal ? NULL : option_next(&s, &value);
		if (o != NULL) {
			if (store(c, (enum ctl_option)o->id, s.shown, value) ==
			    -1)
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
		if (daemon_list_add(words, argv[s.i++]) == -1) {
			message("option: %s", strerror(errno));
			exit(CTL_FAILED);
		}
	}
}

/* One that only other verbs take: who gives it expects something of it. */
static int
has_strange_option(const struct ctl *c, const struct ctl_verb *v)
{
	const struct option_spec *o;
	char shown[64];

	for (o = daemonctl_options; o->help != NULL; o++) {
		if ((c->given & CTL_GIVEN(o->id) & CTL_SOME & ~v->takes) == 0)
			continue;
		(void)snprintf(shown, sizeof shown, "--%s", o->name);
		message_option(shown, "%s does not take it", v->name);
		return 1;
	}
	return 0;
}

/* One answer for all of them, instead of one each. */
static int
tells_of_all(const struct ctl_verb *v)
{
	return v->id == VERB_LIST || v->id == VERB_EVENTS ||
	    v->id == VERB_CHECK || v->id == VERB_METRICS;
}

/* The last word: how many. */
static int
parse_scale(struct ctl *c, const struct daemon_list *words)
{
	long long n;

	if (words->n < (c->pidfile != NULL || c->all ? 1 : 2)) {
		message("usage: daemonctl scale NAME N");
		return -1;
	}
	c->scale = words->v[words->n - 1];
	if (daemon_decimal_read(&n, c->scale, DAEMON_WORKERS_MAX) == 0 && n > 0)
		return 0;
	message("usage: scale: %s: not a number from 1 to %d", c->scale,
	    DAEMON_WORKERS_MAX);
	return -1;
}

/* Words that are no names. */
static size_t
others(const struct ctl_verb *v)
{
	return v->id == VERB_SIGNAL || v->id == VERB_SCALE;
}

/* DAEMONIZE_CONTROL: the service whose agent asks, if it names no other one. */
static int
ask_our_own(struct ctl *c, const struct ctl_verb *v, struct daemon_list *words)
{
	const size_t n = others(v), names = words->n > n ? words->n - n : 0;
	const char *path = getenv("DAEMONIZE_CONTROL");
	char *name, *last;

	if (path == NULL || path[0] != '/' || v->empty_means_all || c->all ||
	    c->pidfile != NULL || c->rundir != NULL || names > 1 ||
	    strlen(path) >= sizeof c->path)
		return 0;
	(void)strcpy(c->path, path);
	if ((last = strrchr(c->path, '/')) == c->path)
		return 0;
	*last = '\0';
	if ((name = strrchr(c->path, '/')) == c->path)
		return 0;
	*name++ = '\0';
	if (names == 1 &&
	    strcmp(words->v[v->id == VERB_SIGNAL ? 1 : 0], name) != 0)
		return 0;
	c->rundir = c->path;
	if (names == 1)
		return 0;
	if (daemon_list_add(words, name) == -1)
		return -1;
	if (v->id == VERB_SCALE && words->n == 2) {
		last = words->v[0];
		words->v[0] = words->v[1];
		words->v[1] = last;
	}
	return 0;
}

int
ctl_validate(struct ctl *c, const struct ctl_verb *v, struct daemon_list *words)
{
	if (ask_our_own(c, v, words) == -1)
		return -1;
	if (v->id == VERB_SIGNAL) {
		if (words->n == 0) {
			message("usage: daemonctl signal SIG NAME");
			return -1;
		}
		c->signal = words->v[0];
	}
	if (v->id == VERB_SCALE && parse_scale(c, words) == -1)
		return -1;
	if ((c->exec != NULL || c->user != NULL) && c->pidfile == NULL) {
		message("usage: --exec and --user go with -p");
		return -1;
	}
	if (has_strange_option(c, v))
		return -1;
	if (c->all && words->n > others(v)) {
		message("usage: names or --all, not both");
		return -1;
	}
	if (tells_of_all(v) && c->pidfile != NULL) {
		message(
		    "usage: %s takes names, not -p (status -p does)", v->name);
		return -1;
	}
	if ((c->given & CTL_GIVEN(OPT_READY)) != 0 &&
	    (c->given & CTL_GIVEN(OPT_STOPPED)) != 0) {
		message("usage: --ready or --stopped, not both");
		return -1;
	}
	if (!v->empty_means_all && !c->all && c->pidfile == NULL &&
	    words->n == others(v)) {
		message(
		    "usage: %s what? NAME, GLOB, --all or -p PIDFILE", c->verb);
		return -1;
	}
	return 0;
}
