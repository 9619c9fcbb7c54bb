/* SPDX-License-Identifier: ISC */
/*
 * daemonctl(1): VERB [options] [NAME|GLOB...|--all|-p PIDFILE].  Finds the
 * targets and hands each to its verb; the status is the worst of them.
 */
#include <sys/resource.h>

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/duration.h"
#include "../libdaemon/start/limits.h"
#include "ctl.h"
#include "ctl_options.h"
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

static const struct ctl_verb *
find_verb(const char *name)
{
	const struct ctl_verb *v;

	for (v = ctl_verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
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

/* Options may stand before and after the names. */
static int
parse(struct ctl *c, char **argv, struct daemon_list *words)
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

static int
has_glob(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* Named twice it is acted upon once. */
static int
add_name(struct daemon_list *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		if (strcmp(names->v[i], name) == 0)
			return CTL_DONE;
	return daemon_list_add(names, name) == -1 ? CTL_FAILED : CTL_DONE;
}

/* The names that a word means: itself, or those it matches. */
static int
add_matching(const struct ctl *c, struct daemon_list *names, const char *word,
    const struct daemon_list *every)
{
	int found = 0;
	size_t j;

	if (!has_glob(word))
		return add_name(names, word);
	for (j = 0; j < every->n; j++)
		if (fnmatch(word, every->v[j], 0) == 0) {
			found = 1;
			if (add_name(names, every->v[j]) != CTL_DONE)
				return CTL_FAILED;
		}
	if (found)
		return CTL_DONE;
	message("%s: %s: matches no service", c->verb, word);
	return CTL_UNKNOWN;
}

static int
has_globs(const struct daemon_list *words)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		if (has_glob(words->v[i]))
			return 1;
	return 0;
}

/* Every name that the words, or --all, or nothing, mean.  *partly: the status
 * for places that could not be looked at. */
static int
expand(const struct ctl *c, const struct ctl_verb *v,
    const struct daemon_list *words, struct daemon_list *names, int *partly)
{
	char *const *word = words->v;
	struct daemon_list every = { 0 };
	int all = c->all || (words->n == 0 && v->empty_means_all);
	int r = CTL_DONE, bad = CTL_DONE;
	size_t j;

	/* Others' services may be looked at, but are not ours to act on. */
	if (all || has_globs(words))
		bad = target_names(
		    &every, c, v->empty_means_all ? &c->places : &c->dirs);
	for (j = 0; all && r == CTL_DONE && j < every.n; j++)
		if (daemon_list_add(names, every.v[j]) == -1)
			r = CTL_FAILED;
	for (; r == CTL_DONE && word != NULL && *word != NULL; word++)
		r = add_matching(c, names, *word, &every);
	daemon_list_clear(&every);
	*partly = bad;
	return r;
}

/* status and check have codes of their own for what cannot be looked at. */
static int
translate(const struct ctl_verb *v, int status)
{
	if (status != CTL_DONE && v->id == VERB_STATUS)
		return STATUS_UNKNOWN;
	return status != CTL_DONE && v->id == VERB_CHECK ? CHECK_UNKNOWN
							 : status;
}

/* Is wait to wait for more than an end? */
static int
awaits(const struct ctl *c)
{
	return (c->given & (CTL_GIVEN(OPT_READY) | CTL_GIVEN(OPT_STOPPED))) !=
	    0;
}

static int
perform(const struct ctl *c, enum ctl_verb_id id, struct target *t)
{
	switch (id) {
	case VERB_STATUS: return verb_status(c, t);
	case VERB_STOP: return verb_stop(c, t);
	case VERB_START: return verb_start(c, t);
	case VERB_RESTART: return verb_restart(c, t);
	case VERB_RELOAD: return verb_reload(c, t);
	case VERB_SIGNAL: return verb_signal(c, t);
	case VERB_WAIT: return awaits(c) ? await_one(c, t) : verb_wait(c, t);
	case VERB_SHOW: return verb_show(c, t);
	case VERB_LIST:
	case VERB_EVENTS:
	case VERB_CHECK:
	case VERB_METRICS: break; /* act()'s, of all at once */
	case VERB_ADOPT: return verb_adopt(c, t);
	case VERB_RELEASE: return verb_release(c, t);
	case VERB_PAUSE: return verb_pause(c, t);
	case VERB_RESUME: return verb_resume(c, t);
	case VERB_UPGRADE: return verb_upgrade(c, t);
	case VERB_FORGET: return verb_forget(c, t);
	}
	return CTL_FAILED;
}

static int
run_one(const struct ctl *c, const struct ctl_verb *v, const char *name)
{
	struct target t;
	int r = name != NULL ? target_by_name(&t, c, name)
			     : target_by_pidfile(&t, c);

	if (r != CTL_DONE)
		return translate(v, r);
	r = perform(c, v->id, &t);
	target_close(&t);
	return r;
}

/* Those of a verb that acts on one after the other. */
static int
each(const struct ctl *c, const struct ctl_verb *v,
    const struct daemon_list *names)
{
	int worst = CTL_DONE, r;
	size_t i;

	for (i = 0; i < names->n; i++) {
		r = run_one(c, v, names->v[i]);
		if (r > worst)
			worst = r;
	}
	return worst;
}

/* perform() knows all verbs; here are those that want all names at once. */
static int
act(const struct ctl *c, const struct ctl_verb *v,
    const struct daemon_list *names, int every)
{
	if (v->id == VERB_LIST)
		return list_all(c, names);
	if (v->id == VERB_WAIT)
		return awaits(c) ? await_all(c, names) : wait_all(c, names);
	if (v->id == VERB_EVENTS)
		return events_all(c, names, every);
	if (v->id == VERB_CHECK)
		return check_all(c, names);
	if (v->id == VERB_METRICS)
		return metrics_all(c, names);
	return each(c, v, names);
}

static int
run_named(const struct ctl *c, const struct ctl_verb *v,
    const struct daemon_list *words)
{
	struct daemon_list names = { 0 };
	int worst, partly;

	worst = expand(c, v, words, &names, &partly);
	if (v->id == VERB_CHECK && worst != CTL_DONE)
		worst = check_nothing("no service matches");
	else if (worst != CTL_DONE)
		worst = translate(v, worst);
	else if (v->id == VERB_LIST && names.n == 0 && partly != CTL_DONE)
		worst = partly; /* nobody knows that there are none */
	else
		worst = act(c, v, &names, words->n == 0);
	/* What could be checked is what matters. */
	if (v->id != VERB_CHECK && translate(v, partly) > worst)
		worst = translate(v, partly);
	daemon_list_clear(&names);
	return worst;
}

static int
run(const struct ctl *c, const struct ctl_verb *v,
    const struct daemon_list *words)
{
	if (c->pidfile == NULL)
		return run_named(c, v, words);
	if (words->n > 0 || c->all) {
		message("usage: -p stands alone, without names");
		return CTL_USAGE;
	}
	return run_one(c, v, NULL);
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

/* What makes no sense together, told before anything is done. */
static int
validate(struct ctl *c, const struct ctl_verb *v, struct daemon_list *words)
{
	if (v->id == VERB_SIGNAL) {
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
	if (has_strange_option(c, v))
		return -1;
	if (c->all && words->n > (v->id == VERB_SIGNAL ? 1 : 0)) {
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
	    words->n == (v->id == VERB_SIGNAL ? 1 : 0)) {
		message(
		    "usage: %s what? NAME, GLOB, --all or -p PIDFILE", c->verb);
		return -1;
	}
	return 0;
}

/* Drop the first word; its text stays with the list. */
static void
shift(struct daemon_list *l)
{
	if (l->n == 0)
		return;
	(void)memmove(l->v, l->v + 1, l->n * sizeof *l->v);
	l->n--;
}

/* Our records must fit, and a descriptor for every process of a tree; what
 * is started gets its own limits. */
static void
lift_limits(void)
{
	static const int limits[] = { RLIMIT_FSIZE, RLIMIT_NOFILE };
	struct rlimit rl;
	size_t i;

	for (i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (getrlimit(DAEMON_RESOURCE(limits[i]), &rl) == 0 &&
		    rl.rlim_cur != rl.rlim_max) {
			rl.rlim_cur = rl.rlim_max;
			(void)setrlimit(DAEMON_RESOURCE(limits[i]), &rl);
		}
	(void)signal(SIGXFSZ, SIG_IGN); /* EFBIG can be told */
}

/* To who asks for a check everything has to be one of its statuses. */
static int
misused(const struct daemon_list *words)
{
	return words->n > 0 && strcmp(words->v[0], "check") == 0 ? CHECK_UNKNOWN
								 : CTL_USAGE;
}

int
main(int argc, char **argv)
{
	struct ctl c = { .verb = "list", .end_ms = -1 };
	struct daemon_list words = { 0 };
	const struct ctl_verb *v;
	struct daemon_fault f;
	int r;

	message_program("daemonctl");
	lift_limits();
	if (argc < 1 || parse(&c, argv, &words) == -1)
		return misused(&words);
	if (words.n > 0) {
		c.verb = words.v[0];
		shift(&words);
	}
	v = find_verb(c.verb);
	if (v == NULL) {
		message("usage: %s: no such verb (daemonctl --help)", c.verb);
		return CTL_USAGE;
	}
	if (validate(&c, v, &words) == -1)
		return v->id == VERB_CHECK ? CHECK_UNKNOWN : CTL_USAGE;
	if (c.signal != NULL)
		shift(&words);
	if (daemon_rundirs_find(&c.dirs, c.rundir, &f) == -1)
		return ctl_fault(&c, f.object, &f);
	c.places = c.dirs;
	daemon_rundirs_add_roots(&c.places, c.rundir);
	c.patient = !v->empty_means_all;
	r = run(&c, v, &words);
	daemon_list_clear(&words);
	return message_flush() == -1 ? translate(v, CTL_FAILED) : r;
}
