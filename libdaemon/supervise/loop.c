/* SPDX-License-Identifier: ISC */
/* A supervisor's life. */
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/process.h"
#include "keeping.h"
#include "oom.h"
#include "pool.h"
#include "publish.h"
#include "supervisor.h"
#include "upgrade.h"

int
daemon_supervisor_begin(struct daemon_supervisor *s)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t all;

	/* An ignored SIGCHLD would take the ends of our children away. */
	(void)sigaction(SIGCHLD, &dfl, NULL);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	s->head = s;
	s->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals == -1)
		return -1;
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	s->oom = daemon_oom_lower();
	s->path = NULL;
	s->watch = -1;
	s->rebuild_ms = 0;
	daemon_proc_self(&s->self);
	s->here = (struct daemon_identity){ .pid = 0 };
	if (daemon_identity_here(&s->here) == -1)
		return -1;
	s->output[0] = s->output[1] = s->spool = s->children = -1;
	s->upgrade = DAEMON_UPGRADE_NONE;
	daemon_supervisor_blank(s);
	return 0;
}

void
daemon_supervisor_blank(struct daemon_supervisor *s)
{
	s->machine = daemon_machine_new();
	s->instance = DAEMON_INSTANCE_NONE;
	s->adopted = 0;
	s->executed = 0;
	s->spawned_pid = 0;
	s->status = -1;
	daemon_helpers_begin(s);
	s->notified = DAEMON_NOTIFIED_NONE;
	s->store.n = s->store.fixed = 0;
	s->memory = DAEMON_MEMORY_NONE;
	s->ready_pipe = s->channel = s->channel_end = -1;
	s->heard = 0;
	s->watchdog_ms = s->policy.watchdog_ms;
	s->detached = s->pausing = 0;
	s->welcome_ms = 0;
	s->says[0] = s->unready[0] = '\0';
	s->said_error = 0;
	s->stopped[0] = '\0';
	s->asked.n = 0;
	daemon_control_none(&s->control);
	s->asked_ms = daemon_clock_steady();
	s->pending = 0;
	s->otherwise = s->gently = 0;
	daemon_supervisor_expect(s, DAEMON_EVENT_BEGIN);
}

/* It is so from here on.  What is said of an end is said before the next
 * beginning, which knows nothing of it. */
static void
tell(struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	daemon_supervisor_note(s, now);
	if (s->tell != NULL &&
	    (now->actions != 0 || now->before.phase != s->machine.phase ||
		now->event == DAEMON_EVENT_STUCK))
		s->tell(s->arg, s, now);
	if (now->actions & DAEMON_DO_TELL_TRYING)
		daemon_supervisor_publish(s, now);
}

/* It has become ready: that may last. */
static int
now_rests(const struct daemon_supervisor *s, unsigned actions)
{
	return s->machine.phase == DAEMON_PHASE_READY &&
	    (actions & DAEMON_DO_HOOK_READY) != 0;
}

/* Whoever is told that it is over finds all of its log. */
static void
keep(struct daemon_supervisor *s)
{
	if (s != s->head)
		return;
	if (s->machine.phase == DAEMON_PHASE_OVER)
		daemon_keeping_end(s);
	else
		daemon_keeping_start(s);
}

struct daemon_supervised
daemon_supervisor_step(
    struct daemon_supervisor *s, const struct daemon_event *e)
{
	struct daemon_move m = daemon_machine_next(&s->policy, s->machine, e);
	struct daemon_supervised now = {
		.event = e->kind, .before = s->machine, .actions = m.actions
	};

	s->machine = m.machine;
	tell(s, &now);
	daemon_supervisor_act(s, m.actions);
	daemon_supervisor_probe(s);
	keep(s);
	daemon_supervisor_publish(s, &now);
	if (s == s->head)
		daemon_upgrade_try(s);
	if (s == s->head && now_rests(s, m.actions))
		daemon_supervisor_trim();
	return now;
}

void
daemon_supervisor_run(struct daemon_supervisor *s)
{
	struct daemon_event e;

	if (s->pool != NULL)
		daemon_pool_run(s->pool);
	while (s->machine.phase != DAEMON_PHASE_OVER) {
		daemon_supervisor_wait(s, &e);
		(void)daemon_supervisor_step(s, &e);
	}
	/* The kernel ends all that process 1 leaves. */
	if (getpid() == 1)
		daemon_helpers_await(s);
	(void)close(s->signals);
	s->signals = -1;
}

int
daemon_supervise(struct daemon_supervisor *s)
{
	if (daemon_supervisor_begin(s) == -1)
		return -1;
	daemon_supervisor_run(s);
	return 0;
}
