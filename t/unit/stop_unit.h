/* SPDX-License-Identifier: ISC */
/*
 * What the unit tests of stopping share: one line a promise, and processes
 * to be stopped.
 */
#ifndef STOP_UNIT_H
#define STOP_UNIT_H

#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../libdaemon/stop/stop.h"
#include "report.h"

/*
 * A daemon to stop.  Its processes write their pids into pipe[1] when they
 * are ready; expect() takes as many, each with a pidfd.
 */
enum { CAST_MAX = 128 };

struct cast {
	int pipe[2];
	size_t n;
	pid_t pid[CAST_MAX];
	int pidfd[CAST_MAX];
};

__attribute__((unused)) static void
cast_open(struct cast *c)
{
	*c = (struct cast){ 0 };
	if (pipe(c->pipe) == -1)
		err(2, "pipe");
}

__attribute__((unused)) static void
ready(struct cast *c)
{
	pid_t pid = getpid();

	if (write(c->pipe[1], &pid, sizeof pid) != sizeof pid)
		_exit(2);
}

__attribute__((unused)) static void
expect(struct cast *c, size_t n)
{
	struct pollfd p = { .fd = c->pipe[0], .events = POLLIN };

	while (n-- > 0) {
		if (poll(&p, 1, 10000) != 1)
			errx(2, "a process did not get ready");
		if (read(c->pipe[0], &c->pid[c->n], sizeof(pid_t)) !=
		    sizeof(pid_t))
			err(2, "read");
		c->pidfd[c->n] = daemon_pidfd_open(c->pid[c->n]);
		if (c->pidfd[c->n++] == -1)
			err(2, "pidfd");
	}
}

/* Those that came while the stop ran. */
__attribute__((unused)) static void
expect_late(struct cast *c)
{
	struct pollfd p = { .fd = c->pipe[0], .events = POLLIN };

	while (poll(&p, 1, 0) == 1)
		expect(c, 1);
}

__attribute__((unused)) static size_t
living(const struct cast *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->n; i++)
		n += daemon_pidfd_wait(c->pidfd[i], 0) == 0;
	return n;
}

/* Whatever a test left goes, and what came to us is reaped. */
__attribute__((unused)) static void
cast_close(struct cast *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		(void)daemon_pidfd_send(c->pidfd[i], SIGKILL);
		(void)daemon_pidfd_wait(c->pidfd[i], 5000);
		(void)close(c->pidfd[i]);
	}
	(void)close(c->pipe[0]);
	(void)close(c->pipe[1]);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

__attribute__((unused)) static void
ignore_term(void)
{
	(void)signal(SIGTERM, SIG_IGN);
}

__attribute__((unused, noreturn)) static void
stay(struct cast *c)
{
	(void)alarm(60); /* whatever becomes of the test */
	ready(c);
	for (;;)
		(void)pause();
}

/* Start a daemon as daemonize does: fork, setsid, fork, the middle one gone.
 * Being the subreaper, we are its parent then.  Returns its pid. */
__attribute__((unused)) static pid_t
start(struct cast *c, void (*play)(struct cast *))
{
	pid_t middle, pid = -1;
	int p[2];

	if (pipe(p) == -1 || (middle = fork()) == -1)
		err(2, "start");
	if (middle == 0) {
		if (setsid() == -1)
			_exit(2);
		if ((pid = fork()) == 0) {
			(void)close(p[0]);
			(void)close(p[1]);
			play(c);
			_exit(0);
		}
		_exit(write(p[1], &pid, sizeof pid) != sizeof pid);
	}
	(void)waitpid(middle, NULL, 0);
	if (read(p[0], &pid, sizeof pid) != sizeof pid)
		err(2, "start");
	(void)close(p[0]);
	(void)close(p[1]);
	return pid;
}

/* session: as the record would have it. */
__attribute__((unused)) static int
stop_in(pid_t session, struct daemon_stopping *r, pid_t pid,
    const char *schedule, struct daemon_fault *f)
{
	struct daemon_identity id;
	struct daemon_schedule s;

	if (daemon_schedule_parse(&s, schedule, f) == -1 ||
	    daemon_identity_of(&id, pid) == -1)
		err(2, "stop");
	id.session = session;
	return daemon_stop(r, &id, &s, NULL, f);
}

/* One that start() started: its session's leader is gone. */
__attribute__((unused)) static int
stop(struct daemon_stopping *r, pid_t pid, const char *schedule,
    struct daemon_fault *f)
{
	return stop_in(
	    kill(getsid(pid), 0) == -1 ? getsid(pid) : 0, r, pid, schedule, f);
}

__attribute__((unused)) static size_t
killed(const struct daemon_stopping *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n; i++)
		n += r->victims[i].killed != 0;
	return n;
}

#endif
