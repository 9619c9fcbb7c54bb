/* SPDX-License-Identifier: ISC */
/*
 * The right process or none: neighbours of a daemon, our own family, and
 * processes that took a number over, none of which may feel a stop.  A
 * stranger blocks every signal; what it was sent stays pending.
 */
#include <sys/syscall.h>

#include <sched.h>
#include <stdint.h>

#include "stop_unit.h"

#define QUICK "TERM/0.2/KILL/5"

static void
stranger(struct cast *c)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGALRM);
	(void)sigprocmask(SIG_BLOCK, &all, NULL);
	stay(c);
}

/* The signals that wait for pid, and its state. */
static unsigned long long
pending(pid_t pid)
{
	unsigned long long mine = 0, shared = 0;
	char path[32], line[128];
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return ~0ull;
	while (fgets(line, sizeof line, f) != NULL) {
		(void)sscanf(line, "SigPnd: %llx", &mine);
		(void)sscanf(line, "ShdPnd: %llx", &shared);
	}
	(void)fclose(f);
	return (mine | shared) & ~(1ull << (SIGCHLD - 1));
}

static int
is_unharmed(pid_t pid)
{
	struct daemon_process_stat st;

	/* Only KILL and STOP do not stay pending. */
	return daemon_process_stat(pid, &st) == 0 &&
	    (st.state == 'S' || st.state == 'R') && pending(pid) == 0;
}

/* Like a daemon in the foreground: it shares its starter's session. */
static void
foreground(void)
{
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c, n;
	pid_t pid;
	int got;

	cast_open(&c);
	cast_open(&n);
	if (fork() == 0)
		stranger(&n);
	expect(&n, 1);
	if ((pid = fork()) == 0) {
		if (fork() == 0)
			stay(&c);
		stay(&c);
	}
	expect(&c, 2);
	got = stop(&r, pid, QUICK, &f);
	ok(got == 0 && living(&c) == 0 && r.n == 2,
	    "one in our own session: it and its child");
	ok(is_unharmed(n.pid[0]), "one in our own session: not its neighbour");
	daemon_stopping_clear(&r);
	cast_close(&c);
	cast_close(&n);
}

static struct cast neighbours;

/* A session with two jobs: a daemon in the foreground, and a stranger. */
static void
shell(struct cast *c)
{
	if (fork() == 0)
		stranger(&neighbours);
	if (fork() == 0) {
		if (fork() == 0)
			stay(c);
		stay(c);
	}
	stranger(&neighbours);
}

static void
lead_shell(struct cast *c)
{
	(void)setsid();
	shell(c);
}

/* The shell ends, its jobs go on: nothing says whose session it was. */
static void
dead_leader(void)
{
	struct daemon_process_stat st;
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c;
	size_t i, main_one = 0;
	pid_t lead;
	int got;

	cast_open(&c);
	cast_open(&neighbours);
	lead = start(&c, lead_shell);
	expect(&c, 2);
	expect(&neighbours, 2);
	for (i = 0; i < 2; i++)
		if (daemon_process_stat(c.pid[i], &st) == 0 && st.ppid == lead)
			main_one = i;
	(void)kill(lead, SIGKILL);
	(void)waitpid(lead, NULL, 0);
	got = stop_in(0, &r, c.pid[main_one], QUICK, &f);
	ok(got == 0 && living(&c) == 0 && r.n == 2,
	    "one in a dead shell's session: it and its child");
	for (i = 0; i < 2; i++)
		ok(neighbours.pid[i] == lead || is_unharmed(neighbours.pid[i]),
		    "one in a dead shell's session: not its other job");
	daemon_stopping_clear(&r);
	cast_close(&c);
	cast_close(&neighbours);
}

