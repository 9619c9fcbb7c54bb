/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../start/start.h"
#include "hooks.h"
#include "supervisor.h"

static const char *
command_of(const struct daemon_definition *d, enum daemon_helper role)
{
	switch (role) {
	case DAEMON_HELPER_BEFORE: return d->before;
	case DAEMON_HELPER_ON_READY: return d->on_ready;
	case DAEMON_HELPER_ON_EXIT: return d->on_exit;
	case DAEMON_HELPER_ON_FAILED: return d->on_failed;
	case DAEMON_HELPER_STOPPER:
	case DAEMON_HELPER_PROBER:
	case DAEMON_HELPER_FREEZER:
	case DAEMON_HELPER_CHECKER:
	case DAEMON_HELPERS: break;
	}
	return NULL;
}

static const char *
step_of(enum daemon_helper role)
{
	switch (role) {
	case DAEMON_HELPER_BEFORE: return "before";
	case DAEMON_HELPER_ON_READY: return "on-ready";
	case DAEMON_HELPER_ON_EXIT: return "on-exit";
	case DAEMON_HELPER_ON_FAILED: return "on-failed";
	case DAEMON_HELPER_STOPPER:
	case DAEMON_HELPER_PROBER:
	case DAEMON_HELPER_FREEZER:
	case DAEMON_HELPER_CHECKER:
	case DAEMON_HELPERS: break;
	}
	return "?";
}

/* "MS HOW" without the time. */
static const char *
last_end(const struct daemon_supervisor *s)
{
	const char *end =
	    s->st.ends.n > 0 ? strchr(s->ends[s->st.ends.n - 1], ' ') : NULL;

	return end != NULL ? end + 1 : "";
}

static int
tell(struct daemon_list *env, const struct daemon_supervisor *s)
{
	const struct daemon_definition *d = s->d;

	return daemon_list_addf(env, "DAEMONIZE_NAME=%s",
		   d->name != NULL ? d->name : "") == -1 ||
		daemon_list_addf(
		    env, "DAEMONIZE_PID=%ld", (long)s->instance.pid) == -1 ||
		daemon_list_addf(env, "DAEMONIZE_STATE=%s",
		    daemon_state_word(s->st.state)) == -1 ||
		daemon_list_addf(env, "DAEMONIZE_EXIT=%s", last_end(s)) == -1 ||
		daemon_list_addf(
		    env, "DAEMONIZE_RESTARTS=%lld", s->st.restarts) == -1
	    ? -1
	    : 0;
}

static _Noreturn void
run(struct daemon_supervisor *s, enum daemon_helper role)
{
	struct daemon_definition d = *s->d; /* our copy of the memory */
	struct daemon_fault f;

	daemon_helper_detach(s, role == DAEMON_HELPER_BEFORE);
	_exit(tell(&d.set, s) == -1 ||
	    daemon_errand(&d, step_of(role), command_of(&d, role), &f) == -1);
}

pid_t
daemon_hook_run(struct daemon_supervisor *s, enum daemon_helper role)
{
	pid_t pid;

	if (command_of(s->d, role) == NULL)
		return 0;
	pid = daemon_helper_fork(s, role);
	if (pid == 0)
		run(s, role);
	return pid;
}
