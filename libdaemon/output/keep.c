/* SPDX-License-Identifier: ISC */
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../duration.h"
#include "../identity/service.h"
#include "../identity/process.h"
#include "keep.h"
#include "sink.h"

enum {
	LITTLE = 32 << 10, /* bytes: more may be coming */
	OFTEN_MS = 2, /* since the last that came */
	MOMENT_US = 300, /* that is waited for more */
	IDLE_MS = 1000, /* before memory is given back */
	RETRY_MS = 100, /* after a failure, then twice as long, up to */
	RETRY_MAX_MS = 5000,
	INHERIT_MS = 5000, /* for another to end */
	REVIVAL_MS = 1000, /* between two calls for a supervisor is slow */
	REVIVALS = 10, /* so many may be quicker */
	FAREWELL = 2 << 20 /* bytes: so much is taken after SIGTERM, at most */
};

struct keep {
	struct daemon_held h;
	gid_t group; /* of h's user */
	struct daemon_spool spool;
	struct daemon_sink sink;
	int dir;
	int pipe[DAEMON_STREAMS]; /* -1: there is none */
	int signals, supervisor; /* a signalfd, a pidfd */
	pid_t watched;
	void (*revive)(int dir, pid_t dead);
	long long came_ms; /* the last bytes */
	size_t last; /* how many those were */
	long long retry_ms, delay_ms; /* when; 0: nothing failed */
	long long revive_ms; /* when to call another supervisor; 0: not */
	int blocks; /* rather than drop */
	int busy; /* memory is to be given back */
	int dead; /* the supervisor is */
	long long trouble_ms; /* since when it is told of; 0: there is none */
	int ending;
	size_t taken, farewell; /* bytes; how many when SIGTERM came */
};

/* For reading only: it hangs up when nobody is left to write. */
static int
open_pipe(int given)
{
	char path[40];
	int fd;

	if (given == -1)
		return -1;
	(void)fcntl(given, F_SETPIPE_SZ, DAEMON_RING);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", given);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1)
		return given;
	(void)close(given);
	return fd;
}

static int
open_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t set;

	(void)sigaction(SIGCHLD, &dfl, NULL);
	(void)sigfillset(&set);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigaddset(&set, SIGCHLD);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
daemon_keep_inherit(struct daemon_spool *s, int dir)
{
	pid_t other = 0;
	int fd;

	if (daemon_spool_open(s, dir, &other) == 0)
		return 0;
	if (errno != EWOULDBLOCK || other <= 1)
		return -1;
	fd = daemon_pidfd_open(other);
	/* Its number is its own for as long as it has the lock. */
	if (fd != -1 && daemon_spool_open(s, dir, &other) == -1 &&
	    errno == EWOULDBLOCK) {
		(void)daemon_pidfd_send(fd, SIGTERM);
		(void)daemon_pidfd_wait(fd, INHERIT_MS);
	}
	if (fd != -1)
		(void)close(fd);
	return s->fd != -1 ? 0 : daemon_spool_open(s, dir, &other);
}

static int
read_options(struct keep *k, const struct daemon_definition *d)
{
	struct daemon_sink *s = &k->sink;
	long long n;

	s->layout.tags = d->log_tags != 0;
	k->blocks = d->log_block != 0;
	s->files = (unsigned)d->log_files;
	if (d->log_timestamps != NULL &&
	    daemon_stamps_parse(&s->layout.stamps, d->log_timestamps) == -1)
		return -1;
	if (d->log_age != NULL) {
		if (daemon_duration_parse(d->log_age, &n) == -1)
			return -1;
		s->max_age_ms = n;
	}
	if (d->log_size == NULL)
		return 0;
	if (daemon_size_parse(d->log_size, &n) == -1)
		return -1;
	s->max_size = n;
	return 0;
}

