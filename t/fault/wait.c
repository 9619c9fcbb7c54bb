/* SPDX-License-Identifier: ISC */
/*
 * The only place that waits: for events, for rest, for the end.  SIGCHLD is
 * blocked, so one that comes between the look and the wait is not lost.
 */
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

enum {
	LOOK_MS = 2, /* between two looks at who is asleep */
	STOP_MS = 10, /* how long a STOP of ours lasts */
	GRACE_MS = 100, /* asleep that long without an event is at rest */
};

static long
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Handles all events there are; whether there was one. */
static bool
take_events(struct trace *t)
{
	bool any = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		trace_event(t, pid, status);
		any = true;
	}
	return any;
}

static void
wait_event(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigtimedwait(&child, NULL, &ts);
}

static bool
asleep(pid_t pid)
{
	char path[40], buf[128];
	const char *paren;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	n = read(fd, buf, sizeof buf - 1);
	(void)close(fd);
	buf[n > 0 ? n : 0] = '\0';
	paren = strrchr(buf, ')');
	return paren != NULL && paren[1] == ' ' && paren[2] == 'S';
}

/* A signal is on its way to it, or we are yet to hear of one. */
static bool
disturbed(pid_t pid)
{
	static const char *const pending[] = { "SigPnd:\t", "ShdPnd:\t" };
	char path[40], buf[2048];
	const char *at;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/status", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return true;
	n = read(fd, buf, sizeof buf - 1);
	(void)close(fd);
	buf[n > 0 ? n : 0] = '\0';
	at = strstr(buf, "State:\t");
	if (at == NULL || strchr("tZX", at[7]) != NULL)
		return true;
	for (int i = 0; i < 2; i++) {
		at = strstr(buf, pending[i]);
		if (at == NULL || strtoull(at + 8, NULL, 16) != 0)
			return true;
	}
	return false;
}

/* No event for some time: end our stops, and births whose parent died. */
static void
unblock(struct trace *t)
{
	for (struct task *k = t->tasks; k != NULL; k = k->next) {
		if (k->sleeping)
			(void)kill(k->pid, SIGCONT);
		if (k->held)
			(void)ptrace(PTRACE_CONT, k->pid, NULL, 0L);
		k->sleeping = k->held = false;
	}
}

/* Whether all is at rest, IDLE milliseconds after the last event. */
static bool
at_rest(struct trace *t, unsigned resident, long idle)
{
	unsigned daemons = 0, others = 0, busy = 0;

	for (const struct task *k = t->tasks; k != NULL; k = k->next) {
		if (k->entered)
			daemons++;
		else
			others++;
		if (k->itself)
			busy++;
		if (k->entered &&
		    (k->signalled ? idle < GRACE_MS : disturbed(k->pid)))
			return false;
	}
	if (others + busy == 0)
		return true;
	if (idle < LOOK_MS)
		return false;
	for (const struct task *k = t->tasks; k != NULL; k = k->next)
		if ((!k->entered || k->itself) && !asleep(k->pid))
			return false;
	if (others == 0)
		return true;
	return (daemons == 1 && others == resident) || idle >= GRACE_MS;
}

/* Until when nothing can change without an event. */
static long
patience(const struct trace *t)
{
	if (t->ended)
		return LOOK_MS;
	for (const struct task *k = t->tasks; k != NULL; k = k->next)
		if (k->sleeping || k->held)
			return STOP_MS;
	return GRACE_MS;
}

static bool
wait_for(struct trace *t, bool all, unsigned resident, int ms)
{
	long start = now_ms(), last = start, now = start;

	for (;;) {
		if (take_events(t))
			last = now_ms();
		now = now_ms();
		if (now - last >= STOP_MS)
			unblock(t);
		if (all ? t->tasks == NULL
			: t->ended && at_rest(t, resident, now - last))
			return true;
		if (now - start >= ms)
			return !all && t->ended;
		wait_event(patience(t));
	}
}

bool
trace_settle(struct trace *t, unsigned resident, int ms)
{
	return wait_for(t, false, resident, ms);
}

bool
trace_drain(struct trace *t, int ms)
{
	return wait_for(t, true, 0, ms);
}
