/* SPDX-License-Identifier: ISC */
/*
 * The lock of a service.
 *
 * It is held by a launcher until the command has been executed and is ready,
 * by the process about to execute, and by a supervisor for its life, never by
 * the command.  A free lock therefore means: recorded, or dead.
 */
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../at.h"
#include "../clock.h"
#include "service.h"
#include "workers.h"

enum { TRIES_MAX = 100, LOOK_MS = 20, BRIEFLY_MS = 5000, PATIENCE_MS = 60000 };

static const char too_long[] = "a start or stop under way did not end in time";

static int
open_or_make(struct daemon_service *s, int rundir, const char *name,
    struct daemon_fault *f)
{
	if (daemon_service_open(s, rundir, name, f) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	if (daemon_at_make(rundir, name) == -1)
		return daemon_fault_set(f, "lock", name, NULL);
	return daemon_service_open(s, rundir, name, f);
}

static void
wake(int sig)
{
	(void)sig;
}

/* flock(2) with a deadline.  The timer repeats, so that one that fires
 * before flock sleeps is not the last. */
static int
wait_for_lock(int fd, int timeout_ms)
{
	struct itimerval off = { 0 }, old_timer,
			 timer = {
				 .it_value = { timeout_ms / 1000,
				     timeout_ms % 1000 * 1000 },
				 .it_interval = { 0, 10000 },
			 };
	struct sigaction old, sa = { .sa_handler = wake };
	sigset_t alarm_only, mask;
	int r, saved;

	(void)sigemptyset(&alarm_only);
	(void)sigaddset(&alarm_only, SIGALRM);
	if (sigaction(SIGALRM, &sa, &old) == -1)
		return -1;
	(void)sigprocmask(SIG_UNBLOCK, &alarm_only, &mask);
	(void)setitimer(ITIMER_REAL, &timer, &old_timer);
	r = flock(fd, LOCK_EX);
	saved = errno;
	(void)setitimer(ITIMER_REAL, &off, NULL);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	(void)sigaction(SIGALRM, &old, NULL);
	errno = saved == EINTR ? EWOULDBLOCK : saved;
	return r;
}

/* Is the locked inode still what the name leads to? */
static int
is_current(const struct daemon_service *s)
{
	struct stat a, b;

	return fstat(s->lock, &a) == 0 &&
	    fstatat(s->dir, "lock", &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Is this process there?  One that cannot be looked at is no "no". */
static int
prove(const struct daemon_identity *id, const char *name, int *live,
    struct daemon_fault *f)
{
	enum daemon_proof proof = daemon_identity_prove(id);

	*live = proof == DAEMON_PROOF_ALIVE;
	if (proof == DAEMON_PROOF_UNKNOWN)
		return daemon_fault_set(f, "record", name,
		    "cannot tell whether pid %ld runs: %s", (long)id->pid,
		    strerror(errno));
	return 0;
}

/*
 * What does the record say, and is it true?  A record that cannot be read
 * is no "no".
 */
static int
look(int dir, const char *name, struct daemon_definition *d,
    struct daemon_status *st, int *live, struct daemon_fault *f)
{
	daemon_definition_clear(d);
	daemon_status_clear(st);
	*live = 0;
	if (daemon_record_read(dir, DAEMON_RECORD_PUBLIC, d, st) == -1) {
		if (errno == ENOENT)
			return 0;
		return daemon_record_fault(f, name, dir, DAEMON_RECORD_PUBLIC);
	}
	if (prove(&st->id, name, live, f) == -1)
		return -1;
	if (d->workers == 0 && (*live || st->supervisor.pid == 0))
		return 0;
	if (prove(&st->supervisor, name, live, f) == -1)
		return -1;
	*live = (*live && !daemon_process_is_dying(st->supervisor.pid)) ||
	    (d->workers > 0 && daemon_workers_live(dir, NULL) != 0);
	return 0;
}

/* Does somebody listen, whom requests would reach? */
static int
is_answered(int dir)
{
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = fd != -1 ? daemon_at_connect(dir, DAEMON_CONTROL, fd) : -1;

	if (r == -1 && fd != -1 && errno == EAGAIN)
		r = 0; /* many wait there */
	if (fd != -1)
		(void)close(fd);
	return r == 0;
}

/* The same where somebody holds the lock: a supervisor that cannot be seen from
 * here may be the one who does. */
static int
look_held(int dir, const char *name, struct daemon_definition *d,
    struct daemon_status *st, int *live, struct daemon_fault *f)
{
	int r = look(dir, name, d, st, live, f);

	if (r == 0 && !*live && st->supervisor.pid != 0 &&
	    daemon_identity_prove(&st->supervisor) == DAEMON_PROOF_ELSEWHERE)
		*live = is_answered(dir);
	return r;
}

/* Whether the open lock file is one: 1; 0: it is being removed; -1. */
static int
is_lock(
    const struct daemon_service *s, const char *name, struct daemon_fault *f)
{
	struct stat st;

	if (fstat(s->lock, &st) == -1)
		return daemon_fault_set(f, "lock", name, NULL);
	if (S_ISREG(st.st_mode) && st.st_nlink == 0)
		return 0;
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    st.st_uid != geteuid()) {
		errno = EPERM;
		return daemon_fault_set(
		    f, "lock", name, "the lock file is not ours");
	}
	if ((st.st_mode & 0777) != 0600) /* the umask at its making */
		(void)fchmod(s->lock, 0600);
	return 1;
}

enum attempt { LOCKED, HELD, GONE, FAILED };

static enum attempt
try(struct daemon_service *s, const char *name, struct daemon_fault *f)
{
	int r;

	s->lock = openat(s->dir, "lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (s->lock == -1) {
		(void)daemon_fault_set(f, "lock", name, NULL);
		return errno == ENOENT ? GONE : FAILED;
	}
	r = is_lock(s, name, f);
	if (r != 1)
		return r == 0 ? GONE : FAILED;
	do
		r = flock(s->lock, LOCK_EX | LOCK_NB);
	while (r == -1 && errno == EINTR);
	if (r == 0)
		return LOCKED;
	if (errno == EWOULDBLOCK)
		return HELD;
	(void)daemon_fault_set(f, "lock", name, NULL);
	return FAILED;
}

/* Its command is dead, and its supervisor has not said so yet. */
static int
is_between(const struct daemon_status *st)
{
	return st->supervisor.pid != 0 && st->state != DAEMON_STATE_STARTING &&
	    st->state != DAEMON_STATE_BACKOFF &&
	    st->state != DAEMON_STATE_STOPPING &&
	    daemon_identity_prove(&st->id) == DAEMON_PROOF_DEAD;
}

/*
 * It is on record as live; but somebody has its lock, and so it may not be for
 * long: it is being stopped, or its supervisor is dead or dying, or its
 * command is, and soon it will be known whether another one follows.
 */
static int
is_unsettled(const struct daemon_definition *d, const struct daemon_status *st)
{
	if (st->state == DAEMON_STATE_STOPPING)
		return 1;
	/* A program that has written its own record keeps its lock. */
	if (st->supervisor.pid == 0)
		return st->state != DAEMON_STATE_STARTING && d->argv.n > 0;
	switch (daemon_identity_prove(&st->supervisor)) {
	case DAEMON_PROOF_DEAD: return 1;
	case DAEMON_PROOF_ALIVE:
		if (daemon_process_is_dying(st->supervisor.pid))
			return 1;
		break;
	case DAEMON_PROOF_ELSEWHERE:
	case DAEMON_PROOF_UNKNOWN: break;
	}
	return is_between(st);
}

/* A supervisor that lives would have said long ago what follows. */
static enum attempt
silent(const char *name, const struct daemon_status *st, int *live,
    struct daemon_fault *f)
{
	*live = 0;
	errno = EBUSY;
	(void)daemon_fault_set(f, "supervise", name,
	    "its supervisor, pid %ld, has not answered for %d s",
	    (long)st->supervisor.pid, BRIEFLY_MS / 1000);
	return FAILED;
}

/* Somebody holds it: who is told from the record, else wait for him. */
static enum attempt
wait_for_holder(struct daemon_service *s, const char *name,
    enum daemon_patience patience, struct daemon_definition *d,
    struct daemon_status *st, int *live, struct daemon_fault *f)
{
	long long now = daemon_clock_steady(), soon = now + BRIEFLY_MS;
	long long end =
	    patience == DAEMON_LOCK_BRIEFLY ? soon : now + PATIENCE_MS;

	do {
		if (look_held(s->dir, name, d, st, live, f) == -1)
			return FAILED;
		if (*live && patience != DAEMON_LOCK_ANYWAY && is_between(st) &&
		    daemon_clock_steady() > soon)
			return silent(name, st, live, f);
		if (patience == DAEMON_LOCK_NOW ||
		    (*live && patience != DAEMON_LOCK_ANYWAY &&
			!is_unsettled(d, st))) {
			errno = EEXIST;
			return FAILED;
		}
		/* A supervisor records itself, and never lets go. */
		if (wait_for_lock(s->lock, LOOK_MS) == 0)
			return LOCKED;
	} while (errno == EWOULDBLOCK && daemon_clock_steady() < end);
	/* It runs, perhaps; but not as who asks would have it. */
	*live = 0;
	if (errno == EWOULDBLOCK) {
		errno = EBUSY;
		(void)daemon_fault_set(f, "lock", name, too_long);
	} else {
		(void)daemon_fault_set(f, "lock", name, NULL);
	}
	return FAILED;
}

int
daemon_service_lock(struct daemon_service *s, int rundir, const char *name,
    enum daemon_patience patience, struct daemon_definition *d,
    struct daemon_status *st, int *live, struct daemon_fault *f)
{
	enum attempt a;
	int tries, saved;

	*live = 0;
	/* A directory may be forgotten under us, but not for ever. */
	for (tries = 0; tries < TRIES_MAX; tries++) {
		*s = DAEMON_SERVICE_NONE;
		if (open_or_make(s, rundir, name, f) == -1)
			a = errno == ENOENT ? GONE : FAILED;
		else
			a = try(s, name, f);
		if (a == HELD)
			a = wait_for_holder(s, name, patience, d, st, live, f);
		if (a == LOCKED && is_current(s)) {
			if (look(s->dir, name, d, st, live, f) == 0)
				return 0;
			a = FAILED;
		}
		if (a == FAILED)
			break;
		daemon_service_close(s);
		(void)daemon_fault_set(f, "lock", name, "it keeps vanishing");
	}
	saved = errno;
	daemon_service_close(s);
	/* Take the directory back if we made it: if nothing is in it. */
	(void)unlinkat(rundir, name, AT_REMOVEDIR);
	errno = saved;
	return -1;
}

int
daemon_service_live(int rundir, const char *name, struct daemon_status *st,
    struct daemon_fault *f)
{
	struct daemon_definition d = { 0 };
	struct daemon_service s;
	int live, r;

	if (daemon_service_open(&s, rundir, name, f) == -1)
		return errno == ENOENT ? 0 : -1;
	r = look(s.dir, name, &d, st, &live, f);
	daemon_definition_clear(&d);
	daemon_service_close(&s);
	return r == -1 ? -1 : live;
}

/* Who may not open it has no business with it. */
int
daemon_service_is_locked(const struct daemon_service *s)
{
	int fd = openat(
		s->dir, "lock", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC),
	    held;

	if (fd == -1)
		return 0;
	held = flock(fd, LOCK_SH | LOCK_NB) == -1;
	(void)close(fd);
	return held;
}

int
daemon_service_is_watched(const struct daemon_service *s)
{
	return daemon_service_is_locked(s) && is_answered(s->dir);
}

/* Its record is what it says, or will be soon: of a pidfile's directory it
 * is enough to know whose it is. */
static int
is_settled(
    const struct daemon_service *s, const char *name, struct daemon_fault *f)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	char owner[DAEMON_NAME_MAX + 1];
	int live, r;

	if (!daemon_service_is_locked(s) ||
	    daemon_service_alias(s->dir, owner) == 0)
		return 1;
	r = look_held(s->dir, name, &d, &st, &live, f);
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return r == -1 ? -1 : live;
}

int
daemon_service_settle(
    const struct daemon_service *s, const char *name, struct daemon_fault *f)
{
	long long end = daemon_clock_steady() + PATIENCE_MS;
	struct timespec t = { .tv_nsec = 500000 };
	int r;

	for (;;) {
		r = is_settled(s, name, f);
		if (r != 0)
			return r == 1 ? 0 : -1;
		if (daemon_clock_steady() > end) {
			errno = EWOULDBLOCK;
			return daemon_fault_set(f, "lock", name, too_long);
		}
		(void)nanosleep(&t, NULL);
		if (t.tv_nsec < 16000000)
			t.tv_nsec *= 2;
	}
}
