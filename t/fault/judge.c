/* SPDX-License-Identifier: ISC */
/*
 * What must be true after a start, a stop, a status, whatever was done to it.
 * The sentences are those of DESIGN.md's promise.
 */
#define _GNU_SOURCE 1

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "judge.h"

const struct class_name class_names[CLASSES] = {
	[CLASS_NO_DAEMON] = { "no-daemon", "success without a daemon" },
	[CLASS_DAEMON_LEFT] = { "daemon", "failure but daemon left" },
	[CLASS_PIDFILE_LEFT] = { "pidfile", "failure but pidfile left" },
	[CLASS_SILENT] = { "silent", "silent failure" },
	[CLASS_COPIES] = { "copies", "two copies" },
	[CLASS_HANG] = { "hang", "hang" },
	[CLASS_LEFT_OVER] = { "left-over", "left-over" },
	[CLASS_REFUSED] = { "refused", "second start or stop refused" },
	[CLASS_NOT_STOPPED] = { "running", "stop succeeded, daemon runs" },
	[CLASS_NOT_AS_ASKED] = { "as-asked", "daemon runs, not as asked" },
	[CLASS_WRONG] = { "wrong", "wrong status, report or pidfile" },
};

void
verdict_add(struct verdict *v, enum class c, const char *why, ...)
{
	va_list ap;

	if (v->classes == 0) {
		va_start(ap, why);
		(void)vsnprintf(v->why, sizeof v->why, why, ap);
		va_end(ap);
	}
	v->classes |= 1u << c;
}

static bool
listed(char *const *list, int code)
{
	for (; *list != NULL; list++)
		if (atoi(*list) == code)
			return true;
	return false;
}

/* Faults that every program must take without any other outcome. */
static bool
harmless(const struct fault *f)
{
	if (f == NULL)
		return true;
	switch (f->action) {
	case ACTION_SHORT: return true;
	case ACTION_SIGNAL: return f->value == SIGCHLD || f->value == SIGSTOP;
	case ACTION_FAIL:
	case ACTION_REPORT:
		return f->value == EINTR &&
		    (call_by_number(f->nr)->traits & CALL_WAITS);
	}
	return false;
}

/* The fault was a signal to the command itself, SIG if not 0. */
static bool
signalled(const struct fault *f, int sig)
{
	return f != NULL && f->action == ACTION_SIGNAL &&
	    strcmp(f->role, "0") == 0 && (sig == 0 || f->value == sig);
}

/* A dead command's last lines, each after "| ", belong to the one before. */
static unsigned
lines(const char *text)
{
	unsigned n = 0;

	while (*text != '\0') {
		if (strncmp(text, "| ", 2) != 0)
			n++;
		text += strcspn(text, "\n");
		if (*text == '\n')
			text++;
	}
	return n;
}

static bool
recorded(const struct scenario *sc, const struct seen *s)
{
	char right[32];

	if (*sc->pidfile == '\0')
		return true;
	(void)snprintf(right, sizeof right, "%d\n", s->pid);
	return s->pidfile && strcmp(right, s->pidtext) == 0;
}

/* Common to all: an end in time, by exit, with a status that may be. */
static bool
ended_well(const struct scenario *sc, const struct fault *f,
    const struct seen *s, struct verdict *v)
{
	if (s->hung) {
		verdict_add(
		    v, CLASS_HANG, "not ended after %d ms", sc->deadline);
		return false;
	}
	if (!WIFSIGNALED(s->status))
		return true;
	if (!signalled(f, WTERMSIG(s->status)))
		verdict_add(v, CLASS_WRONG, "killed by SIG%s",
		    sigabbrev_np(WTERMSIG(s->status)));
	return false;
}

static void
judge_report(const struct fault *f, const struct seen *s, struct verdict *v)
{
	int code = WEXITSTATUS(s->status);

	if (s->struck_stderr)
		return;
	if (*s->said == '\0' && !signalled(f, 0))
		verdict_add(v, CLASS_SILENT, "exit %d without a word", code);
	if (*s->said != '\0' && lines(s->said) != 1)
		verdict_add(v, CLASS_WRONG, "exit %d with %u lines: %.80s",
		    code, lines(s->said), s->said);
}

static void
judge_success(const struct scenario *sc, const char *base, const struct seen *s,
    struct verdict *v)
{
	char line[160];

