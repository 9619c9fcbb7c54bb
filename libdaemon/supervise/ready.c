/* SPDX-License-Identifier: ISC */
/*
 * News of the command itself: that it is ready, by whatever way it was told
 * to say so, and all else that it says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "publish.h"

enum { IN_A_ROW = 16 /* messages: others are heard, too */ };

/* The end of a pipe to write to: opened to be read as well, it can be written
 * to when nobody else reads any more, as when we are killed. */
static int
survivable(int end)
{
	char name[DAEMON_AT_NAME];
	int both = open(daemon_at_name(end, name), O_RDWR | O_CLOEXEC);

	if (both == -1)
		return end;
	(void)close(end);
	return both;
}

int
daemon_supervisor_open_ready(
    struct daemon_supervisor *s, struct daemon_making *m)
{
	int ends[2];

	m->ready = -1;
	m->ready_as = s->ready.fd;
	if (s->ready_pipe != -1)
		(void)close(s->ready_pipe);
	s->ready_pipe = -1;
	if (s->ready.kind != DAEMON_BY_FD)
		return 0;
	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	s->ready_pipe = ends[0];
	m->ready = survivable(ends[1]);
	return 0;
}

void
daemon_supervisor_close_ready(struct daemon_making *m)
{
	if (m->ready != -1)
		(void)close(m->ready);
	m->ready = -1;
}

/* That of one that another supervisor has begun; if that one cannot reach us, it
 * is not its fault, and its watchdog sleeps until it is begun anew. */
static void
give(struct daemon_supervisor *s)
{
	(void)daemon_notified_give(
	    &s->notified, s->service.dir, s->instance.uid);
	if (!s->notified.lost)
		return;
	s->policy.watchdog_ms = s->machine.left[DAEMON_TIMER_WATCHDOG] = -1;
	(void)strcpy(s->says,
	    "(not heard until restarted: somebody has taken its NOTIFY_SOCKET)");
	s->st.says = s->says;
	daemon_supervisor_snapshot(s);
}

int
daemon_supervisor_attend(struct daemon_supervisor *s, struct daemon_fault *f)
{
	const struct daemon_definition *d = s->d;

	if (s->notified.fd == -1 &&
	    (s->ready.kind == DAEMON_BY_NOTIFY || d->watchdog != NULL) &&
	    daemon_notified_open(&s->notified, s->service.dir, d) == -1)
		return daemon_fault_set(f, "notify", d->name, NULL);
	if (s->instance.pid != 0)
		give(s);
	if (d->memory_group == NULL || s->memory.event != -1)
		return 0;
	return daemon_memory_watch(
		   &s->memory, d->memory_group, s->max_memory) == -1
	    ? daemon_fault_set(f, "max-memory", d->memory_group, NULL)
	    : 0;
}

/* A newline: it is ready.  The end without one says nothing. */
static int
hear_pipe(struct daemon_supervisor *s, struct daemon_event *e)
{
	char buf[64];
	ssize_t n;

	if (s->ready_pipe == -1)
		return 0;
	do
		n = read(s->ready_pipe, buf, sizeof buf);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n > 0 && memchr(buf, '\n', (size_t)n) == NULL) {
		(void)snprintf(s->unready, sizeof s->unready,
		    "no newline came on its descriptor");
		return 0;
	}
	(void)close(s->ready_pipe);
	s->ready_pipe = -1;
	if (n <= 0)
		return 0;
	e->kind = DAEMON_EVENT_READY;
	return 1;
}

static void
take_words(struct daemon_supervisor *s, const struct daemon_notice *n)
{
	if (n->says) {
		(void)strcpy(s->says, n->status);
		s->st.says = s->says[0] != '\0' ? s->says : NULL;
		if (s->stale == DAEMON_FRESH)
			s->stale = DAEMON_CHATTY;
	}
	if (n->error != -1)
		s->said_error = n->error;
	if (n->watchdog_ms != -1) {
		s->policy.watchdog_ms = n->watchdog_ms;
		daemon_supervisor_expect(s, DAEMON_EVENT_SIGN);
	}
	if (n->main != 0 && n->main != s->instance.pid &&
	    s->instance.pipe == -1)
		(void)daemon_supervisor_follow(s, n->main);
	s->extend_ms = n->extend_ms;
	s->pending |= n->events;
}

/* One datagram at a time: what it says happens before the next is read. */
static int
hear_notice(struct daemon_supervisor *s)
{
	const struct daemon_hearing who = { .main = s->instance.pid,
		.uid = s->instance.uid,
		.is_kin = daemon_supervisor_is_kin,
		.arg = s };
	struct daemon_notice n;

	if (s->notified.fd == -1 ||
	    !daemon_notified_take(&s->notified, &who, &n, &s->store))
		return 0;
	take_words(s, &n);
	return 1;
}

/* 1: *e, or something in s->pending. */
int
daemon_supervisor_hear(struct daemon_supervisor *s, struct daemon_event *e)
{
	int i;

	if (hear_pipe(s, e) || daemon_supervisor_hear_detached(s, e))
		return 1;
	for (i = 0; i < IN_A_ROW && hear_notice(s); i++)
		if (s->pending != 0)
			return daemon_supervisor_pending(s, e);
	return 0;
}

static int
is_probed(enum daemon_readiness_kind kind)
{
	return kind == DAEMON_BY_TCP || kind == DAEMON_BY_UNIX ||
	    kind == DAEMON_BY_COMMAND;
}

/* What it has said last. */
static void
hear_prober(struct daemon_supervisor *s)
{
	while (read(s->helper_pipe[DAEMON_HELPER_PROBER], s->unready,
		   sizeof s->unready) == (ssize_t)sizeof s->unready)
		continue;
}

static const char *
not_heard(const struct daemon_supervisor *s)
{
	switch (s->ready.kind) {
	case DAEMON_BY_FD:
		return s->d->calls ? "it did not call daemon_self_ready()"
				   : "nothing came on its descriptor";
	case DAEMON_BY_NOTIFY: return "READY=1 was not heard";
	case DAEMON_BY_PIDFILE: return "it has not detached";
	case DAEMON_BY_TIME:
	case DAEMON_BY_TCP:
	case DAEMON_BY_UNIX:
	case DAEMON_BY_COMMAND: break;
	}
	return "nothing has answered yet";
}

void
daemon_supervisor_unready(
    char *buf, size_t size, const struct daemon_supervisor *s)
{
	int n = snprintf(
	    buf, size, "%s", s->unready[0] != '\0' ? s->unready : not_heard(s));

	if (s->notified.dropped > 0 && n >= 0 && (size_t)n < size)
		(void)snprintf(buf + n, size - (size_t)n,
		    " (messages of others, dropped: %llu)",
		    s->notified.dropped);
}

void
daemon_supervisor_probe(struct daemon_supervisor *s)
{
	pid_t *prober = &s->helper[DAEMON_HELPER_PROBER];
	int out;

	if (s->machine.phase != DAEMON_PHASE_STARTING) {
		if (*prober != 0)
			hear_prober(s);
		daemon_helper_end(s, DAEMON_HELPER_PROBER);
		return;
	}
	if (!is_probed(s->ready.kind) || *prober != 0 ||
	    daemon_helper_fork_to_hear(s, DAEMON_HELPER_PROBER, &out) != 0)
		return;
	daemon_helper_detach(s, 1);
	daemon_probe(s, out);
	_exit(0);
}
