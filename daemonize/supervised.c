/* SPDX-License-Identifier: ISC */
/*
 * A supervisor in the foreground, as pid 1 of a container: what it says of
 * the command's ends, and how it ends itself.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/notify.h"
#include "../libdaemon/output/keep.h"
#include "../libdaemon/output/sink.h"
#include "../libdaemon/supervise/logfile.h"
#include "../libdaemon/supervise/policy.h"
#include "../libdaemon/supervise/pool.h"
#include "../libdaemon/supervise/publish.h"
#include "../libdaemon/supervise/serve.h"
#include "../libdaemon/supervise/sockets.h"
#include "exit.h"
#include "messages.h"
#include "supervised.h"

enum { NAME_ROOM = 512 };

struct run {
	const struct config *c;
	int ready; /* it was, once */
	int stopping; /* and that has been told */
};

/* "2.0 s". */
static void
seconds(char *buf, size_t size, long long ms)
{
	(void)snprintf(buf, size, "%lld.%lld s", ms / 1000, ms % 1000 / 100);
}

/* And what comes next. */
static void
next(char *buf, size_t size, const struct daemon_supervisor *s)
{
	char span[32];

	switch (s->machine.phase) {
	case DAEMON_PHASE_BACKOFF:
		seconds(span, sizeof span, daemon_machine_wait(&s->machine));
		(void)snprintf(buf, size, ": restarted in %s", span);
		return;
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_PREPARING:
		(void)snprintf(buf, size, ": restarted");
		return;
	case DAEMON_PHASE_OVER:
		(void)snprintf(buf, size, "%s",
		    s->machine.why == DAEMON_WHY_TOO_OFTEN
			? ": not restarted, it was too often (--max-restarts)"
			: s->machine.ending == DAEMON_ENDING_FINAL
			? ": not restarted (--final-status)"
			: "");
		return;
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_STARTING:
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_PAUSED:
	case DAEMON_PHASE_STOPPING: break;
	}
	buf[0] = '\0';
}

/* It did what it was to do, however soon. */
static int
has_finished(const struct daemon_supervisor *s, enum daemon_why why)
{
	return s->policy.restart != DAEMON_RESTART_ALWAYS &&
	    why == DAEMON_WHY_ENDED &&
	    s->machine.ending == DAEMON_ENDING_SUCCESS;
}

/* It was ended before it was ready: the reason says more than its status. */
static void
say_why(const struct daemon_supervisor *s, const struct daemon_supervised *now,
    const char *then)
{
	struct daemon_last_word w;

	daemon_supervisor_explain_end(&w, s, now);
	message("%s: %s: %s%s", w.step, w.object, w.reason, then);
}

/* "sleep", or "sleep, worker 2". */
static const char *
name_of(char buf[NAME_ROOM], const struct daemon_supervisor *s)
{
	char who[DAEMON_WORKER_TEXT_MAX];

	if (daemon_worker_text(who, s) == NULL)
		return s->d->command;
	(void)snprintf(buf, NAME_ROOM, "%.400s, %s", s->head->d->command, who);
	return buf;
}

static void
say_end(const struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	const enum daemon_why why = now->before.why;
	char end[96], then[96], name[NAME_ROOM];

	next(then, sizeof then, s);
	if (why == DAEMON_WHY_RESTART)
		then[0] = '\0'; /* that is said */
	if (!now->before.told && why != DAEMON_WHY_ENDED) {
		say_why(s, now, then);
		return;
	}
	daemon_end_text(end, sizeof end, s->status, why);
	message("%s: ended with %s%s%s", name_of(name, s), end,
	    now->before.told || has_finished(s, why) ? ""
						     : " before it was ready",
	    then);
}

static void
say_stuck(const struct daemon_supervisor *s)
{
	char span[32], name[NAME_ROOM];

	seconds(span, sizeof span, daemon_machine_wait(&s->machine));
	message("%s: something of it could not be stopped: tried again in %s",
	    name_of(name, s), span);
}

