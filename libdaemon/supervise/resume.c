/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../clock.h"
#include "../user.h"
#include "moves.h"
#include "publish.h"
#include "resume.h"

enum { SET_MS = 1000 };

static long long
left(long long ms, long long passed)
{
	return ms > passed ? ms - passed : 0;
}

/* Of what the dead one counted. */
static struct daemon_machine
counted(const struct daemon_status *st)
{
	struct daemon_machine m = daemon_machine_new();
	long long passed = daemon_clock_steady() - st->stamp;

	m.told = 1;
	m.quick = (unsigned)st->quick;
	m.restarts = (unsigned)st->often;
	m.window_left = left(st->window_left, passed);
	m.health_left = st->state == DAEMON_STATE_READY
	    ? left(st->health_left, passed)
	    : st->health_left;
	return m;
}

/* After an upgrade we are still who has started it, and whom its end is told,
 * also if that was meanwhile. */
static int
is_child(pid_t pid)
{
	siginfo_t si;

	return pid > 0 &&
	    waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* Its words are heard again, too. */
static uid_t
uid_of(pid_t pid)
{
	uid_t uid;

	return daemon_process_uid(pid, &uid) == 0 ? uid : geteuid();
}

/* It lives, and is ours to watch. */
static void
watch(struct daemon_supervisor *s, struct daemon_machine *m, int pidfd)
{
	s->instance.pid = s->st.id.pid;
	s->instance.pidfd = pidfd;
	if (is_child(s->instance.pid)) {
		if (pidfd != -1)
			(void)close(pidfd);
		s->instance.pidfd = -1;
		s->adopted = 0;
	}
	s->instance.uid = uid_of(s->st.id.pid);
	m->lives = 1;
}

/* It is ready, or is watched until it is. */
static void
take_over(struct daemon_supervisor *s, struct daemon_machine *m)
{
	/* Who was to say on a descriptor that it is ready cannot any more. */
	if (s->st.state == DAEMON_STATE_STARTING &&
	    s->ready.kind != DAEMON_BY_FD) {
		m->phase = DAEMON_PHASE_SPAWNING;
		daemon_supervisor_expect(s, DAEMON_EVENT_EXECUTED);
	} else {
		*m = daemon_move_become_ready(&s->policy, m).machine;
		m->left[DAEMON_TIMER_RUNTIME] = s->st.runtime_left == -1
		    ? -1
		    : left(s->st.runtime_left,
			  daemon_clock_steady() - s->st.stamp);
		if (s->st.state == DAEMON_STATE_PAUSED)
			m->phase = DAEMON_PHASE_PAUSED;
		else
			s->st.state = DAEMON_STATE_READY;
	}
}

/* What is left of the wait, whatever the wall clock was set to meanwhile. */
static struct daemon_machine
back_off(struct daemon_supervisor *s, const struct daemon_machine *m)
{
	long long ms =
	    left(s->st.next - s->st.since, daemon_clock_steady() - s->st.stamp);

	if (llabs(daemon_clock_wall() + ms - s->st.next) > SET_MS)
		s->st.next = daemon_clock_wall() + ms;
	return daemon_move_enter(m, DAEMON_PHASE_BACKOFF, ms, 0).machine;
}

/* What the dead one had begun: a stop, or what follows an end that nobody has
 * seen.  What it has left is in the way. */
static void
clear_up(struct daemon_supervisor *s, const struct daemon_machine *m)
{
	const int paused = s->st.state == DAEMON_STATE_PAUSED;

	s->machine = m->lives
	    ? daemon_move_end(m, DAEMON_WHY_STOP, DAEMON_DO_END).machine
	    : daemon_move_died(m, DAEMON_ENDING_UNKNOWN).machine;
	if (s->st.stopping)
		s->machine.why = DAEMON_WHY_STOP;
	s->st.state = DAEMON_STATE_STOPPING;
	if (paused)
		daemon_supervisor_act(s, DAEMON_DO_THAW);
	daemon_supervisor_act(s, m->lives ? DAEMON_DO_END : DAEMON_DO_SWEEP);
}

/* It died unseen; but it may have made way for another, whom its pidfile
 * names. */
static int
has_left_one(struct daemon_supervisor *s)
{
	struct daemon_user u = { .uid = geteuid() };

	if (s->ready.kind != DAEMON_BY_PIDFILE || s->ready.object == NULL ||
	    s->st.state != DAEMON_STATE_READY ||
	    (s->d->user != NULL &&
		daemon_user_find(&u, s->d->user, s->d->group) == -1))
		return 0;
	s->instance.uid = u.uid;
	daemon_user_clear(&u);
	return daemon_supervisor_succeed(s);
}

void
daemon_supervisor_resume(struct daemon_supervisor *s)
{
	struct daemon_machine m = counted(&s->st);
	enum daemon_proof proof;
	int pidfd = daemon_identity_open(&s->st.id, &proof);

	daemon_supervisor_note_past(s);
	s->pending = 0;
	s->adopted = 1;
	s->spawned = 1;
	s->executed = 1;
	if (s->st.says != NULL)
		(void)snprintf(s->says, sizeof s->says, "%s", s->st.says);
	if (pidfd != -1 || is_child(s->st.id.pid))
		watch(s, &m, pidfd);
	if (s->st.stopping) {
		clear_up(s, &m);
		return;
	}
	if (m.lives) {
		take_over(s, &m);
	} else if (s->st.state == DAEMON_STATE_BACKOFF) {
		m = back_off(s, &m);
	} else if (has_left_one(s)) {
		m.lives = 1;
		m = daemon_move_become_ready(&s->policy, &m).machine;
	} else {
		clear_up(s, &m);
		return;
	}
	s->machine = m;
}
