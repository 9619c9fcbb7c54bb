/* SPDX-License-Identifier: ISC */
/* What is kept, seen by those who are no supervisor. */
#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "../output/keep.h"
#include "../output/spool.h"
#include "keeping.h"
#include "launch.h"
#include "sockets.h"

enum {
	SETTLE_MS = 1000,
	LOOK_NS = 2000000,
	REVIVE_MS = 600000, /* a stop may be long */
	LOCKED_NS = 50000000,
	FAILED_NS = 900000000
};

static const char *const pipes[] = DAEMON_KEEPING_PIPES;

static void
look_again_soon(long ns)
{
	const struct timespec soon = { .tv_nsec = ns };

	(void)nanosleep(&soon, NULL);
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
	if (r == 0 && st.supervisor.pid == dead &&
	    !daemon_state_is_final(st.state)) {
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
daemon_keeping_dismiss(int dir, const struct daemon_definition *d)
{
	struct daemon_spool s;
	size_t n;

	if (!d->captured && d->listen.n == 0)
		return;
	if (daemon_spool_peek(dir) != -1 && daemon_keep_inherit(&s, dir) == 0) {
		n = daemon_spool_backlog(&s);
		daemon_spool_close(&s);
		if (n == 0)
			daemon_keeping_clean(dir);
	}
	daemon_sockets_remove(d);
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
