/* SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../at.h"
#include "../clock.h"
#include "../output/compress.h"
#include "../output/keep.h"
#include "../output/sink.h"
#include "../output/spool.h"
#include "../socket/handback.h"
#include "../step.h"
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
	LOOK_NS = 2000000
};

static const char *const pipes[] = DAEMON_KEEPING_PIPES;

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

/* One without a name, for both ends like the others. */
static int
make_pipe(void)
{
	char name[DAEMON_AT_NAME];
	int ends[2], fd;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	fd = open(
	    daemon_at_name(ends[0], name), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return fd;
}

static int
open_pipes(
    struct daemon_supervisor *s, const int given[2], struct daemon_fault *f)
{
	int i, n = s->d->log_tags ? 2 : 1;

	for (i = 0; i < n; i++) {
		s->output[i] = given[i] != -1 ? given[i]
		    : s->service.dir == -1
		    ? make_pipe()
		    : open_pipe(s->service.dir, pipes[i]);
		if (s->output[i] == -1)
			return daemon_fault_set(f, "log", pipes[i],
			    s->service.dir == -1 && errno == ENOENT
				? "needs /proc, or a name (-n)"
				: NULL);
	}
	return 0;
}

int
daemon_keeping_open(
    struct daemon_supervisor *s, const int given[2], struct daemon_fault *f)
{
	s->output[0] = s->output[1] = s->spool = -1;
	s->keeper_ms = 0;
	if (!s->d->captured)
		return 0;
	if (s->service.dir == -1 &&
	    (s->spool = memfd_create("spool", MFD_CLOEXEC)) == -1)
		return daemon_fault_set(f, "log", DAEMON_SPOOL, NULL);
	if (open_pipes(s, given, f) == -1)
		return -1;
	s->children = daemon_supervisor_list();
	return 0;
}

int
daemon_keeping_place(const struct daemon_supervisor *s)
{
	s = s->head;
	return s->service.dir != -1 ? s->service.dir : s->spool;
}

static int
is_writable(int fd)
{
	const int flags = fcntl(fd, F_GETFL);

	return flags != -1 && (flags & O_ACCMODE) != O_RDONLY;
}

/* The keeper of before may still have it. */
int
daemon_keeping_try(const struct daemon_supervisor *s, struct daemon_fault *f)
{
	struct daemon_spool spool;
	pid_t other;

	if (s->output[0] == -1)
		return 0;
	if (daemon_keep_is_stdout(s->d) && !is_writable(STDOUT_FILENO)) {
		errno = EBADF;
		return daemon_fault_set(f, "log", s->d->log, NULL);
	}
	if (s->d->log_compress != NULL &&
	    daemon_compress_try(s->d->log_compress, f) == -1)
		return -1;
	if (daemon_spool_open(&spool, daemon_keeping_place(s), &other) == -1)
		return errno == EWOULDBLOCK
		    ? 0
		    : daemon_fault_set(f, "log", DAEMON_SPOOL, NULL);
	daemon_spool_close(&spool);
	return 0;
}

/* In a child of ours: they stay open. */
static void
tell_sockets(char *text, size_t size, const struct daemon_supervisor *s)
{
	struct daemon_store sockets;
	size_t i;

	daemon_store_sockets(&sockets, &s->store);
	daemon_store_text(text, size, &sockets);
	for (i = 0; i < sockets.n; i++)
		(void)fcntl(sockets.item[i].fd, F_SETFD, 0);
}

/* Another program, in memory of its own: ours again. */
static _Noreturn void
become_keeper(struct daemon_supervisor *s)
{
	char title[160], dir[12], pid[12], out[12], err[12], how[] = "keep";
	char sockets[DAEMON_STORE_TEXT];
	char *const argv[] = { title, dir, pid, out, err, sockets, how, NULL };
	static char *const none[] = { NULL };

	(void)snprintf(title, sizeof title, "daemonize: %s: log", s->d->name);
	(void)snprintf(dir, sizeof dir, "%d", s->service.dir);
	(void)snprintf(pid, sizeof pid, "%ld", (long)getppid());
	(void)snprintf(out, sizeof out, "%d", s->output[0]);
	(void)snprintf(err, sizeof err, "%d", s->output[1]);
	tell_sockets(sockets, sizeof sockets, s);
	(void)fcntl(s->service.dir, F_SETFD, 0);
	(void)fcntl(s->output[0], F_SETFD, 0);
	(void)fcntl(s->output[1], F_SETFD, 0);
	(void)execve("/proc/self/exe", argv, none);
	if (daemon_upgrade_path() != NULL)
		(void)execve(daemon_upgrade_path(), argv, none);
	_exit(DAEMON_KEPT_NOT);
}

/* Who is what his caller executed is no program of ours to be executed again,
 * and has no record, maybe: what we know is here.  Of what is standard to us
 * only the output may be the log. */
static _Noreturn void
keep_here(struct daemon_supervisor *s)
{
	struct daemon_definition d = *s->d; /* our copy of the memory */
	const int keep[] = { daemon_keeping_place(s), s->output[0],
		s->output[1] };
	const struct daemon_keeping how = { .dir = keep[0],
		.d = &d,
		.pipes = { s->output[0], s->output[1] },
		.supervisor = getppid(),
		.sockets = "" };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)prctl(PR_SET_NAME, "daemonize: log");
	(void)daemon_stdio_redirect(null, -1, null);
	(void)daemon_descriptors_close(keep, sizeof keep / sizeof *keep);
	_exit((int)daemon_keep(&how));
}

