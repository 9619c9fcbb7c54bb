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

/* Has the stopper ended?  It is reaped then. */
static int
is_over(pid_t pid, int *status)
{
	pid_t r;

	if (pid == 0)
		return 0;
	do
		r = waitpid(pid, status, WNOHANG);
	while (r == -1 && errno == EINTR);
	return r != 0;
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
	int status = daemon_instance_bury(&s->instance);
	int alone = daemon_supervisor_alone(s);

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

static void
hear_stopper(struct daemon_supervisor *s)
{
	ssize_t n = read(s->stopper_pipe, s->stopped, sizeof s->stopped - 1);

	s->stopped[n > 0 ? n : 0] = '\0';
	(void)close(s->stopper_pipe);
	s->stopper_pipe = -1;
}

/* Is all of the tree dead?  Of our descendants the kernel tells, of others
 * the stopper. */
static int
is_all_gone(const struct daemon_supervisor *s, int status)
{
	return daemon_supervisor_alone(s) && s->instance.pid == 0 &&
	    (!s->adopted || status == 0);
}

/* The stopper's end is told after the command's, which it waited for. */
static int
death_event(struct daemon_supervisor *s, struct daemon_event *e)
{
	int status = -1;

	if (s->instance.pipe == -1 && daemon_instance_is_dead(&s->instance)) {
		died(s, e);
		return 1;
	}
	if (!is_over(s->stopper, &status))
		return 0;
	s->stopper = 0;
	hear_stopper(s);
	e->kind =
	    is_all_gone(s, status) ? DAEMON_EVENT_GONE : DAEMON_EVENT_STUCK;
	return 1;
}

static void
forward(const struct daemon_supervisor *s, int sig)
{
	if (s->forwards)
		daemon_instance_signal(&s->instance, sig);
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
request_event(struct daemon_supervisor *s, struct daemon_event *e)
{
	struct daemon_request r;

	if (!daemon_control_take(&s->control, &r))
		return 0;
	e->kind = daemon_request_event(r.kind);
	if (r.has_schedule)
		s->asked = r.schedule;
	return 1;
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
	return request_event(s, e);
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
	struct pollfd p[3 + DAEMON_CONTROL_POLL];
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
		p[2] = (struct pollfd){ .fd = s->instance.pidfd,
			.events = POLLIN };
		daemon_control_poll(&s->control, p + 3);
		(void)poll(p, sizeof p / sizeof p[0], timeout);
	}
	now = daemon_clock_steady();
	e->passed_ms = now - s->asked_ms;
	s->asked_ms = now;
}
