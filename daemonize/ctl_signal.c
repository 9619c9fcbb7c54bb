/* SPDX-License-Identifier: ISC */
/* signal and reload: one signal, to the proved process, through its pidfd. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/identity/handling.h"
#include "../libdaemon/signame.h"
#include "ctl.h"
#include "messages.h"

enum { SOON_MS = 500, LOOK_NS = 10000000 };

static int
not_running(const struct ctl *c, const struct target *t)
{
	message("%s: %s: not running", c->verb, t->shown);
	return CTL_NOT_RUNNING;
}

/* What must be before anything is sent, or even looked at by number. */
static int
proved(const struct ctl *c, const struct target *t)
{
	if (t->proof == DAEMON_PROOF_DEAD)
		return not_running(c, t);
	if (t->pidfd != -1)
		return CTL_DONE;
	message("%s: %s: runs where it cannot be %s", c->verb, t->shown,
	    t->proof == DAEMON_PROOF_ELSEWHERE
		? "proved (another pid namespace)"
		: "held (no pidfd can be had)");
	return CTL_DENIED;
}

static int
send_signal(const struct ctl *c, const struct target *t, int sig)
{
	if (daemon_pidfd_send(t->pidfd, sig) == 0)
		return CTL_DONE;
	if (errno == ESRCH)
		return not_running(c, t);
	message("%s: %s: pid %ld: %s", c->verb, t->shown, (long)t->st.id.pid,
	    strerror(errno));
	return errno == EPERM ? CTL_DENIED : CTL_FAILED;
}

int
verb_signal(const struct ctl *c, struct target *t)
{
	int sig = daemon_signal_parse(c->signal), r;

	if (sig == -1) {
		message("signal: %s: no such signal", c->signal);
		return CTL_USAGE;
	}
	r = proved(c, t);
	return r == CTL_DONE ? send_signal(c, t, sig) : r;
}

/* Who has just executed himself anew, as servers do to reload, handles nothing
 * yet. */
static enum daemon_handling
handles_soon(pid_t pid, int sig)
{
	const struct timespec a_while = { .tv_nsec = LOOK_NS };
	const long long end = daemon_clock_steady() + SOON_MS;
	enum daemon_handling r;

	while ((r = daemon_handling_of(pid, sig)) == DAEMON_HANDLING_DIES ||
	    r == DAEMON_HANDLING_IGNORES) {
		if (daemon_clock_steady() > end)
			break;
		(void)nanosleep(&a_while, NULL);
	}
	return r;
}

static const char *
refusal(enum daemon_handling h)
{
	switch (h) {
	case DAEMON_HANDLING_DIES: return "does not handle HUP, it would die";
	case DAEMON_HANDLING_IGNORES: return "ignores HUP";
	case DAEMON_HANDLING_CATCHES: break;
	case DAEMON_HANDLING_UNKNOWN:
		return "cannot be told whether it handles HUP";
	}
	return NULL;
}

/* What helps instead: restart only where that can repeat the start. */
static const char *
advice(const struct target *t)
{
	if (t->recorded && (t->supervised || !t->d.foreground) &&
	    t->d.keep.n == 0 &&
	    faccessat(t->service.dir, DAEMON_RECORD_STATE, F_OK, 0) == 0)
		return "use restart";
	return "stop it and start it as before";
}

int
verb_reload(const struct ctl *c, struct target *t)
{
	const char *why;
	int r;

	r = proved(c, t);
	if (r != CTL_DONE)
		return r;
	why = refusal(handles_soon(t->st.id.pid, SIGHUP));
	if (why == NULL)
		return send_signal(c, t, SIGHUP);
	message("%s: %s: %s: %s", c->verb, t->shown, why, advice(t));
	return CTL_NO_FEATURE;
}