static _Noreturn void
keep(struct daemon_supervisor *s)
{
	(void)setsid();
	daemon_oom_restore(s->oom);
	if (s->d->foreground)
		keep_here(s);
	become_keeper(s);
}

/* In the foreground sockets die with us. */
static int
is_kept(const struct daemon_supervisor *s)
{
	return s->output[0] != -1 || (s->store.fixed > 0 && !s->d->foreground);
}

void
daemon_keeping_start(struct daemon_supervisor *s)
{
	long long now = daemon_clock_steady();
	pid_t pid;

	if (!is_kept(s) || s->helper[DAEMON_HELPER_KEEPER] != 0 ||
	    now < s->keeper_ms)
		return;
	s->keeper_ms = now + AGAIN_MS;
	pid = daemon_helper_fork(s, DAEMON_HELPER_KEEPER);
	if (pid == 0)
		keep(s);
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
	return !is_kept(s) || s->helper[DAEMON_HELPER_KEEPER] != 0
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
look_again_soon(void)
{
	const struct timespec soon = { .tv_nsec = LOOK_NS };

	(void)nanosleep(&soon, NULL);
}

/* *status of the keeper, once it has ended; 0: not in time, or its log does not
 * answer: it goes on waiting for that. */
static int
wait_for(pid_t pid, int place, int *status, long long end)
{
	pid_t r;

	while ((r = waitpid(pid, status, WNOHANG)) == 0 ||
	    (r == -1 && errno == EINTR)) {
		if (daemon_clock_steady() > end ||
		    daemon_spool_trouble(place, DAEMON_TO_LOG) ==
			DAEMON_SINK_HUNG)
			return 0;
		look_again_soon();
	}
	return r == pid;
}

void
daemon_keeping_clean(int dir)
{
	(void)unlinkat(dir, pipes[0], 0);
	(void)unlinkat(dir, pipes[1], 0);
	(void)unlinkat(dir, DAEMON_SPOOL, 0);
	(void)unlinkat(dir, DAEMON_DEGRADED, 0);
	(void)unlinkat(dir, DAEMON_HANDBACK, 0);
}

static int
is_to_end(int sig)
{
	return sig == SIGTERM || sig == SIGINT || sig == SIGHUP ||
	    sig == SIGQUIT;
}

/* Of those that have come. */
static int
are_to_end(int signals)
{
	struct signalfd_siginfo si;
	int n = 0;

	while (read(signals, &si, sizeof si) == (ssize_t)sizeof si)
		n += is_to_end((int)si.ssi_signo);
	return n;
}

/* What it has to write yet it may write in peace, where there is somebody who
 * waits for us, and can tell us not to. */
static int
finishes(const struct daemon_supervisor *s, pid_t pid, int *status)
{
	struct pollfd p = { .fd = s->signals, .events = POLLIN };
	int patient = s->machine.why != DAEMON_WHY_STOP &&
	    (s->d->log_block || daemon_keep_is_stdout(s->d));
	long long end = daemon_clock_steady() + END_MS;

	while (waitpid(pid, status, WNOHANG) == 0) {
		if (poll(&p, 1, patient ? -1 : daemon_clock_until(end)) == 0)
			return 0;
		if (are_to_end(s->signals) == 0)
			continue;
		if (!patient)
			return 0;
		patient = 0;
		end = daemon_clock_steady() + END_MS;
	}
	return 1;
}

static void
end_keeper(struct daemon_supervisor *s)
{
	const pid_t pid = s->helper[DAEMON_HELPER_KEEPER];
	int status = -1, ended = 0;

	tell(s, SIGUSR2);
	if (s->d->foreground)
		ended = finishes(s, pid, &status);
	if (!ended) {
		tell(s, SIGTERM);
		ended = wait_for(pid, daemon_keeping_place(s), &status,
		    daemon_clock_steady() + END_MS);
	}
	if (!ended && s->d->foreground) {
		tell(s, SIGKILL);
		ended = waitpid(pid, &status, 0) == pid;
	}
	if (ended)
		s->helper[DAEMON_HELPER_KEEPER] = 0;
	if (ended && WIFEXITED(status) &&
	    WEXITSTATUS(status) == DAEMON_KEPT_ALL)
		daemon_keeping_clean(s->service.dir);
}

static int
waiting_in(int pipe)
{
	int n;

	return pipe != -1 && ioctl(pipe, FIONREAD, &n) == 0 ? n : 0;
}

/* What is written nowhere, and why. */
static void
count_rest(struct daemon_supervisor *s)
{
	const int asked[] = { daemon_keep_path(s->d) != NULL,
		s->d->syslog != NULL },
		  place = daemon_keeping_place(s);
	unsigned i;

	for (i = 0; i < DAEMON_OUTLETS; i++) {
		if (!asked[i])
			continue;
		s->unwritten[i] = daemon_spool_left(place, i) +
		    waiting_in(s->output[0]) + waiting_in(s->output[1]);
		s->unwritten_error[i] = daemon_spool_trouble(place, i);
	}
}

void
daemon_keeping_end(struct daemon_supervisor *s)
{
	const int released = s->machine.why == DAEMON_WHY_RELEASED;
	int i;

	if (!is_kept(s))
		return;
	if (!released)
		daemon_lines_end(s);
	if (s->helper[DAEMON_HELPER_KEEPER] != 0 && !released)
		end_keeper(s);
	count_rest(s);
	for (i = 0; i < 2; i++)
		if (s->output[i] != -1)
			(void)close(s->output[i]);
	s->output[0] = s->output[1] = -1;
	if (s->spool != -1)
		(void)close(s->spool);
	if (s->children != -1)
		(void)close(s->children);
	s->spool = s->children = -1;
}
