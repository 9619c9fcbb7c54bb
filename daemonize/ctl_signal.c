/* SPDX-License-Identifier: ISC */
/* signal and reload: one signal, to the proved process, through its pidfd. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdaemon/signame.h"
#include "ctl.h"
#include "messages.h"

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
	message("%s: %s: runs where it cannot be proved (another pid "
		"namespace)",
	    c->verb, t->shown);
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

/* Would sig be caught?  -1: cannot be told. */
static int
catches(pid_t pid, int sig)
{
	char path[40], line[256];
	unsigned long long set;
	int r = -1;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return -1;
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "SigCgt:", 7) == 0) {
			set = strtoull(line + 7, NULL, 16);
			r = (int)(set >> (sig - 1) & 1);
		}
	(void)fclose(f);
	return r;
}

int
verb_reload(const struct ctl *c, struct target *t)
{
	int caught, r;

	r = proved(c, t);
	if (r != CTL_DONE)
		return r;
	caught = catches(t->st.id.pid, SIGHUP);
	if (caught == 1)
		return send_signal(c, t, SIGHUP);
	message("%s: %s: %s", c->verb, t->shown,
	    caught == 0 ? "does not handle HUP, it would die: use restart"
			: "cannot be told whether it handles HUP");
	return CTL_NO_FEATURE;
}