/* An attempt that came to nothing. */
static void
say_failure(const struct daemon_supervisor *s)
{
	struct daemon_fault f;
	char then[96];

	daemon_instance_fault(&s->instance, &f);
	then[0] = '\0';
	if (s->pool == NULL || s->head != s)
		next(then, sizeof then, s);
	if (then[0] == '\0')
		message_fault(&f);
	else
		message("%s: %s: %s%s", f.step, f.object,
		    daemon_fault_reason(&f), then);
}

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

/* An agent may end when it is done, or makes way for a new one. */
static int
is_routine(
    const struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	return daemon_worker_agent(s) != NULL &&
	    (now->before.ending == DAEMON_ENDING_SUCCESS ||
		now->before.why == DAEMON_WHY_RESTART);
}

static void
tell(void *arg, const struct daemon_supervisor *s,
    const struct daemon_supervised *now)
{
	struct run *run = arg;

	if (s->head == s)
		tell_above(run, s, now);
	if (run->c->verbose && (now->actions & DAEMON_DO_HOOK_READY))
		message("ready, pid %ld", (long)s->instance.pid);
	if (run->c->quiet)
		return;
	if (now->event == DAEMON_EVENT_STUCK)
		say_stuck(s);
	else if (daemon_supervised_is_vain(now))
		say_failure(s);
	else if ((now->actions & DAEMON_DO_HOOK_EXIT) &&
	    now->before.why != DAEMON_WHY_STOP && !is_routine(s, now))
		say_end(s, now);
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
			has_finished(s, m->why)
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

/* What has a name is claimed, and on record, like any other. */
static int
hold(struct daemon_supervisor *s, struct daemon_held *h,
    struct daemon_store *sockets, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o)
{
	struct daemon_definition *d = h->d;
	const int named = d->name != NULL || d->pidfile != NULL;

	if (named && daemon_hold_name(h, dirs, &o->rival, &o->fault) == -1) {
		if (errno == EEXIST)
			o->verdict = DAEMON_VERDICT_ALREADY;
		return -1;
	}
	if (daemon_sockets_open(sockets, d, &o->fault) == -1 ||
	    (named && daemon_hold_definition(h, &o->fault) == -1)) {
		daemon_sockets_close(sockets);
		daemon_sockets_remove(d);
		if (named)
			daemon_held_release(h, 1);
		return -1;
	}
	s->service = h->service;
	d->again = named;
	return 0;
}

/* Nothing of ours has the number of what was closed; the command finds it
 * closed. */
static void
occupy(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		(void)close(fd);
}

int
supervised_run(struct config *c, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o)
{
	struct daemon_held h = DAEMON_HELD_NONE(&c->d);
	struct run run = { .c = c };
	struct daemon_store sockets = { .n = 0 };
	char text[DAEMON_STORE_TEXT];
	struct daemon_supervisor s = {
		.d = &c->d,
		.service = DAEMON_SERVICE_NONE,
		.launcher = -1,
		.forwards = 1,
		.tell = tell,
		.arg = &run,
	};
	unsigned to;
	int r;

	o->verdict = DAEMON_VERDICT_FAILED;
	occupy();
	(void)daemon_policy_of(&s, &c->d); /* it was parsed */
	if (c->d.log != NULL && daemon_logfile_choose(&c->d, "") == -1)
		return daemon_fault_set(&o->fault, "log", c->d.log, NULL);
	if (daemon_agents_check(&c->d, &o->fault) == -1 ||
	    hold(&s, &h, &sockets, dirs, o) == -1)
		return -1;
	daemon_store_text(text, sizeof text, &sockets);
	r = daemon_supervisor_serve(&s, text, &o->fault);
	if (h.service.dir != -1)
		daemon_held_release(&h, 0);
	if (r == -1)
		return -1;
	r = status_of(&s, run.ready);
	for (to = 0; to < DAEMON_OUTLETS && !c->quiet; to++)
		if (s.unwritten[to] > 0)
			say_unwritten(&s, to);
	return r == EXIT_RUNS && loses(&s) ? EXIT_OURS : r;
}