static void
living_leader(void)
{
	struct daemon_process_stat st;
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c;
	pid_t lead;
	size_t i, main_one = 0;
	int got;

	cast_open(&c);
	cast_open(&neighbours);
	lead = start(&c, lead_shell);
	expect(&c, 2);
	expect(&neighbours, 2);
	for (i = 0; i < 2; i++)
		if (daemon_process_stat(c.pid[i], &st) == 0 && st.ppid == lead)
			main_one = i;
	got = stop(&r, c.pid[main_one], QUICK, &f);
	ok(got == 0 && living(&c) == 0 && r.n == 2,
	    "one in a shell's session: it and its child");
	ok(is_unharmed(neighbours.pid[0]) && is_unharmed(neighbours.pid[1]),
	    "one in a shell's session: not the shell nor its other job");
	daemon_stopping_clear(&r);
	cast_close(&c);
	cast_close(&neighbours);
}

/* The stop is called from below the daemon. */
static void
from_below(void)
{
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c;
	pid_t daemon, up, own;
	int p[2], got = -1, n;

	cast_open(&c);
	if (pipe(p) == -1)
		err(2, "pipe");
	if ((daemon = fork()) == 0) {
		daemon = getpid();
		(void)setsid();
		if (fork() == 0)
			stay(&c);
		if (fork() == 0) {
			up = fork();
			if (up != 0)
				stay(&c);
			if ((own = fork()) == 0)
				stay(&c);
			expect(&c, 4);
			got = stop(&r, daemon, QUICK, &f);
			n = got == 0 ? (int)r.n : -1;
			if (kill(own, 0) == -1)
				n = -2;
			if (write(p[1], &n, sizeof n) != sizeof n)
				_exit(2);
			(void)kill(own, SIGKILL);
			(void)kill(getppid(), SIGKILL);
			_exit(0);
		}
		stay(&c);
	}
	if (read(p[0], &n, sizeof n) != sizeof n)
		err(2, "read");
	ok(n == 2,
	    "called from below: the daemon and its other child go, "
	    "we, our parent and our child stay (%d)",
	    n);
	(void)close(p[0]);
	(void)close(p[1]);
	cast_close(&c);
}

/* Be pid: 0 in it, its number in its parent; -1 if that cannot be had. */
static pid_t
clone_as(pid_t pid)
{
	/* As the kernel has it; musl has not. */
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal,
		    stack, stack_size, tls, set_tid, set_tid_size;
	} a = { .exit_signal = SIGCHLD,
		.set_tid = (uint64_t)(uintptr_t)&pid,
		.set_tid_size = 1 };

	return (pid_t)syscall(SYS_clone3, &a, sizeof a);
}

static void
recycled(void)
{
	struct daemon_process_stat st;
	struct daemon_schedule s;
	struct daemon_identity id, exact;
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c, n;
	pid_t pid;

	cast_open(&c);
	cast_open(&n);
	pid = start(&c, stay);
	expect(&c, 1);
	if (daemon_identity_of(&id, pid) == -1 ||
	    daemon_schedule_parse(&s, QUICK, &f) == -1)
		err(2, "recycled");
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	ok(daemon_stop(&r, &id, &s, NULL, &f) == 1 && r.n == 0,
	    "one that is dead was not running");
	if ((pid = clone_as(pid)) == 0)
		stranger(&n);
	if (pid == -1) {
		ok(1, "recycled # SKIP needs root: %s", strerror(errno));
	} else {
		expect(&n, 1);
		ok(daemon_stop(&r, &id, &s, NULL, &f) == 1 && is_unharmed(pid),
		    "a stranger with its pid is left alone");
		/* As if both had been born within one tick. */
		exact = id;
		if (daemon_process_stat(pid, &st) == 0)
			exact.start = st.start;
		if (id.pidfd != 0)
			ok(daemon_stop(&r, &exact, &s, NULL, &f) == 1 &&
				is_unharmed(pid),
			    "also one with its pid and its start time");
	}
	daemon_stopping_clear(&r);
	cast_close(&c);
	cast_close(&n);
}

