/* SPDX-License-Identifier: ISC */
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/service.h"
#include "drop.h"
#include "keeper.h"

enum {
	LITTLE = 32 << 10, /* bytes: more may be coming */
	OFTEN_MS = 2, /* since the last that came */
	MOMENT_US = 300, /* that is waited for more */
	MOMENT_HUNG_US = 50000,
	IDLE_MS = 1000, /* before memory is given back */
	RETRY_MS = 100, /* after a failure, then twice as long, up to */
	RETRY_MAX_MS = 5000,
	REVIVAL_MS = 1000, /* between two calls for a supervisor is slow */
	REVIVALS = 10, /* so many may be quicker */
	FAREWELL = 2 << 20 /* bytes: so much is taken after SIGTERM, at most */
};

/* Those who die as soon as they are born are not called without end. */
void
daemon_keeper_note_death(struct daemon_keeper *k)
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

/* In a child of nobody's: the next supervisor may take its time. */
static void
call_another(struct daemon_keeper *k)
{
	sigset_t none;
	pid_t pid;

	k->revive_ms = 0;
	pid = fork();
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	if (pid != 0)
		return;
	if (fork() != 0)
		_exit(0);
	k->standin.stack = NULL; /* both stayed behind */
	k->zip.pid = 0;
	daemon_keeper_end(k); /* nothing of it is kept by another */
	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	k->revive(k->dir, k->watched);
	_exit(0);
}

/* At once: who has moved it looks for another. */
static void
reopen(struct daemon_keeper *k)
{
	k->reopens = 0;
	daemon_sink_close(&k->sink);
	k->retry_ms = 0;
	daemon_keeper_find_log(k);
	if (daemon_sink_open(&k->sink, &k->spool) == -1)
		k->retry_ms = daemon_clock_steady(); /* told of, and tried */
}

static void
hear_signals(struct daemon_keeper *k)
{
	struct signalfd_siginfo si;

	while (read(k->signals, &si, sizeof si) == (ssize_t)sizeof si)
		switch ((int)si.ssi_signo) {
		case SIGTERM:
			k->ending = 1;
			k->farewell = k->taken;
			break;
		case SIGUSR1: k->reopens = 1; break;
		default:
			break; /* SIGCHLD: whose, is seen when they are asked */
		}
}

/* Many small writes are one large one a moment later. */
static void
take(struct daemon_keeper *k, unsigned stream)
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

static int
is_full(const struct daemon_spool *s, unsigned i)
{
	const size_t pending = daemon_spool_pending(s, i),
		     room = daemon_spool_room(s, i);

	return room < pending / 4 || (s->tight && room == 0 && pending > 0);
}

/* Who is away with the first lines of a stream keeps them, if he can. */
static int
make_room(struct daemon_keeper *k, unsigned i)
{
	struct daemon_spool *s = &k->spool;

	if (daemon_sink_is_away(s, i))
		return daemon_sink_cast_off(&k->sink, s, i);
	daemon_drop(s, i, s->tight && daemon_spool_room(s, i) == 0);
	return 1;
}

void
daemon_keeper_drop(struct daemon_keeper *k, int error)
{
	unsigned i;

	if (k->blocks)
		return;
	for (i = 0; i < DAEMON_STREAMS; i++)
		while (is_full(&k->spool, i)) {
			k->sink.lost_error = error;
			if (!make_room(k, i))
				break;
		}
}

void
daemon_keeper_tell_trouble(struct daemon_keeper *k, const char *what, int error)
{
	char text[160];
	int n;

	if (k->trouble_ms == 0)
		k->trouble_ms = daemon_clock_wall();
	k->told_ms = daemon_clock_steady();
	n = snprintf(text, sizeof text, "%lld %lld %s: %s\n", k->trouble_ms,
	    (long long)daemon_spool_now(&k->spool)->lost_lines, what,
	    daemon_sink_why(error));
	(void)daemon_record_write(
	    k->dir, DAEMON_DEGRADED, text, (size_t)n, "", 0);
}

void
daemon_keeper_tell_recovery(struct daemon_keeper *k)
{
	if (k->trouble_ms != 0)
		(void)unlinkat(k->dir, DAEMON_DEGRADED, 0);
	k->trouble_ms = 0;
}

static void
put_off(struct daemon_keeper *k)
{
	k->delay_ms = k->delay_ms == 0	     ? RETRY_MS
	    : 2 * k->delay_ms < RETRY_MAX_MS ? 2 * k->delay_ms
					     : RETRY_MAX_MS;
	k->retry_ms = daemon_clock_steady() + k->delay_ms;
}

/* The log is not opened, nor made, before there is something for it. */
static int
is_nothing(const struct daemon_keeper *k)
{
	const struct daemon_moment *m = daemon_spool_now(&k->spool);

	return daemon_spool_backlog(&k->spool) == 0 && m->lost_bytes == 0 &&
	    m->intent.kind == DAEMON_INTENT_NONE;
}

/* Something was lost, or may be soon. */
static void
fail(struct daemon_keeper *k)
{
	put_off(k);
	daemon_keeper_drop(k, k->sink.error);
	daemon_keeper_tell_trouble(k, DAEMON_KEEPER_UNWRITTEN, k->sink.error);
}

/* It is written again; but it may not be possible to rotate it. */
static void
succeed(struct daemon_keeper *k)
{
	k->retry_ms = k->delay_ms = 0;
	if (k->sink.log.patience == 0 && k->zip.error == 0)
		daemon_keeper_tell_recovery(k);
	else if (k->trouble_ms == 0 && k->sink.log.patience > 0)
		daemon_keeper_tell_trouble(
		    k, "its log cannot be rotated", k->sink.stuck);
	daemon_sink_age(&k->sink, &k->spool);
}