/* Those who die as soon as they are born are not called without end. */
static void
note_death(struct keep *k)
{
	struct daemon_moment m = daemon_spool_copy(&k->spool);
	const long long now = daemon_clock_steady();

	m.revivals = now - m.revived_ms < REVIVAL_MS ? m.revivals + 1 : 0;
	m.revived_ms = now;
	daemon_spool_commit(&k->spool, &m);
	if (k->supervisor != -1)
		(void)close(k->supervisor);
	k->supervisor = -1;
	k->dead = 1;
	k->revive_ms = now + (m.revivals > REVIVALS ? REVIVAL_MS : 0);
}

static int
begin(struct keep *k, const int pipes[DAEMON_STREAMS])
{
	const struct daemon_definition *d = k->h.d;
	int i;

	k->sink = (struct daemon_sink){ .h = &k->h, .path = d->out, .fd = -1 };
	k->came_ms = daemon_clock_steady();
	k->signals = open_signals();
	k->trouble_ms = faccessat(k->dir, DAEMON_DEGRADED, F_OK, 0) == 0;
	k->supervisor = daemon_pidfd_open(k->watched);
	k->spool = (struct daemon_spool){ .fd = -1 };
	for (i = 0; i < DAEMON_STREAMS; i++)
		k->pipe[i] = open_pipe(pipes[i]);
	if (k->signals == -1 || k->pipe[0] == -1 || read_options(k, d) == -1 ||
	    daemon_keep_inherit(&k->spool, k->dir) == -1)
		return -1;
	/* Whoever has started us may have died before we had its pidfd. */
	if (k->supervisor == -1 || getppid() != k->watched)
		note_death(k);
	return 0;
}

/* What a link of ours leads to is what grows, and is rotated. */
static const char *
path_of_log(const struct keep *k)
{
	const char *path = k->h.d->out, *base;
	struct daemon_walk w;
	struct stat st;
	char *real = NULL;

	if (daemon_walk_to_parent(&w, path, &base, "log", NULL) == -1)
		return path;
	if (w.foreign == (uid_t)-1 &&
	    fstatat(w.fd, base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode) && (st.st_uid == 0 || st.st_uid == geteuid()))
		real = realpath(path, NULL);
	(void)close(w.fd);
	return real != NULL ? real : path; /* for as long as we live */
}

/* Whose it is, the pipe tells: its command's user. */
static void
know_log(struct keep *k)
{
	struct stat st;

	if (k->sink.path == k->h.d->out)
		k->sink.path = path_of_log(k);
	if (fstat(k->pipe[0], &st) == -1)
		return;
	k->group = st.st_gid;
	k->h.user = (struct daemon_user){ .uid = st.st_uid,
		.gid = st.st_gid,
		.groups = &k->group,
		.ngroups = 1 };
	k->h.has_user = st.st_uid != geteuid();
}

static void
end(struct keep *k)
{
	int i;

	daemon_sink_close(&k->sink);
	if (k->spool.fd != -1)
		daemon_spool_close(&k->spool);
	for (i = 0; i < DAEMON_STREAMS; i++)
		if (k->pipe[i] != -1)
			(void)close(k->pipe[i]);
	if (k->supervisor != -1)
		(void)close(k->supervisor);
	if (k->signals != -1)
		(void)close(k->signals);
}

/* In a child: the next supervisor may take its time. */
static void
call_another(struct keep *k)
{
	sigset_t none;
	pid_t pid;

	k->revive_ms = 0;
	pid = fork();
	if (pid != 0)
		return;
	end(k); /* nothing of it is kept by another */
	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	k->revive(k->dir, k->watched);
	_exit(0);
}

/* At once: who has moved it looks for another. */
static void
reopen(struct keep *k)
{
	daemon_sink_close(&k->sink);
	k->retry_ms = 0;
	know_log(k);
	if (daemon_sink_open(&k->sink, &k->spool) == -1)
		k->retry_ms = daemon_clock_steady(); /* told of, and tried */
}

