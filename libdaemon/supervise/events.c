/* SPDX-License-Identifier: ISC */
/*
 * What happens, as events, one at a time.  Of what happens at once: answers
 * that are known already, then the exec, then deaths, then signals, then the
 * deadline.  Here alone the supervisor waits.
 */
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "../clock.h"
#include "supervisor.h"

enum { LOADING_MS = 1, CHANCES = 1000 };

static int
take_pending(struct daemon_supervisor *s, struct daemon_event *e)
{
	int kind;

	for (kind = 0; kind < DAEMON_EVENTS; kind++)
		if (s->pending & 1u << kind) {
			s->pending &= ~(1u << kind);
			e->kind = (enum daemon_event_kind)kind;
			return 1;
		}
	return 0;
}

/* Is it dead?  It stays a zombie. */
static int
is_dead(pid_t pid)
{
	siginfo_t si = { 0 };

	return pid != 0 &&
	    (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == -1 ||
		si.si_pid == pid);
}

static int
reap(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return status;
}

/* The exec, or what stood in its way: that is told when it is dead. */
static int
exec_event(struct daemon_supervisor *s, struct daemon_event *e, int *timeout)
{
	if (s->instance.pipe == -1)
		return 0;
	switch (daemon_instance_read(&s->instance, s->proc_ours)) {
	case DAEMON_SPAWNED_NOT_YET:
	case DAEMON_SPAWNED_FAILED: return 0;
	case DAEMON_SPAWNED_LOADING: *timeout = LOADING_MS; return 0;
	case DAEMON_SPAWNED_EXECUTED: break;
	}
	s->executed = 1;
	e->kind = DAEMON_EVENT_EXECUTED;
	return 1;
}

/* Who never executed the command has nothing to leave behind: if somebody is
 * there, it did. */
static void
died(struct daemon_supervisor *s, struct daemon_event *e)
{
	int status = reap(s->instance.pid), alone;

	s->instance.pid = 0;
	alone = daemon_supervisor_alone(s);
	if (s->instance.word.step[0] != '\0' &&
	    s->machine.phase == DAEMON_PHASE_SPAWNING && alone) {
		e->kind = DAEMON_EVENT_UNEXECUTED;
	} else {
		s->status = status;
		e->kind = DAEMON_EVENT_DIED;
		e->ending = status == -1
		    ? DAEMON_ENDING_UNKNOWN
		    : daemon_ending_of(status, &s->success, &s->final);
	}
}

/* The stopper's end is told after the command's, which it waited for. */
static int
death_event(struct daemon_supervisor *s, struct daemon_event *e)
{
	if (is_dead(s->instance.pid) && s->instance.pipe == -1) {
		died(s, e);
		return 1;
	}
	if (!is_dead(s->stopper))
		return 0;
	(void)reap(s->stopper);
	s->stopper = 0;
	/* Whatever it could see. */
	e->kind =
	    daemon_supervisor_alone(s) ? DAEMON_EVENT_GONE : DAEMON_EVENT_STUCK;
	return 1;
}

static void
forward(const struct daemon_supervisor *s, int sig)
{
	/* Our child, not yet reaped: the number is its. */
	if (s->forwards && s->instance.pid > 0)
		(void)kill(s->instance.pid, sig);
}

/* *child: somebody may have died since the last look. */
static int
signal_event(struct daemon_supervisor *s, struct daemon_event *e, int *child)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof si) == (ssize_t)sizeof si)
		switch ((int)si.ssi_signo) {
		case SIGTERM:
		case SIGINT:
		case SIGQUIT: e->kind = DAEMON_EVENT_STOP; return 1;
		case SIGHUP: e->kind = DAEMON_EVENT_RELOAD; return 1;
		case SIGCHLD: *child = 1; break;
		default: forward(s, (int)si.ssi_signo); break;
		}
	return 0;
}

static int
happened(struct daemon_supervisor *s, struct daemon_event *e, int *timeout)
{
	int child;

	if (take_pending(s, e))
		return 1;
	do {
		child = 0;
		if (exec_event(s, e, timeout) || death_event(s, e))
			return 1;
		(void)daemon_supervisor_alone(s);
		if (signal_event(s, e, &child))
			return 1;
	} while (child);
	return 0;
}

/* Milliseconds until the machine's deadline, of those asked for at
 * s->asked_ms. */
static int
until_deadline(const struct daemon_supervisor *s)
{
	long long wait = daemon_machine_wait(&s->machine);
	long long passed = daemon_clock_steady() - s->asked_ms;

	if (wait == -1)
		return -1;
	if (wait <= passed)
		return 0;
	return wait - passed < 1 << 30 ? (int)(wait - passed) : 1 << 30;
}

void
daemon_supervisor_wait(struct daemon_supervisor *s, struct daemon_event *e)
{
	struct pollfd p[2];
	long long now;
	int timeout, soon;

	*e = (struct daemon_event){ .kind = DAEMON_EVENT_TIME,
		.chance =
		    (double)(daemon_clock_steady_ns() % CHANCES) / CHANCES };
	for (;;) {
		soon = -1;
		if (happened(s, e, &soon))
			break;
		timeout = until_deadline(s);
		if (timeout == 0)
			break;
		if (soon != -1 && (timeout == -1 || soon < timeout))
			timeout = soon;
		p[0] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
		p[1] =
		    (struct pollfd){ .fd = soon == -1 ? s->instance.pipe : -1,
			    .events = POLLIN };
		(void)poll(p, 2, timeout);
	}
	now = daemon_clock_steady();
	e->passed_ms = now - s->asked_ms;
	s->asked_ms = now;
}
