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
#include "hooks.h"
#include "keeping.h"
#include "pool.h"
#include "publish.h"
#include "rebuild.h"
#include "supervisor.h"
#include "upgrade.h"

enum { LOADING_MS = 1, DETACHED_MS = 10, CHANCES = 1000 };

int
daemon_supervisor_pending(struct daemon_supervisor *s, struct daemon_event *e)
{
	int kind;

	for (kind = 0; kind < DAEMON_EVENTS; kind++)
		if (s->pending & 1u << kind) {
			s->pending &= ~(1u << kind);
			e->kind = (enum daemon_event_kind)kind;
			e->ms = s->extend_ms;
			e->otherwise = s->otherwise;
			return 1;
		}
	return 0;
}

/* The exec, or what stood in its way: that is told when it is dead. */
static int
exec_event(struct daemon_supervisor *s, struct daemon_event *e, int *timeout)
{
	if (s->instance.pipe == -1)
		return 0;
	switch (
	    daemon_instance_read(&s->instance, s->self.ours, s->d->command)) {
	case DAEMON_SPAWNED_NOT_YET:
	case DAEMON_SPAWNED_FAILED: return 0;
	case DAEMON_SPAWNED_LOADING: *timeout = LOADING_MS; return 0;
	case DAEMON_SPAWNED_EXECUTED: break;
	}
	if (!s->head->executed)
		daemon_keeping_reopen(s->head); /* it is this service's now */
	s->executed = s->head->executed = 1;
	e->kind = DAEMON_EVENT_EXECUTED;
	return 1;
}

void
daemon_supervisor_died(
    const struct daemon_supervisor *s, struct daemon_event *e)
{
	e->kind = DAEMON_EVENT_DIED;
	e->ending = s->status == -1
	    ? DAEMON_ENDING_UNKNOWN
	    : daemon_ending_of(s->status, &s->success, &s->final);
}

/* Who never executed the command has nothing to leave behind: if somebody is
 * there, it did.  0: it may have detached, or made way for another. */
static int
died(struct daemon_supervisor *s, struct daemon_event *e)
{
	int status = daemon_instance_bury(&s->instance);
	int alone = s->head == s ? daemon_supervisor_alone(s)
				 : daemon_supervisor_deserted(s);

	s->detached = daemon_supervisor_awaits(s, status, alone);
	if (s->detached) {
		s->status = status;
		return 0;
	}
	if (s->instance.word.step[0] != '\0' &&
	    s->machine.phase == DAEMON_PHASE_SPAWNING && alone) {
		e->kind = DAEMON_EVENT_UNEXECUTED;
	} else {
		s->status = status;
		daemon_supervisor_died(s, e);
	}
	daemon_gently_died(s, alone);
	return 1;
}

static void
hear_stopper(struct daemon_supervisor *s)
{
	size_t n = daemon_helper_hear(
	    s, DAEMON_HELPER_STOPPER, s->stopped, sizeof s->stopped - 1);

	s->stopped[n] = '\0';
}

/* Is all of the tree dead?  Of our descendants the kernel tells, of others
 * the stopper. */
static int
is_all_gone(const struct daemon_supervisor *s, int status)
{
	return daemon_supervisor_deserted(s) && s->instance.pid == 0 &&
	    (!s->adopted || status == 0);
}

/* What came of a helper's work; 0: nobody waits for it. */
static int
helped(struct daemon_supervisor *s, struct daemon_event *e,
    enum daemon_helper role, int status)
{
	struct daemon_last_word w;

	switch (role) {
	case DAEMON_HELPER_STOPPER:
		hear_stopper(s);
		daemon_guests_welcome(s);
		e->kind = is_all_gone(s, status) ? DAEMON_EVENT_GONE
						 : DAEMON_EVENT_STUCK;
		return 1;
	case DAEMON_HELPER_PROBER:
		if (status != 0)
			return 0;
		e->kind = DAEMON_EVENT_READY;
		return 1;
	case DAEMON_HELPER_BEFORE:
		daemon_hook_hear(s, role, &w);
		if (status != 0)
			s->instance.word = w;
		daemon_guests_welcome(s);
		e->kind = status == 0 ? DAEMON_EVENT_PREPARED
				      : DAEMON_EVENT_UNPREPARED;
		return 1;
	case DAEMON_HELPER_CHECK:
	case DAEMON_HELPER_RELOADER:
		daemon_hook_hear(s, role, &w);
		daemon_guests_welcome(s);
		daemon_pool_prepared(
		    s->pool, role == DAEMON_HELPER_CHECK, status, &w);
		return 0;
	case DAEMON_HELPER_CHECKER: daemon_upgrade_decide(s, status); return 0;
	case DAEMON_HELPER_ON_READY:
	case DAEMON_HELPER_ON_EXIT:
	case DAEMON_HELPER_ON_FAILED: daemon_guests_welcome(s); return 0;
	case DAEMON_HELPER_KEEPER: daemon_keeping_ended(s, status); return 0;
	case DAEMON_HELPER_FREEZER:
		daemon_supervisor_answer(s);
		daemon_upgrade_try(s);
		return 0;
	case DAEMON_HELPERS: break;
	}
	return 0;
}

