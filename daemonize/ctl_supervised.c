/* SPDX-License-Identifier: ISC */
/* status, of what has a supervisor: its past ends, and what comes next. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdaemon/clock.h"
#include "ctl.h"
#include "render.h"
#include "status.h"

static void
show_ends(const struct target *t)
{
	const struct daemon_list *ends = &t->st.ends;
	const char *how;
	char when[32];
	size_t i;

	for (i = 0; i < ends->n; i++) {
		render_time(
		    when, sizeof when, daemon_end_read(ends->v[i], &how));
		status_line(i == 0 ? "ended" : "", "%s %s", when, how);
	}
}

static void
show_next(const struct target *t)
{
	long long left = t->st.next - daemon_clock_wall();
	char when[32], span[32];

	if (t->state != DAEMON_STATE_BACKOFF || t->st.next == 0)
		return;
	render_time(when, sizeof when, t->st.next);
	render_span(span, sizeof span, left > 0 ? left : 0);
	status_line("next", "%s, in %s (daemonctl start %s: now)", when, span,
	    t->shown);
}

void
status_supervised(const struct target *t)
{
	if (t->d.restart == NULL)
		return;
	if (t->st.says != NULL && t->supervised)
		status_line("says", "%s", t->st.says);
	show_ends(t);
	if (t->supervised)
		status_line("watched", "by pid %ld%s, restart %s, %lld so far",
		    (long)t->st.supervisor.pid,
		    supervisor_is_stopped(t)   ? " (stopped: kill -CONT)"
			: supervisor_is_old(t) ? " (not the installed program)"
					       : "",
		    t->d.restart, t->st.restarts);
	else if (t->d.foreground && t->proof == DAEMON_PROOF_ALIVE)
		status_line(
		    "watched", "by nobody now (it was started with -F)");
	else if (supervisor_is_missing(t))
		status_line("watched", "by nobody now%s (daemonctl %s %s)",
		    t->st.state == DAEMON_STATE_PAUSED ? ", and paused" : "",
		    t->st.state == DAEMON_STATE_PAUSED ? "resume" : "adopt",
		    t->shown);
	status_keeper(t);
	show_next(t);
}

void
status_supervised_json(const struct target *t, struct json *j)
{
	struct json object, ends, listen;
	char degraded[KEEPER_WORDS];
	const char *how;
	size_t i;

	json_object(&object, j, "supervisor");
	json_number(&object, "pid", t->supervised ? t->st.supervisor.pid : 0);
	json_number(&object, "old", supervisor_is_old(t));
	json_end(&object);
	json_object(&object, j, "keeper");
	json_number(&object, "pid", keeper_of(t));
	json_end(&object);
	json_text(
	    j, "degraded", keeper_degraded(t, degraded) ? degraded : NULL);
	json_text(j, "says", t->supervised ? t->st.says : NULL);
	json_text(j, "cgroup", t->d.cgroup);
	json_text(j, "restart", t->d.restart);
	json_number(j, "restarts", t->st.restarts);
	json_number(
	    j, "next_ms", t->state == DAEMON_STATE_BACKOFF ? t->st.next : 0);
	json_array(&listen, j, "listen");
	for (i = 0; i < t->d.listen.n; i++)
		json_text(&listen, NULL, t->d.listen.v[i]);
	json_end(&listen);
	json_array(&ends, j, "ends");
	for (i = 0; i < t->st.ends.n; i++) {
		json_object(&object, &ends, NULL);
		json_number(
		    &object, "ms", daemon_end_read(t->st.ends.v[i], &how));
		json_text(&object, "how", how);
		json_end(&object);
	}
	json_end(&ends);
}
