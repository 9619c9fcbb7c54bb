/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "publish.h"
#include "verdict.h"

static void
write_record(struct daemon_supervisor *s)
{
	char tail[DAEMON_RECORD_TAIL_MAX];

	s->room.n = 0;
	if (daemon_record_public(&s->room, s->d, &s->st) == 0 &&
	    daemon_record_write(s->service.dir, DAEMON_RECORD_PUBLIC, s->room.p,
		s->room.n, tail, daemon_record_tail(tail, &s->st.id)) == 0)
		s->stale = 0;
}

int
daemon_supervisor_introduce(struct daemon_supervisor *s, struct daemon_fault *f)
{
	struct daemon_identity self = { 0 };

	if (daemon_identity_here(&s->st.id) == -1 ||
	    daemon_identity_self(&self) == -1)
		return daemon_fault_set(f, "record", s->d->name, NULL);
	s->st.supervisor = self;
	s->st.supervisor.pidns = s->st.id.pidns;
	(void)strcpy(s->st.supervisor.boot, s->st.id.boot);
	s->st.since = daemon_clock_wall();
	s->stale = 1;
	write_record(s);
	return s->stale ? daemon_fault_set(f, "record", s->d->name, NULL) : 0;
}

static void
tell_launcher(struct daemon_supervisor *s, unsigned actions)
{
	struct daemon_verdict_message m = { .status = s->status };

	if (s->launcher == -1 ||
	    !(actions &
		(DAEMON_DO_TELL_READY | DAEMON_DO_TELL_TRYING |
		    DAEMON_DO_TELL_FAILED)))
		return;
	if (actions & DAEMON_DO_TELL_READY) {
		m.verdict = DAEMON_VERDICT_RUNNING;
		m.pid = s->instance.pid;
	} else if (actions & DAEMON_DO_TELL_FAILED) {
		m.verdict = s->machine.why == DAEMON_WHY_STOP
		    ? DAEMON_VERDICT_INTERRUPTED
		    : s->last.verdict;
		m.word = s->last;
	}
	daemon_verdict_send(s->launcher, &m);
	(void)close(s->launcher);
	s->launcher = -1;
}

/* More about what has come of it, for whoever asked for it. */
static void
answer_text(char *buf, size_t size, const struct daemon_supervisor *s)
{
	const struct daemon_last_word *w = &s->instance.word;
	const char *end = s->st.ends.n > 0 ? s->ends[s->st.ends.n - 1] : " ?";

	switch (s->machine.phase) {
	case DAEMON_PHASE_READY:
		(void)snprintf(buf, size, "%ld", (long)s->instance.pid);
		return;
	case DAEMON_PHASE_BACKOFF:
		if (s->machine.why == DAEMON_WHY_SPAWN)
			(void)snprintf(buf, size, "%s: %.400s: %.400s", w->step,
			    w->object, w->reason);
		else
			(void)snprintf(buf, size,
			    "ended with%s before it was ready",
			    strchr(end, ' '));
		return;
	case DAEMON_PHASE_OVER:
	case DAEMON_PHASE_STOPPING:
		(void)snprintf(buf, size, "%s", s->stopped);
		return;
	case DAEMON_PHASE_PAUSED:
		(void)snprintf(buf, size, "it is paused");
		return;
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_PREPARING:
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_STARTING:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING: break;
	}
	buf[0] = '\0';
}

void
daemon_supervisor_publish(struct daemon_supervisor *s, unsigned actions)
{
	char text[DAEMON_PACKET_MAX];

	if (s->stale && s->instance.pipe == -1)
		write_record(s);
	tell_launcher(s, actions);
	if (s->control.listener == -1)
		return;
	answer_text(text, sizeof text, s);
	daemon_control_answer(&s->control, &s->machine, text);
}
