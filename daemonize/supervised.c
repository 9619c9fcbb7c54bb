/* SPDX-License-Identifier: ISC */
/*
 * A supervisor in the foreground, as pid 1 of a container: what it says of
 * the command's ends, and how it ends itself.
 */
#include <sys/wait.h>

#include <stdio.h>

#include "../libdaemon/notify.h"
#include "../libdaemon/output/keep.h"
#include "../libdaemon/output/sink.h"
#include "../libdaemon/supervise/inplace.h"
#include "../libdaemon/supervise/sayings.h"
#include "exit.h"
#include "messages.h"
#include "supervised.h"

struct run {
	const struct config *c;
	int ready; /* it was, once */
	int stopping; /* and that has been told */
};

/* To whoever supervises us; nobody is as good. */
static void
tell_above(struct run *run, const struct daemon_supervisor *s,
    const struct daemon_supervised *now)
{
	run->ready |= (now->actions & DAEMON_DO_TELL_READY) != 0;
	if (now->actions & DAEMON_DO_TELL_READY)
		(void)daemon_notify("READY=1");
	if (s->machine.phase == DAEMON_PHASE_STOPPING &&
	    s->machine.why == DAEMON_WHY_STOP && !run->stopping) {
		run->stopping = 1;
		(void)daemon_notify("STOPPING=1");
	}
}

static void
tell(void *arg, const struct daemon_supervisor *s,
    const struct daemon_supervised *now)
{
	struct run *run = arg;
	char text[DAEMON_SAYING_MAX];

	if (s->head == s)
		tell_above(run, s, now);
	if (run->c->verbose && (now->actions & DAEMON_DO_HOOK_READY))
		message("ready, pid %ld", (long)s->instance.pid);
	if (!run->c->quiet && daemon_supervised_say(text, s, now) != NULL)
		message("%s", text);
}

/* The command's status, for whoever waits for us. */
static int
status_of(const struct daemon_supervisor *s, int ready)
{
	const struct daemon_machine *m = &s->machine;

	if (m->why == DAEMON_WHY_SPAWN && m->ending == DAEMON_ENDING_NONE) {
		switch (s->instance.word.verdict) {
		case DAEMON_VERDICT_NOT_EXECUTABLE: return EXIT_NOT_EXECUTABLE;
		case DAEMON_VERDICT_NOT_FOUND: return EXIT_NOT_FOUND;
		case DAEMON_VERDICT_RUNNING:
		case DAEMON_VERDICT_FAILED:
		case DAEMON_VERDICT_ALREADY:
		case DAEMON_VERDICT_DIED:
		case DAEMON_VERDICT_INTERRUPTED: return EXIT_OURS;
		}
	}
	if (s->status == -1) /* never known */
		return m->why == DAEMON_WHY_STOP ? EXIT_RUNS : EXIT_OURS;
	if (m->ending == DAEMON_ENDING_SUCCESS)
		return ready || m->why == DAEMON_WHY_STOP ||
			daemon_supervised_finished(s, m->why)
		    ? EXIT_RUNS
		    : EXIT_OURS;
	return WIFSIGNALED(s->status) ? 128 + WTERMSIG(s->status)
				      : WEXITSTATUS(s->status);
}

/* What a service keeps, its next start finds. */
static void
say_unwritten(const struct daemon_supervisor *s, enum daemon_outlet to)
{
	const long long n = s->unwritten[to];
	const int error = s->unwritten_error[to];

	message("%s: %s: %lld byte%s of its output %s: %s",
	    to == DAEMON_TO_LOG ? "log" : "syslog",
	    to == DAEMON_TO_LOG ? daemon_keep_path(s->d) : s->d->syslog, n,
	    n == 1 ? "" : "s",
	    s->service.dir != -1 ? "wait for its next start" : "lost",
	    error != 0 ? daemon_sink_why(error) : "it took too long");
}

/* A failure, unless it is kept somewhere. */
static int
loses(const struct daemon_supervisor *s)
{
	const enum daemon_outlet to =
	    daemon_keep_path(s->d) != NULL ? DAEMON_TO_LOG : DAEMON_TO_SYSLOG;

	return s->unwritten[to] > 0 && s->service.dir == -1;
}

int
supervised_run(struct config *c, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o)
{
	struct run run = { .c = c };
	struct daemon_supervisor s = {
		.forwards = 1,
		.tell = tell,
		.arg = &run,
	};
	unsigned to;
	int r;

	if (daemon_supervise_in_place(&s, &c->d, dirs, o) == -1)
		return -1;
	r = status_of(&s, run.ready);
	for (to = 0; to < DAEMON_OUTLETS && !c->quiet; to++)
		if (s.unwritten[to] > 0)
			say_unwritten(&s, to);
	return r == EXIT_RUNS && loses(&s) ? EXIT_OURS : r;
}