/* A helper's end is told after the command's, which it may have waited for:
 * only of those that had ended before we looked at the command. */
static int
death_event(struct daemon_supervisor *s, struct daemon_event *e, unsigned ended)
{
	enum daemon_helper role;
	int status;

	if (s->instance.pipe == -1 && daemon_instance_is_dead(&s->instance) &&
	    died(s, e))
		return 1;
	daemon_guests_reap(s);
	while (daemon_helper_reap(s, ended, &role, &status))
		if (helped(s, e, role, status))
			return 1;
	return 0;
}

static void
forward(const struct daemon_supervisor *s, int sig)
{
	if (s->forwards)
		daemon_instance_signal(&s->instance, sig);
}

static void
upgrade(struct daemon_supervisor *s)
{
	if (s->service.dir == -1 || s->d->foreground)
		forward(s, SIGUSR2);
	else
		daemon_upgrade_ask(s);
}

static void
reopen(struct daemon_supervisor *s)
{
	if (s->mastery != NULL)
		s->mastery->reopen(s);
	else if (s->output[0] != -1)
		daemon_keeping_reopen(s);
	else
		forward(s, SIGUSR1);
}

enum daemon_sign
daemon_supervisor_sign(struct daemon_supervisor *s, int *child)
{
	struct signalfd_siginfo si;

	while (read(s->signals, &si, sizeof si) == (ssize_t)sizeof si)
		switch ((int)si.ssi_signo) {
		case SIGTERM:
		case SIGINT: return DAEMON_SIGN_STOP;
		case SIGQUIT: return DAEMON_SIGN_QUIT;
		case SIGHUP:
			/* From the kernel: our terminal is gone. */
			return si.ssi_code == SI_KERNEL ? DAEMON_SIGN_STOP
							: DAEMON_SIGN_RELOAD;
		case SIGWINCH:
			/* A terminal that was resized sends it, too. */
			if (s->pool != NULL && !s->d->foreground)
				return DAEMON_SIGN_DRAIN;
			forward(s, SIGWINCH);
			break;
		case SIGUSR2: upgrade(s); break;
		case SIGUSR1: reopen(s); break;
		case SIGCHLD: *child = 1; break;
		default:
			/* Not what we have brought upon ourselves, as by a
			 * write to somebody who has gone. */
			if (si.ssi_pid != (unsigned)getpid())
				forward(s, (int)si.ssi_signo);
			break;
		}
	return DAEMON_SIGN_NONE;
}

static int
signal_event(struct daemon_supervisor *s, struct daemon_event *e, int *child)
{
	switch (daemon_supervisor_sign(s, child)) {
	case DAEMON_SIGN_NONE:
	case DAEMON_SIGN_DRAIN: return 0;
	case DAEMON_SIGN_RELOAD: e->kind = DAEMON_EVENT_RELOAD; return 1;
	case DAEMON_SIGN_STOP:
	case DAEMON_SIGN_QUIT: break;
	}
	e->kind = DAEMON_EVENT_STOP;
	return 1;
}

static int
memory_event(struct daemon_supervisor *s, struct daemon_event *e)
{
	if (!daemon_memory_is_full(&s->memory))
		return 0;
	e->kind = DAEMON_EVENT_HEAVY;
	return 1;
}

int
daemon_supervisor_request(struct daemon_supervisor *s, struct daemon_request *r)
{
	if (!daemon_control_take(&s->control, r))
		return 0;
	if (r->kind == DAEMON_REQUEST_UPGRADE) {
		daemon_upgrade_ask(s);
		return 0;
	}
	if (r->kind == DAEMON_REQUEST_AWAIT) {
		daemon_supervisor_answer(s);
		return 0;
	}
	if (r->has_schedule)
		s->asked = r->schedule;
	return 1;
}

static int
request_event(struct daemon_supervisor *s, struct daemon_event *e)
{
	struct daemon_request r;

	if (!daemon_supervisor_request(s, &r))
		return 0;
	if (r.kind == DAEMON_REQUEST_PAUSE && s->detached) {
		s->pausing = 1;
		return 0;
	}
	e->kind = daemon_request_event(r.kind);
	if (e->kind == DAEMON_EVENTS) {
		daemon_control_refuse(
		    &s->control, r.kind, "it has no workers (-w)");
		return 0;
	}
	e->otherwise = r.has_schedule;
	return 1;
}

/* But for what is pending. */
static int
of_instance(struct daemon_supervisor *s, struct daemon_event *e, int *timeout)
{
	const unsigned ended = daemon_helper_ended(s);

	daemon_gently_late(s);
	if (exec_event(s, e, timeout) || memory_event(s, e))
		return 1;
	s->heard = daemon_supervisor_hear(s, e);
	return s->heard || death_event(s, e, ended);
}