	if (*s->said != '\0')
		verdict_add(
		    v, CLASS_WRONG, "exit 0, yet it says: %.120s", s->said);
	if (s->daemons > 1)
		verdict_add(v, CLASS_COPIES, "%u daemons run", s->daemons);
	if (s->daemons == 0 && !s->struck_daemon)
		verdict_add(v, CLASS_NO_DAEMON, "exit 0, no daemon runs");
	if (s->daemons != 1)
		return;
	if (s->others != sc->resident)
		verdict_add(v,
		    s->others > sc->resident ? CLASS_LEFT_OVER : CLASS_WRONG,
		    "%u processes beside it, not %u", s->others, sc->resident);
	if (*s->stray != '\0')
		verdict_add(v, CLASS_LEFT_OVER, "%s", s->stray);
	if (!recorded(sc, s))
		verdict_add(v, CLASS_WRONG, "daemon %d, pidfile \"%.8s\"",
		    s->pid, s->pidtext);
	condition_compare(base, s->condition, line, sizeof line);
	if (*line != '\0')
		verdict_add(v, CLASS_NOT_AS_ASKED, "%s", line);
}

static void
judge_left(
    const struct fault *f, pid_t old, const struct seen *s, struct verdict *v)
{
	int code = WEXITSTATUS(s->status);
	/* What can for ever be neither looked at nor removed may stay, if it
	 * names nobody; of a daemon that was to be stopped, until it is. */
	bool excused = old != 0
	    ? atoi(s->pidtext) == old
	    : f != NULL && f->lasting && *s->pidtext == '\0';

	if (s->daemons + s->others != 0)
		verdict_add(v, CLASS_DAEMON_LEFT,
		    "exit %d, yet %u daemons and %u other processes run", code,
		    s->daemons, s->others);
	if (s->pidfile && !excused)
		verdict_add(v, CLASS_PIDFILE_LEFT,
		    "exit %d, yet the pidfile holds \"%.8s\"", code,
		    s->pidtext);
	if (*s->stray != '\0')
		verdict_add(v, CLASS_LEFT_OVER, "%s", s->stray);
}

static void
judge_failure(const struct fault *f, const struct seen *s, struct verdict *v)
{
	judge_left(f, 0, s, v);
	judge_report(f, s, v);
}

/* Either a recorded daemon, or nothing; but for files, which may wait for the
 * next start. */
static void
judge_killed(const struct scenario *sc, const struct seen *s, struct verdict *v)
{
	if (s->daemons > 1)
		verdict_add(v, CLASS_COPIES, "%u daemons run", s->daemons);
	if (s->daemons == 1 && !recorded(sc, s))
		verdict_add(
		    v, CLASS_DAEMON_LEFT, "killed; an unrecorded daemon runs");
	if (s->others > (s->daemons == 1 ? sc->resident : 0))
		verdict_add(v, CLASS_DAEMON_LEFT, "killed; %u processes stay",
		    s->others);
}

/* Other signals than KILL could have been answered. */
static void
judge_files_of_killed(const struct seen *s, struct verdict *v)
{
	if (WTERMSIG(s->status) == SIGKILL || s->daemons != 0)
		return;
	if (s->pidfile)
		verdict_add(v, CLASS_PIDFILE_LEFT,
		    "ended by SIG%s, yet the pidfile holds \"%.8s\"",
		    sigabbrev_np(WTERMSIG(s->status)), s->pidtext);
	if (*s->stray != '\0')
		verdict_add(v, CLASS_LEFT_OVER, "%s", s->stray);
}

void
judge_start(const struct scenario *sc, const struct fault *f, const char *base,
    const struct seen *s, struct verdict *v)
{
	int code = WEXITSTATUS(s->status);

	if (!ended_well(sc, f, s, v)) {
		if (!s->hung) {
			judge_killed(sc, s, v);
			judge_files_of_killed(s, v);
		}
		return;
	}
	if (!listed(sc->exits, code) &&
	    !(signalled(f, 0) && code == 128 + f->value))
		verdict_add(v, CLASS_WRONG, "exit %d: %.120s", code, s->said);
	if (harmless(f) && code != sc->expect)
		verdict_add(v, CLASS_WRONG, "exit %d, not %d: %.120s", code,
		    sc->expect, s->said);
	if (code == 0)
		judge_success(sc, base, s, v);
	else
		judge_failure(f, s, v);
}

void
judge_again(const struct scenario *sc, unsigned daemons, const struct seen *s,
    struct verdict *v)
{
	int code = WEXITSTATUS(s->status);

	if (!ended_well(sc, NULL, s, v) || daemons > 1)
		return;
	if (s->daemons > 1)
		verdict_add(v, CLASS_COPIES, "a second start made another");
	else if (daemons == 1 && s->daemons == 0)
		verdict_add(v, CLASS_REFUSED, "a second start ended the first");
	else if (daemons == 1 && !listed(sc->already, code))
		verdict_add(v, CLASS_REFUSED,
		    "a second start beside a running one: exit %d", code);
	else if (daemons == 0 &&
	    (code != sc->expect || s->daemons != (sc->expect == 0)))
		verdict_add(v, CLASS_REFUSED,
		    "a second start: exit %d, %u daemons: %.120s", code,
		    s->daemons, s->said);
	else if (s->daemons == 1 && !recorded(sc, s))
		verdict_add(v, CLASS_REFUSED,
		    "after a second start: daemon %d, pidfile \"%.8s\"", s->pid,
		    s->pidtext);
}

