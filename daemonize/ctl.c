/* SPDX-License-Identifier: ISC */
/*
 * daemonctl(1): VERB [options] [NAME|GLOB...|--all|-p PIDFILE].  Finds the
 * targets and hands each to its verb; the status is the worst of them.
 */
#include <signal.h>
#include <string.h>

#include "../libdaemon/start/limits.h"
#include "ctl.h"
#include "ctl_options.h"
#include "ctl_words.h"
#include "messages.h"

static const struct ctl_verb *
find_verb(const char *name)
{
	const struct ctl_verb *v;

	for (v = ctl_verbs; v->name != NULL; v++)
		if (strcmp(v->name, name) == 0)
			return v;
	return NULL;
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
	case VERB_RELOAD:
		return t->d.workers > 0 ? roll_reload(c, t) : verb_reload(c, t);
	case VERB_SCALE: return verb_scale(c, t);
	case VERB_DRAIN: return verb_drain(c, t);
	case VERB_SIGNAL: return verb_signal(c, t);
	case VERB_WAIT: return awaits(c) ? await_one(c, t) : verb_wait(c, t);
	case VERB_SHOW: return verb_show(c, t);
	case VERB_LOGS: return verb_logs(c, t);
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
	if (v->id == VERB_LOGS)
		return logs_all(c, names);
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

	worst = ctl_expand(c, v, words, &names, &partly);
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

/* Drop the first word; its text stays with the list. */
static void
shift(struct daemon_list *l)
{
	if (l->n == 0)
		return;
	(void)memmove(l->v, l->v + 1, l->n * sizeof *l->v);
	l->n--;
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
	daemon_limits_lift();
	(void)signal(SIGXFSZ, SIG_IGN); /* EFBIG can be told */
	if (argc < 1 || ctl_parse(&c, argv, &words) == -1)
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
	if (ctl_validate(&c, v, &words) == -1)
		return v->id == VERB_CHECK ? CHECK_UNKNOWN : CTL_USAGE;
	if (c.signal != NULL)
		shift(&words);
	if (c.scale != NULL)
		words.v[--words.n] = NULL;
	if (daemon_rundirs_find(&c.dirs, c.rundir, &f) == -1)
		return ctl_fault(&c, f.object, &f);
	c.places = c.dirs;
	daemon_rundirs_add_roots(&c.places, c.rundir);
	c.patient = !v->empty_means_all;
	r = run(&c, v, &words);
	daemon_list_clear(&words);
	return message_flush() == -1 ? translate(v, CTL_FAILED) : r;
}
