/* SPDX-License-Identifier: ISC */
/*
 * The process the user called waits for what the daemon says, for its end,
 * for a signal, or for the time to run out; then it prints one line, if
 * anything went wrong, and exits.
 *
 * The process between the two forks is not reaped: while it is a zombie its
 * number cannot be given to others, and so the daemon's process group, which
 * has that number, can be signalled safely to the last moment.
 */
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/pidtext.h"
#include "../signame.h"
#include "init_state.h"
#include "init_wait.h"

enum {
	ERRORS_MAX = 10, /* of reading reports, one after another */
	GRACE_MS = 5000, /* to end on SIGTERM, or after its last words */
	EXIT_MS = 1000 /* from the end of its report to its own */
};

struct watch {
	struct daemon_init *d;
	pid_t middle;
	pid_t pid; /* the daemon; 0: not known */
	int ready, failed;
	int dead; /* end tells how */
	int eof; /* nobody has the other end of the report any more */
	int errors; /* of reading it */
	int sig; /* we were told to end; 0 */
	siginfo_t end;
	struct daemon_init_report last; /* the failure, to be recorded */
};

/* Has our child pid ended?  It stays a zombie. */
static int
ended(pid_t pid, siginfo_t *si)
{
	si->si_pid = 0;
	return pid != 0 &&
	    waitid(P_PID, (id_t)pid, si, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    si->si_pid == pid;
}

static void
read_reports(struct watch *w)
{
	struct daemon_init_report r;
	ssize_t n;

	while (!w->eof) {
		n = recv(w->d->report[0], &r, sizeof r, MSG_DONTWAIT);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return;
		if (n == -1 && ++w->errors < ERRORS_MAX)
			continue;
		if (n != (ssize_t)sizeof r) {
			w->eof = 1;
			return;
		}
		w->errors = 0;
		switch (r.word) {
		case DAEMON_INIT_BEGUN: w->pid = r.pid; break;
		case DAEMON_INIT_READY: w->ready = 1; break;
		case DAEMON_INIT_FAILED:
			w->failed = 1;
			w->last = r;
			w->last.text[sizeof r.text - 1] = '\0';
			break;
		}
	}
}

static void
read_signals(struct watch *w)
{
	struct signalfd_siginfo si;

	while (read(w->d->signals, &si, sizeof si) == (ssize_t)sizeof si)
		if (si.ssi_signo != SIGCHLD)
			w->sig = (int)si.ssi_signo;
}

/* Sleep until something happened, or until a time (-1: none), and take it
 * in.  What was said before a death counts before the death. */
static void
turn(struct watch *w, long long until)
{
	struct pollfd p[2] = {
		{ .fd = w->eof ? -1 : w->d->report[0], .events = POLLIN },
		{ .fd = w->d->signals, .events = POLLIN },
	};
	long long left = until == -1 ? -1 : until - daemon_clock_steady();
	int was;

	if (until != -1 && left < 0)
		left = 0;
	(void)poll(p, 2, (int)left);
	read_signals(w);
	do {
		was = w->dead;
		read_reports(w);
		if (!w->dead)
			w->dead = ended(w->pid, &w->end);
	} while (w->dead != was);
}

/* As far as can be known: its end of the report is closed by its death. */
static int
gone(const struct watch *w)
{
	return w->dead || (w->eof && (w->pid == 0 || w->d->subreaper == -1));
}

/* Wait for its end, no longer than ms; another signal is impatience. */
static void
await_end(struct watch *w, int ms)
{
	long long until = daemon_clock_steady() + ms;

	w->sig = 0;
	while (!gone(w) && w->sig == 0 && daemon_clock_steady() < until)
		turn(w, until);
}

/* To the daemon and all of its process group. */
static void
send_signal(const struct watch *w, int sig)
{
	siginfo_t si;

	(void)kill(w->middle, sig);
	(void)kill(-w->middle, sig);
	/* It may have left the group; a number we may wait for is its own. */
	if (w->pid != 0 &&
	    waitid(P_PID, (id_t)w->pid, &si, WEXITED | WNOHANG | WNOWAIT) ==
		0 &&
	    getpgid(w->pid) != w->middle)
		(void)kill(w->pid, sig);
}

/* Who is not known yet cannot be signalled; he will be in a moment. */
static void
await_begin(struct watch *w)
{
	long long until = daemon_clock_steady() + GRACE_MS;

	while (w->pid == 0 && !gone(w) && daemon_clock_steady() < until)
		turn(w, until);
}

static void
end_daemon(struct watch *w)
{
	await_begin(w);
	if (!gone(w)) {
		send_signal(w, SIGTERM);
		send_signal(w, SIGCONT);
		await_end(w, GRACE_MS);
	}
	send_signal(w, SIGKILL);
	await_end(w, GRACE_MS);
}

static void
say(struct watch *w, const char *what)
{
	char pid[32];

	(void)snprintf(pid, sizeof pid, "pid %ld", (long)w->pid);
	daemon_init_fault(&w->last, "start", w->pid != 0 ? pid : NULL, what);
	daemon_init_print(w->d->o->name, w->last.text);
}

/* No zombie for a pid 1 that does not expect any.  The process between has
 * nothing to do but to exit. */
static void
reap(const struct watch *w)
{
	while (waitpid(w->middle, NULL, 0) == -1 && errno == EINTR)
		continue;
	if (w->dead)
		(void)waitpid(w->pid, NULL, WNOHANG);
}

/* There is no daemon: no file of it, either, but for the record of why. */
static void
clean(struct watch *w, int status)
{
	daemon_pidfile_take_back(
	    w->d->pidfile, w->pid != w->middle ? w->pid : 0);
	w->last.status = status;
	daemon_init_record(w->d->pidfile, &w->last);
	daemon_init_release(w->d, 1);
	reap(w);
}

static _Noreturn void
leave_ready(const struct watch *w)
{
	reap(w);
	_exit(0);
}

static _Noreturn void
leave(struct watch *w, int status)
{
	clean(w, status);
	_exit(status);
}

static _Noreturn void
leave_failed(struct watch *w)
{
	daemon_init_print(w->d->o->name, w->last.text);
	await_end(w, GRACE_MS); /* its exit handlers */
	send_signal(w, SIGKILL);
	await_end(w, GRACE_MS);
	leave(w, w->last.status);
}

static _Noreturn void
leave_dead(struct watch *w)
{
	const siginfo_t *si = &w->end;
	const char *name;
	char text[80];
	int status = 1;

	if (si->si_pid == 0) {
		say(w, "ended before it was ready");
	} else if (si->si_code == CLD_EXITED) {
		(void)snprintf(text, sizeof text,
		    "exited with status %d before it was ready", si->si_status);
		say(w, text);
	} else {
		name = daemon_signal_name(si->si_status);
		(void)snprintf(text, sizeof text,
		    "killed by signal %d (%s) before it was ready",
		    si->si_status, name != NULL ? name : "?");
		say(w, text);
		status = 128 + si->si_status;
	}
	send_signal(w, SIGKILL); /* what it may have left in its group */
	leave(w, status);
}

/* Nobody can say "ready" any more.  Mostly it is about to end, and all but
 * its status is known already. */
static _Noreturn void
leave_silent(struct watch *w)
{
	if (w->pid == 0)
		w->pid = w->middle; /* the daemon never was */
	await_end(w, EXIT_MS);
	if (gone(w) && w->sig == 0)
		leave_dead(w);
	say(w, "closed its descriptors before it was ready");
	end_daemon(w);
	leave(w, 1);
}

static _Noreturn void
leave_late(struct watch *w)
{
	char text[80];

	(void)snprintf(text, sizeof text, "not ready within %d ms",
	    w->d->o->ready_timeout_ms);
	say(w, text);
	end_daemon(w);
	leave(w, 1);
}

/* By the same signal as we were sent, so that the caller sees it. */
static _Noreturn void
leave_told(struct watch *w)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	struct rlimit none = { 0 };
	int sig = w->sig;
	sigset_t set;
	char text[80];

	(void)snprintf(
	    text, sizeof text, "ended by SIG%s", daemon_signal_name(sig));
	say(w, text);
	end_daemon(w);
	clean(w, 128 + sig);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)sigaction(sig, &dfl, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, sig);
	(void)raise(sig);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
	_exit(128 + sig);
}

void
daemon_init_wait(struct daemon_init *d, pid_t middle)
{
	struct watch w = { .d = d, .middle = middle };
	int timeout = d->o->ready_timeout_ms;
	long long until = timeout > 0 ? daemon_clock_steady() + timeout : -1;

	for (;;) {
		turn(&w, until);
		if (w.ready)
			leave_ready(&w);
		if (w.failed)
			leave_failed(&w);
		if (w.dead)
			leave_dead(&w);
		if (w.eof)
			leave_silent(&w);
		if (w.sig != 0)
			leave_told(&w);
		if (until != -1 && daemon_clock_steady() >= until)
			leave_late(&w);
	}
}
