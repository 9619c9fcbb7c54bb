/* SPDX-License-Identifier: ISC */
/*
 * The one place that signals a tree: through pidfds in our hand, or through
 * what holds a whole group (session.c), and thus to nobody else.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "../identity/cgroup.h"
#include "tree.h"

/* A stopped process keeps what it was sent until it goes on. */
static int
wants_cont(int sig)
{
	return sig != SIGKILL && sig != SIGSTOP && sig != SIGCONT;
}

static void
send(struct daemon_member *m, int sig)
{
	int error;

	if (daemon_pidfd_send(m->pidfd, sig) == -1) {
		/* ESRCH is death, or a lie; waiting changes nothing else. */
		error = errno;
		if (error != ESRCH || !daemon_member_check(m))
			m->denied = error;
		return;
	}
	m->fresh = 0;
	m->denied = 0;
	if (sig == SIGKILL)
		m->victim.killed = 1;
	if (wants_cont(sig))
		(void)daemon_pidfd_send(m->pidfd, SIGCONT);
}

enum daemon_stop_event
daemon_tree_send(
    struct daemon_tree *t, enum daemon_stop_round round, int sig, int again)
{
	struct daemon_member *m;
	size_t i, left = 0, denied = 0;

	for (i = 0; i < t->n; i++) {
		m = &t->member[i];
		if (!daemon_tree_is_target(t, i, round) ||
		    daemon_member_check(m))
			continue;
		if (m->pidfd != -1 && (m->fresh || !again))
			send(m, sig);
		left += !m->dead;
		denied += !m->dead && m->denied;
	}
	if (round == DAEMON_STOP_REST && sig == SIGKILL) {
		daemon_sessions_kill(t);
		if (t->notes != NULL && t->notes->cgroup != NULL)
			(void)daemon_cgroup_kill(t->notes->cgroup);
	}
	if (left == 0)
		return DAEMON_STOP_NONE;
	return denied == left ? DAEMON_STOP_DENIED : DAEMON_STOP_SOME;
}
