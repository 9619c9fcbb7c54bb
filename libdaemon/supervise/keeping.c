/* SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "../output/compress.h"
#include "../output/keep.h"
#include "../output/spool.h"
#include "keeping.h"
#include "launch.h"
#include "lineend.h"
#include "oom.h"
#include "supervisor.h"
#include "upgrade.h"

enum {
	AGAIN_MS = 20, /* from one keeper that was killed to the next */
	NO_USE_MS = 1000, /* and from one that could not begin */
	END_MS = 2000, /* to write the rest */
	SETTLE_MS = 1000,
	LOOK_NS = 2000000,
	REVIVE_MS = 600000, /* a stop may be long */
	LOCKED_NS = 50000000,
	FAILED_NS = 900000000
};

/* Their names in the service's directory. */
static const char *const pipes[2] = { "out", "err" };

/* Whoever may put something there is us. */
static int
open_pipe(int dir, const char *name)
{
	struct stat st;
	int fd;

	if (mkfifoat(dir, name, 0600) == -1 && errno != EEXIST)
		return -1;
	fd = openat(dir, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 || (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)))
		return fd;
	(void)close(fd);
	errno = EPERM;
	return -1;
}

int
daemon_keeping_open(
    struct daemon_supervisor *s, const int given[2], struct daemon_fault *f)
{
	int i, n = s->d->log_tags ? 2 : 1;

	s->output[0] = s->output[1] = -1;
	s->keeper_ms = 0;
	if (!s->d->captured || s->service.dir == -1)
		return 0;
	for (i = 0; i < n; i++) {
		s->output[i] = given[i] != -1
		    ? given[i]
		    : open_pipe(s->service.dir, pipes[i]);
		if (s->output[i] == -1)
			return daemon_fault_set(f, "log", pipes[i], NULL);
	}
	s->children = daemon_supervisor_list();
	return 0;
}

/* The keeper of before may still have it. */
int
daemon_keeping_try(const struct daemon_supervisor *s, struct daemon_fault *f)
{
	struct daemon_spool spool;
	pid_t other;

	if (s->output[0] == -1)
		return 0;
	if (s->d->log_compress != NULL &&
	    daemon_compress_try(s->d->log_compress, f) == -1)
		return -1;
	if (daemon_spool_open(&spool, s->service.dir, &other) == -1)
		return errno == EWOULDBLOCK
		    ? 0
		    : daemon_fault_set(f, "log", DAEMON_SPOOL, NULL);
	daemon_spool_close(&spool);
	return 0;
}

/* Another program, in memory of its own: ours again. */
static _Noreturn void
become_keeper(struct daemon_supervisor *s)
{
	char title[160], dir[12], pid[12], out[12], err[12], how[] = "keep";
	char *const argv[] = { title, dir, pid, out, err, how, NULL };
	static char *const none[] = { NULL };

	(void)setsid();
	daemon_oom_restore(s->oom);
	(void)snprintf(title, sizeof title, "daemonize: %s: log", s->d->name);
	(void)snprintf(dir, sizeof dir, "%d", s->service.dir);
	(void)snprintf(pid, sizeof pid, "%ld", (long)getppid());
	(void)snprintf(out, sizeof out, "%d", s->output[0]);
	(void)snprintf(err, sizeof err, "%d", s->output[1]);
	(void)fcntl(s->service.dir, F_SETFD, 0);
	(void)fcntl(s->output[0], F_SETFD, 0);
	(void)fcntl(s->output[1], F_SETFD, 0);
	(void)execve("/proc/self/exe", argv, none);
	if (daemon_upgrade_path() != NULL)
		(void)execve(daemon_upgrade_path(), argv, none);
	_exit(DAEMON_KEPT_NOT);
}

void
daemon_keeping_start(struct daemon_supervisor *s)
{
	long long now = daemon_clock_steady();
	pid_t pid;

	if (s->output[0] == -1 || s->helper[DAEMON_HELPER_KEEPER] != 0 ||
	    now < s->keeper_ms)
		return;
	s->keeper_ms = now + AGAIN_MS;
	pid = daemon_helper_fork(s, DAEMON_HELPER_KEEPER);
	if (pid == 0)
		become_keeper(s);
	if (pid == -1 || daemon_identity_of(&s->st.keeper, pid) == -1)
		s->st.keeper.pid = 0;
	s->stale = DAEMON_STALE;
}

void
daemon_keeping_ended(struct daemon_supervisor *s, int status)
{
	s->st.keeper.pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == DAEMON_KEPT_NOT)
		s->keeper_ms = daemon_clock_steady() + NO_USE_MS;
}

int
daemon_keeping_wait(const struct daemon_supervisor *s)
{
	return s->output[0] == -1 || s->helper[DAEMON_HELPER_KEEPER] != 0
	    ? -1
	    : daemon_clock_until(s->keeper_ms);
}

