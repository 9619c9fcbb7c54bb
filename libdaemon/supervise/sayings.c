/* SPDX-License-Identifier: ISC */
/* A supervisor's news in words, for who sees it happen. */
#include <stdio.h>
#include <string.h>

#include "pool.h"
#include "publish.h"
#include "sayings.h"

enum { NAME_ROOM = 512 };

/* "2.0 s". */
static void
seconds(char *buf, size_t size, long long ms)
{
	(void)snprintf(buf, size, "%lld.%lld s", ms / 1000, ms % 1000 / 100);
}

/* Nothing more. */
static const char *
over(const struct daemon_supervisor *s)
{
	if (s->machine.why == DAEMON_WHY_TOO_OFTEN)
		return s->d->calls
		    ? ": not restarted, it was too often (max_restarts)"
		    : ": not restarted, it was too often (--max-restarts)";
	return s->machine.ending == DAEMON_ENDING_FINAL
	    ? ": not restarted (--final-status)"
	    : "";
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
		(void)snprintf(buf, size, "%s", over(s));
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

int
daemon_supervised_finished(
    const struct daemon_supervisor *s, enum daemon_why why)
{
	return s->policy.restart != DAEMON_RESTART_ALWAYS &&
	    why == DAEMON_WHY_ENDED &&
	    s->machine.ending == DAEMON_ENDING_SUCCESS;
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
say_fault(char buf[DAEMON_SAYING_MAX], const char *step, const char *object,
    const char *reason, const char *then)
{
	(void)snprintf(buf, DAEMON_SAYING_MAX, "%s: %s%s%s%s", step, object,
	    object[0] != '\0' ? ": " : "", reason, then);
}

/* It was ended before it was ready: the reason says more than its status. */
static void
say_why(char buf[DAEMON_SAYING_MAX], const struct daemon_supervisor *s,
    const struct daemon_supervised *now, const char *then)
{
	struct daemon_last_word w;
	char name[NAME_ROOM];

	daemon_supervisor_explain_end(&w, s, now);
	say_fault(buf, w.step,
	    strcmp(w.object, s->d->command) == 0 ? name_of(name, s) : w.object,
	    w.reason, then);
}

static void
say_end(char buf[DAEMON_SAYING_MAX], const struct daemon_supervisor *s,
    const struct daemon_supervised *now)
{
	const enum daemon_why why = now->before.why;
	char end[96], then[96], name[NAME_ROOM];

	next(then, sizeof then, s);
	if (why == DAEMON_WHY_RESTART)
		then[0] = '\0'; /* that is said */
	if (!now->before.told && why != DAEMON_WHY_ENDED) {
		say_why(buf, s, now, then);
		return;
	}
	daemon_end_text(end, sizeof end, s->status, why);
	(void)snprintf(buf, DAEMON_SAYING_MAX, "%s: ended with %s%s%s",
	    name_of(name, s), end,
	    now->before.told || daemon_supervised_finished(s, why)
		? ""
		: " before it was ready",
	    then);
}

static void
say_stuck(char buf[DAEMON_SAYING_MAX], const struct daemon_supervisor *s)
{
	char span[32], name[NAME_ROOM];

	seconds(span, sizeof span, daemon_machine_wait(&s->machine));
	(void)snprintf(buf, DAEMON_SAYING_MAX,
	    "%s: something of it could not be stopped: tried again in %s",
	    name_of(name, s), span);
}

/* An attempt that came to nothing. */
static void
say_failure(char buf[DAEMON_SAYING_MAX], const struct daemon_supervisor *s)
{
	struct daemon_fault f;
	char then[96] = "";

	daemon_instance_fault(&s->instance, &f);
	if (s->pool == NULL || s->head != s)
		next(then, sizeof then, s);
	say_fault(buf, f.step, f.object, daemon_fault_reason(&f), then);
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

const char *
daemon_supervised_say(char buf[DAEMON_SAYING_MAX],
    const struct daemon_supervisor *s, const struct daemon_supervised *now)
{
	if (now->event == DAEMON_EVENT_STUCK)
		say_stuck(buf, s);
	else if (daemon_supervised_is_vain(now))
		say_failure(buf, s);
	else if ((now->actions & DAEMON_DO_HOOK_EXIT) &&
	    now->before.why != DAEMON_WHY_STOP && !is_routine(s, now))
		say_end(buf, s, now);
	else
		return NULL;
	return buf;
}
