/* SPDX-License-Identifier: ISC */
/* What is asked about all workers together. */
#include <stdio.h>
#include <string.h>

#include "ctl_workers.h"
#include "messages.h"
#include "progress.h"

static int
has_workers(const struct ctl *c, const struct target *t)
{
	if (t->d.workers > 0)
		return 1;
	message("%s: %s: has no workers (daemonize -w)", c->verb, t->shown);
	return 0;
}

/* "1 worker", "4 workers". */
static void
say(const struct target *t, const char *how, long long n)
{
	(void)printf(
	    "%s: %s, %lld worker%s", t->shown, how, n, n == 1 ? "" : "s");
}

/* "; worker 1: pid 80 "sh" had to be killed", of an answer that ends so. */
static void
say_killed(const char *text)
{
	char safe[2 * DAEMON_PACKET_MAX];
	const char *killed = strchr(text, ';');

	message_escape(safe, sizeof safe, killed != NULL ? killed : "");
	(void)printf("%s\n", safe);
}

int
roll_reload(const struct ctl *c, struct target *t)
{
	char text[DAEMON_PACKET_MAX];
	int r;

	progress(c, t->shown, "waiting: the new workers begin, the old leave");
	r = supervisor_want(c, t, DAEMON_REQUEST_RELOAD, text);
	if (r != CTL_DONE || c->quiet || target_refresh(t) == -1)
		return r;
	say(t, "reloaded", t->st.working);
	(void)printf(", generation %.*s", (int)strcspn(text, ";"), text);
	say_killed(text);
	return r;
}

int
verb_scale(const struct ctl *c, struct target *t)
{
	char text[DAEMON_PACKET_MAX];
	int r;

	if (!has_workers(c, t))
		return CTL_NO_FEATURE;
	progress(c, t->shown, "waiting until there are so many");
	r = supervisor_want(c, t, DAEMON_REQUEST_SCALE, text);
	if (r != CTL_DONE || c->quiet || target_refresh(t) == -1)
		return r;
	say(t, t->st.drained ? "drained, and to resume with" : "runs",
	    t->st.wanted);
	if (workers_missing(t) > 0)
		(void)printf(", %lld of them ready", t->st.working);
	say_killed(text);
	return r;
}

int
verb_drain(const struct ctl *c, struct target *t)
{
	char text[DAEMON_PACKET_MAX];
	int r;

	if (!has_workers(c, t))
		return CTL_NO_FEATURE;
	progress(c, t->shown, "waiting until its workers have finished");
	r = supervisor_want(c, t, DAEMON_REQUEST_DRAIN, text);
	if (r != CTL_DONE || c->quiet)
		return r;
	(void)printf("%s: drained%s (daemonctl resume %s)", t->shown,
	    t->d.listen.n > 0 ? ", its sockets stay" : "", t->shown);
	say_killed(text);
	return r;
}