/* Its number is its own until we reap it. */
static void
tell(const struct daemon_supervisor *s, int sig)
{
	if (s->helper[DAEMON_HELPER_KEEPER] != 0)
		(void)kill(s->helper[DAEMON_HELPER_KEEPER], sig);
}

void
daemon_keeping_move(const struct daemon_supervisor *s)
{
	tell(s, SIGTERM);
}

void
daemon_keeping_reopen(const struct daemon_supervisor *s)
{
	tell(s, SIGUSR1);
}

static void
look_again_soon(long ns)
{
	const struct timespec soon = { .tv_nsec = ns };

	(void)nanosleep(&soon, NULL);
}

/* *status of the keeper, once it has ended; 0: not in time, or its log does not
 * answer: it goes on waiting for that. */
static int
wait_for(pid_t pid, int dir, int *status, long long end)
{
	pid_t r;

	while ((r = waitpid(pid, status, WNOHANG)) == 0 ||
	    (r == -1 && errno == EINTR)) {
		if (daemon_clock_steady() > end || daemon_spool_is_stuck(dir))
			return 0;
		look_again_soon(LOOK_NS);
	}
	return r == pid;
}

static void
clean_up(int dir)
{
	(void)unlinkat(dir, pipes[0], 0);
	(void)unlinkat(dir, pipes[1], 0);
	(void)unlinkat(dir, DAEMON_SPOOL, 0);
	(void)unlinkat(dir, DAEMON_DEGRADED, 0);
}

void
daemon_keeping_end(struct daemon_supervisor *s)
{
	pid_t pid = s->helper[DAEMON_HELPER_KEEPER];
	int i, status = -1, released = s->machine.why == DAEMON_WHY_RELEASED;

	if (s->output[0] == -1)
		return;
	if (!released)
		daemon_lines_end(s);
	if (pid != 0 && !released) {
		tell(s, SIGTERM);
		if (wait_for(pid, s->service.dir, &status,
			daemon_clock_steady() + END_MS)) {
			s->helper[DAEMON_HELPER_KEEPER] = 0;
			if (WIFEXITED(status) &&
			    WEXITSTATUS(status) == DAEMON_KEPT_ALL)
				clean_up(s->service.dir);
		}
	}
	for (i = 0; i < 2; i++)
		if (s->output[i] != -1)
			(void)close(s->output[i]);
	s->output[0] = s->output[1] = -1;
	if (s->children != -1)
		(void)close(s->children);
	s->children = -1;
}

/* In how many ns to try again: somebody has its lock, and the dead one is on
 * record still; or there is no room for another, say.  0: it is done. */
static long
adopt(int dir, int rundir, pid_t dead)
{
	struct daemon_definition d = { 0 }, known = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_outcome o = { 0 };
	struct daemon_service s = DAEMON_SERVICE_NONE;
	int live, r;
	long again = 0;

	r = daemon_record_read(dir, DAEMON_RECORD_STATE, &d, NULL);
	if (r == 0)
		r = daemon_service_lock(&s, rundir, d.name, DAEMON_LOCK_NOW,
		    &known, &st, &live, NULL);
	if (r == -1 && errno == EEXIST && st.supervisor.pid == dead)
		again = LOCKED_NS;
	if (r == 0 && st.supervisor.pid == dead) {
		daemon_adopt(&o, &d, &s);
		if (o.verdict != DAEMON_VERDICT_RUNNING)
			again = FAILED_NS;
	}
	daemon_service_close(&s);
	daemon_outcome_clear(&o);
	daemon_status_clear(&st);
	daemon_definition_clear(&known);
	daemon_definition_clear(&d);
	return again;
}

/* Who was ending its tree for the dead one goes on with that, and has the
 * lock. */
void
daemon_keeping_revive(int dir, pid_t dead)
{
	int rundir = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long long end = daemon_clock_steady() + REVIVE_MS;
	long again;

	if (rundir == -1)
		return;
	while ((again = adopt(dir, rundir, dead)) != 0 &&
	    daemon_clock_steady() < end)
		look_again_soon(again);
	(void)close(rundir);
}

void
daemon_keeping_dismiss(int dir)
{
	struct daemon_spool s;
	size_t n;

	if (daemon_spool_peek(dir) == -1 || daemon_keep_inherit(&s, dir) == -1)
		return;
	n = daemon_spool_backlog(&s);
	daemon_spool_close(&s);
	if (n == 0)
		clean_up(dir);
}

static int
is_empty(int dir, const char *name)
{
	int fd = openat(
		dir, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC),
	    n = 0;

	if (fd == -1)
		return 1;
	if (ioctl(fd, FIONREAD, &n) == -1)
		n = 0;
	(void)close(fd);
	return n == 0;
}

void
daemon_keeping_settle(int dir)
{
	long long end = daemon_clock_steady() + SETTLE_MS;

	while (dir != -1 && daemon_clock_steady() < end &&
	    (!is_empty(dir, pipes[0]) || !is_empty(dir, pipes[1]) ||
		daemon_spool_peek(dir) > 0))
		look_again_soon(LOOK_NS);
}