static void
write_out(struct daemon_keeper *k)
{
	enum daemon_sunk r;

	if (k->reopens)
		reopen(k);
	if (k->retry_ms > daemon_clock_steady() && !k->ending) {
		daemon_keeper_drop(k, k->sink.error);
		return;
	}
	if (k->sink.fd == -1 && k->retry_ms == 0 && is_nothing(k)) {
		daemon_keeper_tell_recovery(k);
		return;
	}
	if (k->sink.fd == -1)
		daemon_keeper_find_log(k);
	do
		r = daemon_sink_write(&k->sink, &k->spool, k->ending);
	while (r == DAEMON_SUNK_SOME);
	if (r == DAEMON_SUNK_FAILED)
		fail(k);
	else
		succeed(k);
}

/* It may take long to look at a disk. */
static void
compress(struct daemon_keeper *k)
{
	k->zip.wanted |= k->sink.rotated;
	k->sink.rotated = 0;
	if (k->zip.how == DAEMON_ZIP_NONE ||
	    (!k->zip.wanted && k->zip.pid == 0))
		return;
	if (k->sink.fd == -1)
		daemon_keeper_find_log(k);
	daemon_standin_leave(k);
	daemon_compress_finish(&k->zip, &k->h, k->sink.path);
	if (!k->ending)
		daemon_compress_begin(&k->zip, &k->h, k->sink.path);
	daemon_standin_back(k);
	if (k->zip.error != 0 && k->trouble_ms == 0)
		daemon_keeper_tell_trouble(
		    k, "its former logs cannot be compressed", k->zip.error);
	else if (k->zip.error == 0 && k->retry_ms == 0 &&
	    k->sink.log.patience == 0)
		daemon_keeper_tell_recovery(k);
}

/* What another has left. */
static void
take_up(struct daemon_keeper *k)
{
	const struct daemon_moment *m = daemon_spool_now(&k->spool);

	/* It is to be rotated, now or some day. */
	if (m->rotates || (k->sink.log.max_age_ms > 0 && m->began_ms != 0))
		reopen(k);
	write_out(k);
	compress(k);
}

static int
timeout(const struct daemon_keeper *k)
{
	int ms;

	if (k->ending)
		return 0;
	if (k->retry_ms != 0)
		ms = daemon_clock_until(k->retry_ms);
	else
		ms = daemon_sink_wait(&k->sink, &k->spool);
	if (k->reopens)
		ms = 0;
	if (k->revive_ms != 0)
		ms = daemon_clock_sooner(ms, daemon_clock_until(k->revive_ms));
	if (k->busy)
		ms = daemon_clock_sooner(
		    ms, daemon_clock_until(k->came_ms + IDLE_MS));
	return ms;
}

static void
rest(struct daemon_keeper *k)
{
	if (!k->busy || daemon_clock_until(k->came_ms + IDLE_MS) > 0)
		return;
	daemon_spool_trim(&k->spool);
	if (!k->hung)
		daemon_standin_rest(k);
	k->busy = 0;
}

/* What there is to be waited for: n, and places in it. */
struct watch {
	struct pollfd p[DAEMON_STREAMS + 3];
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
hang_up(struct daemon_keeper *k, unsigned i)
{
	if (!k->dead || k->hung) {
		(void)usleep(k->hung ? MOMENT_HUNG_US : MOMENT_US);
		return;
	}
	(void)close(k->pipe[i]);
	k->pipe[i] = -1;
}

void
daemon_keeper_watch(struct daemon_keeper *k, int ms, int also)
{
	struct watch w = { .n = 0 };
	unsigned i;

	w.signals = add(&w, k->signals);
	w.supervisor = add(&w, k->supervisor);
	(void)add(&w, also);
	for (i = 0; i < DAEMON_STREAMS; i++)
		w.pipe[i] =
		    k->pipe[i] != -1 && daemon_spool_room(&k->spool, i) > 0
		    ? add(&w, k->pipe[i])
		    : -1;
	if (poll(w.p, w.n, ms) == -1)
		return;
	if (is_ready(&w, w.signals))
		hear_signals(k);
	if (is_ready(&w, w.supervisor))
		daemon_keeper_note_death(k);
	if (k->revive_ms != 0 && daemon_clock_until(k->revive_ms) == 0)
		call_another(k);
	for (i = 0; i < DAEMON_STREAMS; i++)
		if (is_ready(&w, w.pipe[i]) & POLLIN)
			take(k, i);
		else if (is_ready(&w, w.pipe[i]) & POLLHUP)
			hang_up(k, i);
}

static int
is_over(const struct daemon_keeper *k, size_t took)
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
	struct daemon_keeper k = { .h = DAEMON_HELD_NONE(d),
		.dir = dir,
		.watched = supervisor,
		.revive = revive };
	enum daemon_kept r = DAEMON_KEPT_NOT;
	size_t took;

	if (daemon_keeper_begin(&k, pipes) == 0) {
		take_up(&k);
		do {
			took = k.taken;
			daemon_keeper_watch(&k, timeout(&k), -1);
			write_out(&k);
			compress(&k);
			rest(&k);
		} while (!is_over(&k, k.taken - took));
		r = daemon_spool_backlog(&k.spool) == 0 ? DAEMON_KEPT_ALL
							: DAEMON_KEPT_SOME;
	}
	daemon_keeper_end(&k);
	return r;
}
