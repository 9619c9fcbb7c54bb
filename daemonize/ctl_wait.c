/* SPDX-License-Identifier: ISC */
/*
 * wait: until a daemon ends, with its status where the kernel tells it.
 */
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/identity/ended.h"
#include "../libdaemon/signame.h"
#include "ctl.h"
#include "messages.h"

enum { REAP_MS = 1000 };

static int
ended(const struct ctl *c, const struct target *t, int status)
{
	if (status == -1) {
		if (!c->quiet)
			message("wait: %s: ended; its status is not known",
			    t->shown);
		return CTL_DONE;
	}
	if (WIFSIGNALED(status)) {
		if (!c->quiet)
			message("wait: %s: killed by signal %s", t->shown,
			    daemon_signal_name(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

/* As wait(2) would, until it ends or the time is over. */
static int
wait_until(int pidfd, long long end_ms)
{
	long long left = -1;
	int r;

	do {
		if (end_ms != -1) {
			left = end_ms - daemon_clock_steady();
			if (left < 0)
				left = 0;
		}
		r = daemon_pidfd_wait(
		    pidfd, left > INT_MAX ? INT_MAX : (int)left);
	} while ((r == -1 && errno == EINTR) || (r == 0 && left > INT_MAX));
	return r;
}

/* Its supervisor has seen it, too: whoever waited may start it again. */
static void
wait_for_record(const struct target *t)
{
	long long end = daemon_clock_steady() + REAP_MS;
	struct timespec a_while = { .tv_nsec = 2000000 };
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	pid_t pid = t->st.id.pid;

	while (t->supervised && pid == t->st.id.pid &&
	    daemon_clock_steady() < end) {
		(void)nanosleep(&a_while, NULL);
		daemon_definition_clear(&d);
		daemon_status_clear(&st);
		if (daemon_record_read(
			t->service.dir, DAEMON_RECORD_PUBLIC, &d, &st) == -1)
			break;
		pid = st.id.pid;
	}
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
}

/* Of workers their supervisor has written it. */
static int
how(struct target *t)
{
	const int pidfd = t->pidfd;
	const pid_t pid = t->st.id.pid;

	if (t->d.workers == 0 || !t->supervised)
		return daemon_ended_status(pid, pidfd, REAP_MS);
	return target_refresh(t) == 0 ? (int)t->st.ended_status - 1 : -1;
}

int
verb_wait(const struct ctl *c, struct target *t)
{
	int r;

	if (t->proof == DAEMON_PROOF_DEAD) {
		message("wait: %s: not running", t->shown);
		return CTL_NOT_RUNNING;
	}
	if (t->pidfd == -1) {
		message("wait: %s: runs where it cannot be watched", t->shown);
		return CTL_DENIED;
	}
	r = wait_until(t->pidfd, c->end_ms);
	if (r == 1)
		wait_for_record(t);
	if (r == 1)
		return ended(c, t, how(t));
	message("wait: %s: %s", t->shown,
	    r == 0 ? "still running" : strerror(errno));
	return CTL_FAILED;
}

/* All are held before the first is waited for: one that ends meanwhile still
 * tells how, and the time runs once. */
int
wait_all(const struct ctl *c, const struct daemon_list *names)
{
	struct target *t = calloc(names->n + 1, sizeof *t);
	int *found = calloc(names->n + 1, sizeof *found);
	int worst = CTL_DONE, r;
	size_t i;

	if (t == NULL || found == NULL) {
		message("wait: %s", strerror(errno));
		exit(CTL_FAILED);
	}
	for (i = 0; i < names->n; i++)
		found[i] = target_by_name(&t[i], c, names->v[i]);
	for (i = 0; i < names->n; i++) {
		r = found[i] == CTL_DONE ? verb_wait(c, &t[i]) : found[i];
		if (r > worst)
			worst = r;
		target_close(&t[i]);
	}
	free(found);
	free(t);
	return worst;
}
