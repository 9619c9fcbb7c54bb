/* SPDX-License-Identifier: ISC */
/*
 * A supervisor in the foreground, as pid 1 of a container: what it says of
 * the command's ends, and how it ends itself.
 */
#include <sys/wait.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../libdaemon/signame.h"
#include "../libdaemon/supervise/policy.h"
#include "exit.h"
#include "messages.h"
#include "supervised.h"

struct run {
	const struct config *c;
	int ready; /* it was, once */
};

/* "status 3", "signal KILL". */
static void
how(char *buf, size_t size, int status)
{
	if (WIFSIGNALED(status))
		(void)snprintf(buf, size, "signal %s",
		    daemon_signal_name(WTERMSIG(status)));
	else
		(void)snprintf(buf, size, "status %d", WEXITSTATUS(status));
}

/* What was the matter with what is being ended, or has ended. */
static const char *
reason(enum daemon_why why)
{
	switch (why) {
	case DAEMON_WHY_NOT_READY: return ", not ready in time";
	case DAEMON_WHY_LINGERED: return ", said that it ends and did not";
	case DAEMON_WHY_WATCHDOG: return ", no sign of life in time";
	case DAEMON_WHY_RUNTIME: return ", its time was up";
	case DAEMON_WHY_MEMORY: return ", too much memory";
	case DAEMON_WHY_NONE:
	case DAEMON_WHY_ENDED:
	case DAEMON_WHY_STOP:
	case DAEMON_WHY_RESTART:
	case DAEMON_WHY_BEFORE:
	case DAEMON_WHY_SPAWN:
	case DAEMON_WHY_TOO_OFTEN:
	case DAEMON_WHY_RELEASED: break;
	}
	return "";
}

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

static void
say_end(const struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	char end[64], then[96];

	how(end, sizeof end, s->status);
	next(then, sizeof then, s);
	message("%s: ended with %s%s%s%s", s->d->command, end,
	    now->before.told ? "" : " before it was ready",
	    reason(now->before.why), then);
}

static void
say_stuck(const struct daemon_supervisor *s)
{
	char span[32];

	seconds(span, sizeof span, daemon_machine_wait(&s->machine));
	message("%s: something of it could not be stopped: tried again in %s",
	    s->d->command, span);
}

/* An attempt that came to nothing. */
static void
say_failure(const struct daemon_supervisor *s)
{
	struct daemon_fault f;
	char then[96];

	daemon_instance_fault(&s->instance, &f);
	next(then, sizeof then, s);
	if (then[0] == '\0')
		message_fault(&f);
	else
		message("%s: %s: %s%s", f.step, f.object,
		    daemon_fault_reason(&f), then);
}

static void
tell(void *arg, const struct daemon_supervisor *s,
    const struct daemon_supervised *now)
{
	struct run *run = arg;

	run->ready |= (now->actions & DAEMON_DO_TELL_READY) != 0;
	if (run->c->verbose && (now->actions & DAEMON_DO_HOOK_READY))
		message("ready, pid %ld", (long)s->instance.pid);
	if (run->c->quiet)
		return;
	if (now->event == DAEMON_EVENT_STUCK)
		say_stuck(s);
	else if (now->event == DAEMON_EVENT_UNEXECUTED)
		say_failure(s);
	else if ((now->actions & DAEMON_DO_HOOK_EXIT) &&
	    now->before.why != DAEMON_WHY_STOP)
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
		return ready || m->why == DAEMON_WHY_STOP ? EXIT_RUNS
							  : EXIT_OURS;
	return WIFSIGNALED(s->status) ? 128 + WTERMSIG(s->status)
				      : WEXITSTATUS(s->status);
}

int
supervised_run(struct config *c)
{
	struct daemon_rundirs none = { .n = 0 };
	struct run run = { .c = c };
	struct daemon_supervisor s = {
		.d = &c->d,
		.dirs = &none,
		.service = DAEMON_SERVICE_NONE,
		.forwards = 1,
		.tell = tell,
		.arg = &run,
	};

	daemon_policy_of(&s, &c->d);
	if (daemon_supervise(&s) == -1) {
		message("supervise: %s: %s", c->d.command, strerror(errno));
		return EXIT_OURS;
	}
	return status_of(&s, run.ready);
}