static void
hear_signals(struct keep *k)
{
	struct signalfd_siginfo si;

	while (read(k->signals, &si, sizeof si) == (ssize_t)sizeof si)
		switch ((int)si.ssi_signo) {
		case SIGTERM:
			k->ending = 1;
			k->farewell = k->taken;
			break;
		case SIGUSR1: reopen(k); break;
		default:
			while (waitpid(-1, NULL, WNOHANG) > 0)
				continue;
			break;
		}
}

/* Many small writes are one large one a moment later. */
static void
take(struct keep *k, unsigned stream)
{
	long long now = daemon_clock_steady();
	ssize_t n;

	if (!k->ending && now - k->came_ms < OFTEN_MS && k->last > 0 &&
	    k->last < LITTLE)
		(void)usleep(MOMENT_US);
	n = daemon_spool_take(&k->spool, stream, k->pipe[stream]);
	if (n <= 0)
		return;
	k->last = (size_t)n;
	k->taken += (size_t)n;
	k->came_ms = now;
	k->busy = 1;
}

/* There is no room, and it is not getting more. */
static void
drop(struct keep *k)
{
	unsigned i;

	k->sink.lost_error = k->sink.error;
	for (i = 0; !k->blocks && i < DAEMON_STREAMS; i++) {
		if (k->spool.tight && daemon_spool_room(&k->spool, i) == 0)
			daemon_sink_drop(&k->spool, i, 1);
		while (daemon_spool_room(&k->spool, i) <
		    daemon_spool_pending(&k->spool, i) / 4)
			daemon_sink_drop(&k->spool, i, 0);
	}
}

static void
tell_trouble(struct keep *k)
{
	char text[160];
	int n;

	if (k->trouble_ms == 0)
		k->trouble_ms = daemon_clock_wall();
	n = snprintf(text, sizeof text, "%lld %lld %s\n", k->trouble_ms,
	    (long long)daemon_spool_now(&k->spool)->lost_lines,
	    strerror(k->sink.patience > 0 ? k->sink.stuck : k->sink.error));
	(void)daemon_record_write(
	    k->dir, DAEMON_DEGRADED, text, (size_t)n, "", 0);
}

static void
tell_recovery(struct keep *k)
{
	if (k->trouble_ms != 0)
		(void)unlinkat(k->dir, DAEMON_DEGRADED, 0);
	k->trouble_ms = 0;
}

static void
put_off(struct keep *k)
{
	k->delay_ms = k->delay_ms == 0	     ? RETRY_MS
	    : 2 * k->delay_ms < RETRY_MAX_MS ? 2 * k->delay_ms
					     : RETRY_MAX_MS;
	k->retry_ms = daemon_clock_steady() + k->delay_ms;
}

/* The log is not opened, nor made, before there is something for it. */
static int
is_nothing(const struct keep *k)
{
	const struct daemon_moment *m = daemon_spool_now(&k->spool);

	return daemon_spool_backlog(&k->spool) == 0 && m->lost_bytes == 0 &&
	    m->intent.kind == DAEMON_INTENT_NONE;
}

static void
write_out(struct keep *k)
{
	enum daemon_sunk r;

	if (k->retry_ms > daemon_clock_steady() && !k->ending) {
		drop(k);
		return;
	}
	if (k->sink.fd == -1 && k->retry_ms == 0 && is_nothing(k)) {
		tell_recovery(k);
		return;
	}
	if (k->sink.fd == -1)
		know_log(k);
	do
		r = daemon_sink_write(&k->sink, &k->spool, k->ending);
	while (r == DAEMON_SUNK_SOME);
	if (r == DAEMON_SUNK_FAILED) {
		put_off(k);
		drop(k);
		tell_trouble(k);
		return;
	}
	k->retry_ms = k->delay_ms = 0;
	if (k->sink.patience == 0)
		tell_recovery(k);
	else if (k->trouble_ms == 0)
		tell_trouble(k); /* it cannot be rotated */
	daemon_sink_age(&k->sink, &k->spool);
}

