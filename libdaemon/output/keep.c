/* SPDX-License-Identifier: ISC */
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/service.h"
#include "keeper.h"

enum {
	LITTLE = 128 << 10, /* bytes: more may be coming */
	OFTEN_MS = 2, /* since the last that came */
	MOMENT_US = 800, /* that is waited for more */
	MOMENT_HUNG_US = 50000,
	IDLE_MS = 1000, /* before memory is given back */
	RETRY_MS = 100, /* after a failure, then twice as long, up to */
	RETRY_MAX_MS = 5000,
	BUSY_MS = 1000, /* so long one may have enough, and is there */
	REVIVAL_MS = 1000, /* between two calls for a supervisor is slow */
	REVIVALS = 10, /* so many may be quicker */
	UNHEARD_MS = 2000, /* at the end */
	HOLD_MS = 60000, /* sockets, when it is dead */
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
	if (k->revive != NULL)
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
	k->write.at_ms = 0;
	daemon_keeper_find_log(k);
	if (daemon_sink_open(&k->sink, &k->spool) == -1)
		k->write.at_ms = daemon_clock_steady(); /* tried again */
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
		case SIGUSR1: k->reopens = k->sink.path != NULL; break;
		case SIGUSR2:
			k->finishing = 1;
			k->finish_ms = daemon_clock_steady();
			break;
		default:
			break; /* SIGCHLD: whose, is seen when they are asked */
		}
}

/* Many small writes are one large one a moment later, if there is nothing to
 * do meanwhile. */
static void
take(struct daemon_keeper *k, unsigned stream)
{
	long long now = daemon_clock_steady();
	ssize_t n;

	if (!k->ending && now - k->came_ms < OFTEN_MS && k->last > 0 &&
	    k->last < LITTLE && daemon_spool_backlog(&k->spool) == 0)
		(void)usleep(MOMENT_US);
	n = daemon_spool_take(&k->spool, stream, k->pipe[stream]);
	if (n <= 0)
		return;
	k->last = (size_t)n;
	k->taken += (size_t)n;
	k->came_ms = now;
	k->busy = 1;
}

static void
put_off(struct daemon_retry *r)
{
	r->delay_ms = r->delay_ms == 0	     ? RETRY_MS
	    : 2 * r->delay_ms < RETRY_MAX_MS ? 2 * r->delay_ms
					     : RETRY_MAX_MS;
	r->at_ms = daemon_clock_steady() + r->delay_ms;
}

static int
is_put_off(const struct daemon_keeper *k, const struct daemon_retry *r)
{
	return r->at_ms > daemon_clock_steady() && !k->ending;
}

/* The log is not opened, nor made, before there is something for it. */
static int
is_nothing(const struct daemon_keeper *k)
{
	const struct daemon_moment *m = daemon_spool_now(&k->spool);

	return daemon_spool_pending(&k->spool, DAEMON_TO_LOG, 0) == 0 &&
	    daemon_spool_pending(&k->spool, DAEMON_TO_LOG, 1) == 0 &&
	    m->lost[DAEMON_TO_LOG].bytes == 0 &&
	    m->intent.kind == DAEMON_INTENT_NONE;
}

static int
is_stdout_broken(const struct daemon_keeper *k)
{
	return k->write.at_ms != 0 && daemon_keep_is_stdout(k->h.d);
}

/* A pipe that nobody reads any more has no name by which somebody could. */
static int
is_hopeless(const struct daemon_keeper *k)
{
	return is_stdout_broken(k) && k->sink.error == EPIPE;
}

static void
write_out(struct daemon_keeper *k)
{
	enum daemon_sunk r;

	if (k->sink.path == NULL)
		return;
	if (k->reopens)
		reopen(k);
	if (is_put_off(k, &k->write)) {
		daemon_keeper_drop(k, DAEMON_TO_LOG, k->sink.error);
		return;
	}
	if (k->sink.fd == -1 && k->write.at_ms == 0 && is_nothing(k))
		return;
	if (k->sink.fd == -1)
		daemon_keeper_find_log(k);
	do
		r = daemon_sink_write(&k->sink, &k->spool, k->ending);
	while (r == DAEMON_SUNK_SOME);
	if (r == DAEMON_SUNK_FAILED) {
		put_off(&k->write);
		k->blocks = k->blocks && !is_hopeless(k);
		daemon_keeper_drop(k, DAEMON_TO_LOG, k->sink.error);
	} else {
		k->write = (struct daemon_retry){ 0 };
		daemon_sink_age(&k->sink, &k->spool);
	}
}

static void
send_out(struct daemon_keeper *k)
{
	switch (daemon_syslog_send(&k->syslog, &k->spool, k->ending)) {
	case DAEMON_SENT_ALL: k->send = (struct daemon_retry){ 0 }; break;
	case DAEMON_SENT_SOME:
		k->send = (struct daemon_retry){
			.at_ms = daemon_clock_steady() + BUSY_MS
		};
		break;
	case DAEMON_SENT_NOT: put_off(&k->send); break;
	}
}

