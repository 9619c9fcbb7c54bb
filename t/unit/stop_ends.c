/* SPDX-License-Identifier: ISC */
/*
 * How a stop can end otherwise: zombies, refusals, the schedule's end; and
 * that neither signals to us nor a lack of descriptors spoil it.
 */
#include <sys/resource.h>
#include <sys/time.h>

#include "../../libdaemon/stop/tree.h"
#include "stop_unit.h"

static void
deaf(struct cast *c)
{
	ignore_term();
	stay(c);
}

/* Its parent, we, never reaps while the stop runs. */
static void
unreaped(void)
{
	struct daemon_schedule s;
	struct daemon_identity id;
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c;
	pid_t pid;
	int got;

	cast_open(&c);
	pid = start(&c, stay);
	expect(&c, 1);
	if (daemon_identity_of(&id, pid) == -1 ||
	    daemon_schedule_parse(&s, DAEMON_SCHEDULE_DEFAULT, &f) == -1)
		err(2, "unreaped");
	got = daemon_stop(&r, &id, &s, NULL, &f);
	ok(got == 0 && r.ms < 1000 && r.n == 1 && !r.victims[0].alive,
	    "a zombie nobody reaps is dead: at once (%lld ms)", r.ms);
	ok(kill(pid, 0) == 0, "and it was one");
	daemon_stopping_clear(&r);
	ok(daemon_stop(&r, &id, &s, NULL, &f) == 1,
	    "stopped again: not running");
	daemon_stopping_clear(&r);
	cast_close(&c);
}

static void
outlived(void)
{
	struct daemon_stopping r;
	struct daemon_fault f = { 0 };
	struct cast c;
	pid_t pid;
	int got;

	cast_open(&c);
	pid = start(&c, deaf);
	expect(&c, 1);
	got = stop(&r, pid, "TERM/0.05", &f);
	ok(got == -1 && errno == ETIMEDOUT && f.error == ETIMEDOUT &&
		living(&c) == 1 && r.n == 1 && r.victims[0].alive &&
		r.victims[0].state == 'S' && !r.victims[0].killed,
	    "the schedule ends first: %s: %s: %s", f.step, f.object,
	    daemon_fault_reason(&f));
	ok(r.ms >= 50 && r.ms < 1000, "neither sooner nor later (%lld ms)",
	    r.ms);
	daemon_stopping_clear(&r);
	got = stop(&r, pid, "TERM/0.05/forever/KILL/0.05", &f);
	ok(got == 0 && living(&c) == 0 && killed(&r) == 1, "repeated");
	daemon_stopping_clear(&r);
	cast_close(&c);
}

/* The main process ends, a child that is deaf does not. */
static void
child_outlives(void)
{
	struct daemon_stopping r;
	struct daemon_fault f = { 0 };
	struct cast c;
	pid_t pid;
	int got;

	cast_open(&c);
	if ((pid = fork()) == 0) {
		if (fork() == 0)
			deaf(&c);
		stay(&c);
	}
	expect(&c, 2);
	got = stop(&r, pid, "TERM/0.05", &f);
	ok(got == -1 && errno == ETIMEDOUT && living(&c) == 1 && r.n == 2 &&
		!r.victims[0].alive && r.victims[1].alive,
	    "a child outlives the schedule: %s", daemon_fault_reason(&f));
	daemon_stopping_clear(&r);
	cast_close(&c);
}

static void
denied(void)
{
	struct daemon_stopping r;
	struct daemon_fault f = { 0 };
	struct cast c;
	pid_t pid, other;
	int status, got;

	if (geteuid() != 0) {
		ok(1, "not permitted # SKIP needs root");
		return;
	}
	cast_open(&c);
	pid = start(&c, stay);
	expect(&c, 1);
	if ((other = fork()) == 0) {
		if (setuid(65534) == -1)
			_exit(2);
		got = stop(&r, pid, DAEMON_SCHEDULE_DEFAULT, &f);
		_exit(!(got == -1 && errno == EPERM && f.error == EPERM &&
		    r.ms < 1000 && r.victims[0].alive));
	}
	(void)waitpid(other, &status, 0);
	ok(status == 0 && living(&c) == 1, "not permitted: EPERM at once");
	cast_close(&c);
}

