/* SPDX-License-Identifier: ISC */
/*
 * Waiting for the verdict: for the daemon's report, for the proof that it
 * has executed its command (executed.c: it is our child, because we are its
 * subreaper), and for as long as it has to live.
 */
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "executed.h"
#include "watch.h"

/* A signal of set that is due, or 0. */
static int
taken(const sigset_t *set)
{
	struct timespec none = { 0 };
	int sig = sigtimedwait(set, NULL, &none);

	return sig > 0 ? sig : 0;
}

int
daemon_watch_pipe(int fd, const sigset_t *undoing, int ms)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN } };
	struct signalfd_siginfo si = { 0 };
	int sig = 0, n;

	if (poll(p, 1, 0) > 0) /* as always where memory was shared */
		return 0;
	p[1].fd = signalfd(-1, undoing, SFD_CLOEXEC);
	while ((n = poll(p, 2, ms)) == -1 && errno == EINTR)
		continue;
	if (n == 0)
		sig = -1;
	if (p[0].revents == 0 && p[1].revents != 0 &&
	    read(p[1].fd, &si, sizeof si) == (ssize_t)sizeof si)
		sig = (int)si.ssi_signo;
	if (p[1].fd != -1)
		(void)close(p[1].fd);
	return sig;
}

static void
reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* Until the first child is dead the second is not ours to wait for.  It is
 * reaped later: its number is that of the session. */
static void
outlive(pid_t pid)
{
	siginfo_t si;

	while (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT) == -1 &&
	    errno == EINTR)
		continue;
}

/* Has pid executed its command?  A signal in *sig ends the wait for that. */
static enum daemon_progress
executed(pid_t pid, const struct daemon_held *h, long before, int *sig)
{
	struct timespec a_while = { .tv_nsec = 20000 };
	enum daemon_progress p;

	for (;;) {
		p = daemon_executed(pid, h->proc_ours, before);
		if (p != DAEMON_PROGRESS_LOADING)
			return p;
		*sig = taken(&h->undoing);
		if (*sig != 0)
			return DAEMON_PROGRESS_DONE;
		(void)nanosleep(&a_while, NULL);
	}
}

/* It ended: how, as wait(2) says. */
static void
died(struct daemon_outcome *o, pid_t pid)
{
	o->verdict = DAEMON_VERDICT_DIED;
	o->pid = pid;
	o->status = -1;
	while (waitpid(pid, &o->status, 0) == -1 && errno == EINTR)
		continue;
}

static void
interrupted(struct daemon_outcome *o, pid_t pid, int sig)
{
	o->verdict = DAEMON_VERDICT_INTERRUPTED;
	o->pid = pid;
	o->signal = sig;
}

/* Read reports until end-of-file: the daemon's pid, or 0, and the failure
 * in *r if there was one (kind FAILED).  A signal ends it early, but not
 * before it is known whom to end. */
static pid_t
collect(int fd, const sigset_t *undoing, struct daemon_report *r, int *sig)
{
	struct daemon_report in;
	pid_t pid = 0;
	int got;

	r->error = 0;
	r->faults = 0;
	r->kind = DAEMON_REPORT_BEGUN;
	*sig = 0;
	for (;;) {
		if (*sig == 0)
			*sig = daemon_watch_pipe(fd, undoing, -1);
		if (*sig != 0 && pid != 0)
			return pid;
		got = daemon_report_receive(fd, &in);
		if (got == -1) {
			r->error = errno;
			return 0; /* nothing is sure now: all is undone */
		}
		if (got == 0)
			return pid;
		if (in.kind == DAEMON_REPORT_FAILED)
			*r = in;
		else
			r->faults = in.faults;
		if (in.pid > 0)
			pid = in.pid;
	}
}

/* Must live for ms; any death is told at once. */
static void
stay_alive(
    struct daemon_outcome *o, pid_t pid, long long ms, const sigset_t *undoing)
{
	long long left, end = daemon_clock_steady() + ms;
	struct timespec t;
	siginfo_t si;
	sigset_t set = *undoing;
	int sig;

	(void)sigaddset(&set, SIGCHLD);
	for (;;) {
		si.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &si,
			WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    si.si_pid == pid) {
			died(o, pid);
			return;
		}
		left = end - daemon_clock_steady();
		if (left <= 0)
			return;
		t.tv_sec = left / 1000;
		t.tv_nsec = left % 1000 * 1000000;
		sig = sigtimedwait(&set, NULL, &t);
		if (sig > 0 && sig != SIGCHLD) {
			interrupted(o, pid, sig);
			return;
		}
	}
}

void
daemon_watch(struct daemon_outcome *o, struct daemon_report *r,
    const struct daemon_detached *c, const struct daemon_held *h)
{
	long long alive_ms = h->d->ready_ms;
	enum daemon_progress progress;
	pid_t pid;
	int sig;

	pid = collect(c->pipe, &h->undoing, r, &sig);
	(void)close(c->pipe);
	outlive(c->middle);
	o->pid = pid;
	if (r->kind == DAEMON_REPORT_FAILED) {
		o->verdict = DAEMON_VERDICT_FAILED;
		if (pid > 0)
			reap(pid);
		return;
	}
	if (sig != 0) {
		interrupted(o, pid, sig);
		return;
	}
	progress =
	    pid > 0 ? executed(pid, h, r->faults, &sig) : DAEMON_PROGRESS_NONE;
	if (progress != DAEMON_PROGRESS_DONE) {
		o->status = -1;
		if (pid > 0)
			died(o, pid);
		o->verdict = DAEMON_VERDICT_FAILED;
		if (progress == DAEMON_PROGRESS_TORN)
			r->kind = DAEMON_REPORT_TORN;
		return;
	}
	if (sig != 0) {
		interrupted(o, pid, sig);
		return;
	}
	o->verdict = DAEMON_VERDICT_RUNNING;
	if (alive_ms > 0)
		stay_alive(o, pid, alive_ms, &h->undoing);
	if (o->verdict == DAEMON_VERDICT_RUNNING &&
	    (sig = taken(&h->undoing)) != 0)
		interrupted(o, pid, sig);
}
