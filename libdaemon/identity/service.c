/* SPDX-License-Identifier: ISC */
/*
 * The directory of one service, and its lock.
 *
 * The lock is held by a launcher until the command has been executed, and
 * by the process about to execute, never by the command.  A free lock
 * therefore means: recorded, or dead.
 */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "service.h"

enum { TRIES_MAX = 100 };

int
daemon_name_ok(const char *name)
{
	size_t n = strlen(name);

	return n >= 1 && n <= DAEMON_NAME_MAX && name[0] != '.' &&
	    name[0] != '-' &&
	    strspn(name,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789_.@:-") == n;
}

/* FNV-1a: the name only has to differ between honest paths; whoever can
 * choose a path that collides can also choose the same path. */
static uint64_t
hash(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

void
daemon_name_of_pidfile(
    char name[DAEMON_NAME_MAX + 1], const char *realdir, const char *base)
{
	uint64_t h = 0xcbf29ce484222325u;
	char *p;

	h = hash(hash(hash(h, realdir), "/"), base);
	(void)snprintf(name, DAEMON_NAME_MAX + 1, "%%%.40s-%016llx", base,
	    (unsigned long long)h);
	for (p = name; *p != '\0'; p++)
		if ((unsigned char)*p < 0x21 || *p == 0x7f)
			*p = '_';
}

int
daemon_service_open(struct daemon_service *s, int rundir, const char *name,
    struct daemon_fault *f)
{
	s->lock = -1;
	s->dir = openat(
	    rundir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return s->dir == -1 ? daemon_fault_set(f, "lock", name, NULL) : 0;
}

void
daemon_service_close(struct daemon_service *s)
{
	int saved = errno;

	if (s->lock != -1)
		(void)close(s->lock);
	if (s->dir != -1)
		(void)close(s->dir);
	*s = DAEMON_SERVICE_NONE;
	errno = saved;
}

void
daemon_service_discard(
    const struct daemon_service *s, int rundir, const char *name)
{
	if (faccessat(s->dir, DAEMON_RECORD_PUBLIC, F_OK, 0) == 0 ||
	    faccessat(s->dir, DAEMON_RECORD_STATE, F_OK, 0) == 0)
		return;
	(void)unlinkat(s->dir, "name", 0);
	(void)unlinkat(s->dir, "lock", 0);
	(void)unlinkat(rundir, name, AT_REMOVEDIR);
}

static int
open_or_make(struct daemon_service *s, int rundir, const char *name,
    struct daemon_fault *f)
{
	if (daemon_service_open(s, rundir, name, f) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	/* Modes are what they are under any umask. */
	if (mkdirat(rundir, name, 0755) == 0
		? fchmodat(rundir, name, 0755, 0) == -1
		: errno != EEXIST)
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

/*
 * What does the record say, and is it true?  A record that cannot be read,
 * or a process that cannot be looked at, is no "no".
 */
static int
look(int dir, const char *name, struct daemon_definition *d,
    struct daemon_status *st, int *live, struct daemon_fault *f)
{
	enum daemon_proof proof;
	int fd;

	daemon_definition_clear(d);
	daemon_status_clear(st);
	*live = 0;
	if (daemon_record_read(dir, DAEMON_RECORD_PUBLIC, d, st) == -1) {
		if (errno == ENOENT)
			return 0;
		return daemon_fault_set(f, "record", name,
		    errno == EPROTO
			? "cannot be read: damaged, or of another version "
			  "(if it does not run, remove its directory)"
			: NULL);
	}
	fd = daemon_identity_open(&st->id, &proof);
	*live = proof == DAEMON_PROOF_ALIVE;
	if (proof == DAEMON_PROOF_UNKNOWN)
		return daemon_fault_set(f, "record", name,
		    "cannot tell whether pid %ld runs: %s", (long)st->id.pid,
		    strerror(errno));
	if (fd != -1)
		(void)close(fd);
	return 0;
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

/* Somebody holds it: who is told from the record, else wait for him. */
static enum attempt
wait_for_holder(struct daemon_service *s, const char *name, int timeout_ms,
    struct daemon_definition *d, struct daemon_status *st, int *live,
    struct daemon_fault *f)
{
	if (look(s->dir, name, d, st, live, f) == -1)
		return FAILED;
	if (*live) {
		errno = EEXIST;
		return FAILED;
	}
	if (wait_for_lock(s->lock, timeout_ms) == 0)
		return LOCKED;
	(void)daemon_fault_set(f, "lock", name,
	    errno == EWOULDBLOCK ? "a start under way did not end in time"
				 : NULL);
	return FAILED;
}

int
daemon_service_lock(struct daemon_service *s, int rundir, const char *name,
    int timeout_ms, struct daemon_definition *d, struct daemon_status *st,
    int *live, struct daemon_fault *f)
{
	enum attempt a;
	int tries;

	*live = 0;
	/* A directory may be forgotten under us, but not for ever. */
	for (tries = 0; tries < TRIES_MAX; tries++) {
		*s = DAEMON_SERVICE_NONE;
		if (open_or_make(s, rundir, name, f) == -1)
			a = errno == ENOENT ? GONE : FAILED;
		else
			a = try(s, name, f);
		if (a == HELD)
			a = wait_for_holder(
			    s, name, timeout_ms, d, st, live, f);
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
	daemon_service_close(s);
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

int
daemon_service_alias(int dir, char name[DAEMON_NAME_MAX + 1])
{
	char target[DAEMON_NAME_MAX + 2];
	ssize_t n = readlinkat(dir, "name", target, sizeof target);

	if (n == -1)
		return -1;
	if (n > DAEMON_NAME_MAX) {
		errno = ENOENT;
		return -1;
	}
	target[n] = '\0';
	if (!daemon_name_ok(target)) {
		errno = ENOENT;
		return -1;
	}
	(void)strcpy(name, target);
	return 0;
}

int
daemon_service_set_alias(int dir, const char *name)
{
	if (unlinkat(dir, "name", 0) == -1 && errno != ENOENT)
		return -1;
	return symlinkat(name, dir, "name");
}