static void
refused(void)
{
	struct daemon_schedule s;
	struct daemon_identity id;
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c;

	cast_open(&c);
	(void)start(&c, stay);
	expect(&c, 1);
	if (daemon_schedule_parse(&s, "TERM/0", &f) == -1 ||
	    daemon_identity_of(&id, c.pid[0]) == -1)
		err(2, "refused");
	id.pidns++;
	ok(daemon_stop(&r, &id, &s, NULL, &f) == -1 && errno == EXDEV,
	    "another pid namespace: EXDEV");
	id.pidns--;
	id.boot[0] = (char)(id.boot[0] == 'x' ? 'y' : 'x');
	ok(daemon_stop(&r, &id, &s, NULL, &f) == 1,
	    "another boot: not running");
	id.pid = 0;
	ok(daemon_stop(&r, &id, &s, NULL, &f) == 1, "pid 0: not running");
	if (daemon_identity_of(&id, getpid()) == 0)
		ok(daemon_stop(&r, &id, &s, NULL, &f) == -1 && errno == EPERM,
		    "ourselves: %s", daemon_fault_reason(&f));
	if (daemon_identity_of(&id, 1) == 0)
		ok(daemon_stop(&r, &id, &s, NULL, &f) == -1 && errno == EPERM,
		    "pid 1: %s", daemon_fault_reason(&f));
	ok(living(&c) == 1, "nobody was signalled");
	cast_close(&c);
}

static void
nothing(int sig)
{
	(void)sig;
}

static void
interrupted(void)
{
	struct itimerval off = { 0 },
			 often = { .it_value = { 0, 1000 },
				 .it_interval = { 0, 1000 } };
	struct sigaction sa = { .sa_handler = nothing };
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c;
	pid_t pid;
	int got;

	cast_open(&c);
	pid = start(&c, deaf);
	expect(&c, 1);
	(void)sigaction(SIGALRM, &sa, NULL);
	(void)setitimer(ITIMER_REAL, &often, NULL);
	got = stop(&r, pid, "TERM/0.2/KILL/5", &f);
	(void)setitimer(ITIMER_REAL, &off, NULL);
	ok(got == 0 && living(&c) == 0 && r.ms >= 200 && r.ms < 1000,
	    "a thousand alarms a second change nothing (%lld ms)", r.ms);
	daemon_stopping_clear(&r);
	cast_close(&c);
}

static void
many(struct cast *c)
{
	int i;

	for (i = 0; i < 100; i++)
		if (fork() == 0)
			stay(c);
	stay(c);
}

/* More processes than descriptors. */
static void
crowded(void)
{
	struct daemon_stopping r;
	struct rlimit was, low;
	struct daemon_fault f;
	struct cast c;
	pid_t pid, other;
	int status, got;

	cast_open(&c);
	pid = start(&c, many);
	expect(&c, 101);
	if (getrlimit(RLIMIT_NOFILE, &was) == -1)
		err(2, "getrlimit");
	if ((other = fork()) == 0) {
		size_t i;

		for (i = 0; i < c.n; i++)
			(void)close(c.pidfd[i]);
		low = was;
		low.rlim_cur = 32;
		(void)setrlimit(RLIMIT_NOFILE, &low);
		got = stop(&r, pid, "TERM/5/KILL/5", &f);
		_exit(!(got == 0 && r.n == 101 && killed(&r) == 0));
	}
	(void)waitpid(other, &status, 0);
	ok(status == 0 && living(&c) == 0,
	    "a hundred and one processes with 32 descriptors (%zu left)",
	    living(&c));
	cast_close(&c);
}

static void
apart(struct cast *c)
{
	if (fork() == 0) {
		(void)setsid();
		if (fork() == 0)
			stay(c);
		stay(c);
	}
	stay(c);
}

static void
by_parent(void)
{
	struct daemon_identity id;
	struct daemon_tree t;
	struct cast c;
	pid_t pid;

	cast_open(&c);
	pid = start(&c, apart);
	expect(&c, 3);
	if (daemon_identity_of(&id, pid) == -1 ||
	    daemon_tree_begin(&t, &id, daemon_pidfd_open(pid), NULL) == -1)
		err(2, "by_parent");
	t.by_parent = 1;
	ok(daemon_tree_look(&t) == 0 && t.n == 3,
	    "found by parent, where the kernel keeps no lists of children");
	ok(daemon_tree_look(&t) == 0 && t.n == 3, "and found once");
	daemon_tree_end(&t);
	cast_close(&c);
}

int
main(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	unreaped();
	outlived();
	child_outlives();
	denied();
	refused();
	interrupted();
	crowded();
	by_parent();
	return finish();
}