/* What another has left. */
static void
take_up(struct keep *k)
{
	const struct daemon_moment *m = daemon_spool_now(&k->spool);

	/* It is to be rotated, now or some day. */
	if (m->rotates || (k->sink.max_age_ms > 0 && m->began_ms != 0))
		reopen(k);
	write_out(k);
}

static int
timeout(const struct keep *k)
{
	int ms;

	if (k->ending)
		return 0;
	if (k->retry_ms != 0)
		ms = daemon_clock_until(k->retry_ms);
	else
		ms = daemon_sink_wait(&k->sink, &k->spool);
	if (k->revive_ms != 0)
		ms = daemon_clock_sooner(ms, daemon_clock_until(k->revive_ms));
	if (k->busy)
		ms = daemon_clock_sooner(
		    ms, daemon_clock_until(k->came_ms + IDLE_MS));
	return ms;
}

static void
rest(struct keep *k)
{
	if (!k->busy || daemon_clock_until(k->came_ms + IDLE_MS) > 0)
		return;
	daemon_spool_trim(&k->spool);
	k->busy = 0;
}

/* What there is to be waited for: n, and places in it. */
struct watch {
	struct pollfd p[DAEMON_STREAMS + 2];
	int pipe[DAEMON_STREAMS], signals, supervisor;
	nfds_t n;
};

static int
add(struct watch *w, int fd)
{
	if (fd == -1)
		return -1;
	w->p[w->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return (int)w->n++;
}

static int
is_ready(const struct watch *w, int i)
{
	return i != -1 ? w->p[i].revents : 0;
}

/* Nobody has the other end any more: while the supervisor lives, or becomes
 * another program, that passes. */
static void
hang_up(struct keep *k, unsigned i)
{
	if (!k->dead) {
		(void)usleep(MOMENT_US);
		return;
	}
	(void)close(k->pipe[i]);
	k->pipe[i] = -1;
}

static void
watch(struct keep *k)
{
	struct watch w = { .n = 0 };
	unsigned i;

	w.signals = add(&w, k->signals);
	w.supervisor = add(&w, k->supervisor);
	for (i = 0; i < DAEMON_STREAMS; i++)
		w.pipe[i] =
		    k->pipe[i] != -1 && daemon_spool_room(&k->spool, i) > 0
		    ? add(&w, k->pipe[i])
		    : -1;
	if (poll(w.p, w.n, timeout(k)) == -1)
		return;
	if (is_ready(&w, w.signals))
		hear_signals(k);
	if (is_ready(&w, w.supervisor))
		note_death(k);
	if (k->revive_ms != 0 && daemon_clock_until(k->revive_ms) == 0)
		call_another(k);
	for (i = 0; i < DAEMON_STREAMS; i++)
		if (is_ready(&w, w.pipe[i]) & POLLIN)
			take(k, i);
		else if (is_ready(&w, w.pipe[i]) & POLLHUP)
			hang_up(k, i);
}

static int
is_over(const struct keep *k, size_t took)
{
	if (k->pipe[0] == -1 && k->pipe[1] == -1 && k->revive_ms == 0)
		return 1;
	return k->ending && (took == 0 || k->taken - k->farewell >= FAREWELL);
}

enum daemon_kept
daemon_keep(int dir, struct daemon_definition *d,
    const int pipes[DAEMON_STREAMS], pid_t supervisor,
    void (*revive)(int dir, pid_t dead))
{
	struct keep k = { .h = DAEMON_HELD_NONE(d),
		.dir = dir,
		.watched = supervisor,
		.revive = revive };
	enum daemon_kept r = DAEMON_KEPT_NOT;
	size_t took;

	if (begin(&k, pipes) == 0) {
		take_up(&k);
		do {
			took = k.taken;
			watch(&k);
			write_out(&k);
			rest(&k);
		} while (!is_over(&k, k.taken - took));
		r = daemon_spool_backlog(&k.spool) == 0 ? DAEMON_KEPT_ALL
							: DAEMON_KEPT_SOME;
	}
	end(&k);
	return r;
}