/* Who has enough for a moment makes the command wait, as we do. */
static int
is_deaf(const struct daemon_keeper *k)
{
	return k->send.delay_ms != 0 ||
	    (k->syslog.busy &&
		daemon_clock_steady() - k->syslog.heard_ms >= BUSY_MS);
}

void
daemon_keeper_send(struct daemon_keeper *k)
{
	if (k->syslog.priority == -1)
		return;
	if (!is_put_off(k, &k->send))
		send_out(k);
	if (is_deaf(k))
		daemon_keeper_drop(k, DAEMON_TO_SYSLOG, k->syslog.error);
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
}

/* What another has left. */
static void
take_up(struct daemon_keeper *k)
{
	const struct daemon_moment *m = daemon_spool_now(&k->spool);

	/* It is to be rotated, now or some day. */
	if (k->sink.path != NULL &&
	    (m->rotates || (k->sink.log.max_age_ms > 0 && m->began_ms != 0)))
		reopen(k);
	write_out(k);
	daemon_keeper_send(k);
	compress(k);
	daemon_keeper_tell(k);
}

/* For syslog nobody waits long. */
static int
is_unheard(const struct daemon_keeper *k)
{
	return k->send.delay_ms != 0 &&
	    daemon_clock_steady() - k->finish_ms >= UNHEARD_MS;
}

/* Of what has come all is where it belongs; or a standard output fails, whose
 * reader is not the one to mend it. */
static int
is_done(const struct daemon_keeper *k)
{
	return (is_nothing(k) &&
		   (daemon_spool_backlog(&k->spool) == 0 || is_unheard(k))) ||
	    (is_stdout_broken(k) && !k->blocks);
}

/* For how long sockets are held for a next supervisor; -1: while this one
 * lives. */
static int
hold_ms(const struct daemon_keeper *k)
{
	if (k->sockets.n == 0)
		return 0;
	return k->dead ? daemon_clock_until(
			     daemon_spool_now(&k->spool)->revived_ms + HOLD_MS)
		       : -1;
}

static int
timeout(const struct daemon_keeper *k)
{
	int ms;

	if (k->ending || (k->finishing && is_done(k)))
		return 0;
	if (k->write.at_ms != 0)
		ms = daemon_clock_until(k->write.at_ms);
	else
		ms = daemon_sink_wait(&k->sink, &k->spool);
	if (k->send.at_ms != 0)
		ms = daemon_clock_sooner(ms, daemon_clock_until(k->send.at_ms));
	if (k->reopens)
		ms = 0;
	if (k->sockets.n > 0)
		ms = daemon_clock_sooner(ms, hold_ms(k));
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
	struct pollfd p[DAEMON_STREAMS + 5];
	int pipe[DAEMON_STREAMS], signals, supervisor, syslog, asked;
	nfds_t n;
};

static int
add(struct watch *w, int fd, short events)
{
	if (fd == -1)
		return -1;
	w->p[w->n] = (struct pollfd){ .fd = fd, .events = events };
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
	k->hangups += (unsigned)(k->dead && k->hung);
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

	w.signals = add(&w, k->signals, POLLIN);
	w.supervisor = add(&w, k->supervisor, POLLIN);
	w.syslog = add(&w, k->syslog.busy ? k->syslog.fd : -1, POLLOUT);
	w.asked = add(&w, k->asked, POLLIN);
	(void)add(&w, also, POLLIN);
	for (i = 0; i < DAEMON_STREAMS; i++)
		w.pipe[i] =
		    k->pipe[i] != -1 && daemon_spool_room(&k->spool, i) > 0
		    ? add(&w, k->pipe[i], POLLIN)
		    : -1;
	if (poll(w.p, w.n, ms) == -1)
		return;
	if (is_ready(&w, w.signals))
		hear_signals(k);
	if (is_ready(&w, w.syslog))
		k->send.at_ms = 0;
	if (is_ready(&w, w.supervisor))
		daemon_keeper_note_death(k);
	if (is_ready(&w, w.asked))
		daemon_handback_give(k->asked, &k->sockets);
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
	if (k->pipe[0] == -1 && k->pipe[1] == -1 && k->revive_ms == 0 &&
	    hold_ms(k) == 0)
		return 1;
	if (k->finishing && took == 0 && is_done(k))
		return 1;
	return k->ending && (took == 0 || k->taken - k->farewell >= FAREWELL);
}

enum daemon_kept
daemon_keep(const struct daemon_keeping *how)
{
	struct daemon_keeper k = { .h = DAEMON_HELD_NONE(how->d),
		.dir = how->dir,
		.watched = how->supervisor,
		.revive = how->revive };
	enum daemon_kept r = DAEMON_KEPT_NOT;
	size_t took;

	if (daemon_keeper_begin(&k, how) == 0) {
		take_up(&k);
		do {
			took = k.taken;
			daemon_keeper_watch(&k, timeout(&k), -1);
			write_out(&k);
			daemon_keeper_send(&k);
			compress(&k);
			daemon_keeper_tell(&k);
			rest(&k);
		} while (!is_over(&k, k.taken - took));
		r = daemon_spool_backlog(&k.spool) == 0 ? DAEMON_KEPT_ALL
							: DAEMON_KEPT_SOME;
	}
	daemon_keeper_end(&k);
	return r;
}