static int told[2]; /* written when the deaf child gets its TERM */

static void
tell(int sig)
{
	(void)sig;
	if (write(told[1], "", 1) != 1)
		_exit(2);
}

/* A daemon that leads its session; what keeps the stop busy is elsewhere. */
static void
leader(struct cast *c)
{
	(void)setsid();
	if (fork() == 0) {
		(void)setsid();
		(void)signal(SIGTERM, tell);
		stay(c);
	}
	stay(c);
}

enum { LEADERLESS = 1, LATE = 2 };

/* Take the daemon's number over once it is dead, with a session of that
 * number, and a stranger in it. */
static void
usurp(struct cast *n, pid_t pid, int how)
{
	char byte;
	pid_t p;

	/* Late: the stop has looked, and seen the daemon's zombie. */
	if ((how & LATE) != 0 && read(told[0], &byte, 1) != 1)
		_exit(2);
	if (waitpid(pid, NULL, 0) == -1 || (p = clone_as(pid)) == -1)
		_exit(2);
	if (p == 0) {
		(void)setsid();
		if (fork() == 0)
			stranger(n);
		if ((how & LEADERLESS) != 0)
			_exit(0);
		stranger(n);
	}
	if ((how & LEADERLESS) != 0)
		(void)waitpid(p, NULL, 0);
	for (;;)
		(void)pause();
}

/*
 * While a deaf grandchild holds the stop up, the daemon's number and session
 * become somebody else's.
 */
static void
session_recycled(int how)
{
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c, n;
	pid_t reaper, pid;
	int p[2], got;
	size_t i, unharmed = 0;

	cast_open(&c);
	cast_open(&n);
	if (pipe(p) == -1 || pipe(told) == -1 || (reaper = fork()) == -1)
		err(2, "session_recycled");
	if (reaper == 0) {
		(void)setsid();
		(void)alarm(60);
		(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
		pid = start(&c, leader);
		if (write(p[1], &pid, sizeof pid) != sizeof pid)
			_exit(2);
		usurp(&n, pid, how);
	}
	if (read(p[0], &pid, sizeof pid) != sizeof pid)
		err(2, "read");
	expect(&c, 2);
	got = stop(&r, pid, "TERM/0.3/KILL/5", &f);
	ok(got == 0 && living(&c) == 0 && r.n == 2 && killed(&r) == 1,
	    "the daemon and its deaf child are gone");
	expect(&n, (how & LEADERLESS) != 0 ? 1 : 2);
	for (i = 0; i < n.n; i++)
		unharmed += (size_t)is_unharmed(n.pid[i]);
	ok(unharmed == n.n, "who took number and session over%s%s stays",
	    (how & LATE) != 0 ? ", late," : "",
	    (how & LEADERLESS) != 0 ? " and lost the leader" : "");
	(void)kill(reaper, SIGKILL);
	(void)waitpid(reaper, NULL, 0);
	for (i = 0; i < 2; i++) {
		(void)close(p[i]);
		(void)close(told[i]);
	}
	daemon_stopping_clear(&r);
	cast_close(&c);
	cast_close(&n);
}

/* Can this test take numbers over? */
static int
is_able(void)
{
	pid_t gone = fork(), pid;

	if (gone == 0)
		_exit(0);
	(void)waitpid(gone, NULL, 0);
	if ((pid = clone_as(gone)) == 0)
		_exit(0);
	if (pid != -1)
		(void)waitpid(pid, NULL, 0);
	return pid != -1;
}

int
main(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	foreground();
	living_leader();
	dead_leader();
	from_below();
	recycled();
	if (is_able()) {
		session_recycled(0);
		session_recycled(LEADERLESS);
		session_recycled(LATE);
		session_recycled(LATE | LEADERLESS);
	} else {
		ok(1, "recycled sessions # SKIP needs root");
	}
	return finish();
}