void
judge_stop(const struct scenario *sc, const struct fault *f,
    const struct seen *s, struct verdict *v)
{
	int code = WEXITSTATUS(s->status);
	bool gone = s->daemons == 0 && !s->pidfile;

	if (!ended_well(sc, f, s, v))
		return;
	if (harmless(f) && code != 0)
		verdict_add(
		    v, CLASS_WRONG, "exit %d, not 0: %.120s", code, s->said);
	if (code != 0)
		judge_report(f, s, v);
	else if (s->daemons != 0)
		verdict_add(v, CLASS_NOT_STOPPED, "exit 0, yet it runs");
	else if (s->pidfile)
		verdict_add(v, CLASS_PIDFILE_LEFT, "exit 0, yet a pidfile");
	if (code != 0 && gone && !signalled(f, 0) && !s->struck_stdout)
		verdict_add(v, CLASS_WRONG, "exit %d, yet stopped: %.120s",
		    code, s->said);
}

void
judge_end(const struct scenario *sc, unsigned daemons, const struct seen *s,
    struct verdict *v)
{
	int code = WEXITSTATUS(s->status);

	if (!ended_well(sc, NULL, s, v))
		return;
	if (code != 0 && (daemons != 0 || !listed(sc->stopped, code)))
		verdict_add(
		    v, CLASS_REFUSED, "stop: exit %d: %.120s", code, s->said);
	if (s->daemons + s->others != 0)
		verdict_add(v, CLASS_NOT_STOPPED,
		    "after stop: %u daemons, %u other processes", s->daemons,
		    s->others);
	else if (s->pidfile || *s->stray != '\0')
		verdict_add(v, CLASS_LEFT_OVER, "after stop: %s",
		    s->pidfile ? "the pidfile" : s->stray);
}

/* It may fail before the stop, or after it; but a new daemon is a success. */
static void
judge_failed_restart(const struct scenario *sc, const struct fault *f,
    pid_t old, const struct seen *s, struct verdict *v)
{
	int code = WEXITSTATUS(s->status);

	judge_report(f, s, v);
	if (s->daemons == 0) {
		judge_left(f, old, s, v);
		return;
	}
	if (s->daemons > 1)
		verdict_add(v, CLASS_COPIES, "%u daemons run", s->daemons);
	else if (s->pid != old && !s->struck_stdout)
		verdict_add(v, CLASS_DAEMON_LEFT,
		    "exit %d, yet a new daemon runs", code);
	else if (!recorded(sc, s))
		verdict_add(v, CLASS_WRONG, "daemon %d, pidfile \"%.8s\"",
		    s->pid, s->pidtext);
	if (s->others != sc->resident)
		verdict_add(v, CLASS_LEFT_OVER,
		    "exit %d, %u processes beside the daemon", code, s->others);
}

void
judge_restart(const struct scenario *sc, const struct fault *f,
    const char *base, pid_t old, const struct seen *s, struct verdict *v)
{
	int code = WEXITSTATUS(s->status);

	if (!ended_well(sc, f, s, v)) {
		if (!s->hung)
			judge_killed(sc, s, v);
		return;
	}
	if (harmless(f) && code != 0)
		verdict_add(
		    v, CLASS_WRONG, "exit %d, not 0: %.120s", code, s->said);
	if (code != 0) {
		judge_failed_restart(sc, f, old, s, v);
		return;
	}
	judge_success(sc, base, s, v);
	if (s->daemons == 1 && s->pid == old)
		verdict_add(v, CLASS_WRONG, "exit 0, yet the old daemon runs");
}

void
judge_status(const struct scenario *sc, const struct fault *f, unsigned daemons,
    const struct seen *s, struct verdict *v)
{
	int code = WEXITSTATUS(s->status);

	if (!ended_well(sc, f, s, v) || daemons > 1)
		return;
	/* An error may be reported instead of the truth, on stderr. */
	if ((code == 0) != (daemons == 1) &&
	    (harmless(f) || code == 0 ||
		(*s->said == '\0' && !s->struck_stderr)))
		verdict_add(v, CLASS_WRONG, "status: exit %d, %u running", code,
		    daemons);
	if (s->daemons < daemons)
		verdict_add(v, CLASS_WRONG, "status ended the daemon");
	if (*s->said != '\0')
		judge_report(f, s, v);
}