int
daemon_supervisor_news(
    struct daemon_supervisor *s, struct daemon_event *e, int *timeout)
{
	return daemon_supervisor_pending(s, e) || of_instance(s, e, timeout);
}

static int
happened(struct daemon_supervisor *s, struct daemon_event *e, int *timeout)
{
	int child;

	if (daemon_supervisor_pending(s, e))
		return 1;
	/* Whoever talks without end is not the only one to be heard. */
	if (s->heard) {
		s->heard = 0;
		if (signal_event(s, e, &child) || request_event(s, e))
			return 1;
	}
	do {
		child = 0;
		if (of_instance(s, e, timeout))
			return 1;
		(void)daemon_supervisor_alone(s);
		if (signal_event(s, e, &child))
			return 1;
	} while (child);
	if (s->instance.pipe == -1)
		daemon_rebuild_look(s);
	return request_event(s, e);
}

int
daemon_supervisor_until(const struct daemon_supervisor *s)
{
	long long wait = daemon_machine_wait(&s->machine);
	long long passed = daemon_clock_steady() - s->asked_ms;

	if (wait == -1)
		return -1;
	return daemon_clock_wait(wait - passed);
}

int
daemon_supervisor_later(const struct daemon_supervisor *s)
{
	if (s->detached)
		return DETACHED_MS;
	if (s->gently)
		return s->gently_ms == -1 ? -1
					  : daemon_clock_until(s->gently_ms);
	if (s->upgrade == DAEMON_UPGRADE_CHECKED)
		return daemon_clock_until(s->check_ms);
	if (s->instance.pipe != -1 || s->service.dir == -1)
		return -1;
	if (s->rebuild_ms != 0)
		return daemon_clock_until(s->rebuild_ms);
	return s->stale == DAEMON_CHATTY
	    ? daemon_clock_until(s->wrote_ms + DAEMON_CHATTY_MS)
	    : -1;
}

/* The places that are taken: whoever may open little may not poll much
 * (EINVAL, at once), and pays for none that is empty. */
nfds_t
daemon_supervisor_pack(struct pollfd *p, nfds_t n)
{
	nfds_t i, taken = 0;

	for (i = 0; i < n; i++)
		if (p[i].fd != -1)
			p[taken++] = p[i];
	return taken;
}

void
daemon_supervisor_poll(const struct daemon_supervisor *s,
    struct pollfd p[DAEMON_NEWS_POLL], int loading)
{
	/* What is said on the way is read when it is over: POLLHUP. */
	p[0] = (struct pollfd){ .fd = loading == -1 ? s->instance.pipe : -1 };
	p[1] = (struct pollfd){ .fd = s->instance.pidfd, .events = POLLIN };
	p[2] = (struct pollfd){ .fd = s->notified.fd, .events = POLLIN };
	p[3] = (struct pollfd){ .fd = s->ready_pipe, .events = POLLIN };
	p[4] = (struct pollfd){ .fd = s->memory.event,
		.events = s->memory.limit != -1 ? POLLIN : POLLPRI };
	p[5] = (struct pollfd){ .fd = s->channel, .events = POLLIN };
}

void
daemon_supervisor_poll_head(
    const struct daemon_supervisor *s, struct pollfd p[DAEMON_HEAD_POLL])
{
	p[0] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = s->instance.pipe == -1 ? s->watch : -1,
		.events = POLLIN };
	daemon_control_poll(&s->control, p + 2);
}

static void
wait_for_news(struct daemon_supervisor *s, int timeout, int loading)
{
	struct pollfd p[DAEMON_HEAD_POLL + DAEMON_NEWS_POLL];

	timeout = daemon_clock_sooner(timeout, loading);
	timeout =
	    daemon_clock_sooner(timeout, daemon_control_wait(&s->control));
	daemon_supervisor_poll_head(s, p);
	daemon_supervisor_poll(s, p + DAEMON_HEAD_POLL, loading);
	(void)poll(
	    p, daemon_supervisor_pack(p, sizeof p / sizeof p[0]), timeout);
}

void
daemon_supervisor_event(struct daemon_event *e)
{
	*e = (struct daemon_event){ .kind = DAEMON_EVENT_TIME,
		.chance =
		    (double)(daemon_clock_steady_ns() % CHANCES) / CHANCES };
}

void
daemon_supervisor_happens(struct daemon_supervisor *s, struct daemon_event *e)
{
	const long long now = daemon_clock_steady();

	e->passed_ms = now - s->asked_ms;
	s->asked_ms = now;
}

void
daemon_supervisor_wait(struct daemon_supervisor *s, struct daemon_event *e)
{
	int timeout, loading;

	daemon_supervisor_event(e);
	for (;;) {
		loading = -1;
		if (happened(s, e, &loading))
			break;
		timeout = daemon_clock_sooner(
		    daemon_clock_sooner(
			daemon_supervisor_until(s), daemon_supervisor_later(s)),
		    daemon_keeping_wait(s));
		if (timeout == 0)
			break;
		wait_for_news(s, timeout, loading);
	}
	daemon_supervisor_happens(s, e);
}
