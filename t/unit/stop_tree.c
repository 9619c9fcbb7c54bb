/* SPDX-License-Identifier: ISC */
/*
 * Real processes, stopped: each test starts a daemon with a habit, stops
 * it, and asks the kernel who is left.
 */
#include <pthread.h>

#include "stop_unit.h"

#define QUICK "TERM/0.2/KILL/5"

static void
polite(struct cast *c)
{
	stay(c);
}

static void
deaf(struct cast *c)
{
	ignore_term();
	stay(c);
}

static void
frozen(struct cast *c)
{
	ready(c);
	(void)raise(SIGSTOP);
	stay(c);
}

static void
wrapper(struct cast *c)
{
	(void)dup2(c->pipe[1], 3);
	ready(c);
	(void)execl("/bin/sh", "sh", "-c",
	    "sh -c 'kill -STOP $$; :' & sleep 1000; :", (char *)NULL);
}

static void
family(struct cast *c)
{
	if (fork() == 0)
		stay(c);
	stay(c);
}

/* A child with a session of its own, and one below that. */
static void
apart(struct cast *c)
{
	if (fork() == 0) {
		(void)setsid();
		ignore_term();
		if (fork() == 0) {
			(void)setsid();
			stay(c);
		}
		stay(c);
	}
	stay(c);
}

/* An orphan in the daemon's session, with a child in another. */
static void
orphan(struct cast *c)
{
	if (fork() == 0) {
		if (fork() == 0) {
			if (fork() == 0) {
				(void)setsid();
				stay(c);
			}
			stay(c);
		}
		_exit(0);
	}
	(void)wait(NULL);
	stay(c);
}

/* A descendant that leads a session, whose child is an orphan in it. */
static void
orphan_apart(struct cast *c)
{
	if (fork() == 0) {
		(void)setsid();
		if (fork() == 0) {
			if (fork() == 0)
				stay(c);
			_exit(0);
		}
		(void)wait(NULL);
		stay(c);
	}
	stay(c);
}

/* The parent of these dies at once; their group is their own. */
static void
own_group(struct cast *c)
{
	if (fork() == 0) {
		(void)setpgid(0, 0);
		if (fork() == 0) {
			(void)setpgid(0, 0);
			stay(c);
		}
		_exit(0);
	}
	(void)wait(NULL);
	stay(c);
}

static int generations;
static struct cast *stage;

static void
beget(int sig)
{
	(void)sig;
	if (generations-- > 0 && fork() == 0) {
		ready(stage);
		return;
	}
	_exit(0);
}

/* Asked to end, it leaves a child that does the same. */
static void
chain(struct cast *c)
{
	generations = 20;
	stage = c;
	(void)signal(SIGTERM, beget);
	stay(c);
}

static void *
have_child(void *arg)
{
	struct cast *c = arg;

	if (fork() == 0) {
		(void)setsid();
		stay(c);
	}
	for (;;)
		(void)pause();
}

static void
threaded(struct cast *c)
{
	pthread_t t;

	if (pthread_create(&t, NULL, have_child, c) != 0)
		_exit(2);
	stay(c);
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

static const struct {
	const char *promise;
	void (*play)(struct cast *);
	size_t n; /* processes that get ready */
	size_t killed;
	size_t at_most; /* victims, 0: n */
} plays[] = {
	{ "a polite daemon", polite, 1, 0, 0 },
	{ "a deaf one is killed", deaf, 1, 1, 0 },
	{ "a stopped one dies of TERM", frozen, 1, 0, 0 },
	{ "a shell and what it started", wrapper, 1, 0, 3 },
	{ "a child", family, 2, 0, 0 },
	{ "descendants with sessions of their own", apart, 3, 2, 0 },
	{ "an orphan in its session, and its child", orphan, 3, 0, 0 },
	{ "an orphan in a descendant's session", orphan_apart, 3, 0, 0 },
	{ "an orphan with a group of its own", own_group, 2, 0, 0 },
	{ "a chain of forks", chain, 1, 0, 21 },
	{ "a child of a thread", threaded, 2, 0, 0 },
	{ "a hundred children", many, 101, 0, 0 },
};

static void
stops_all(void)
{
	struct daemon_stopping r;
	struct daemon_fault f;
	struct cast c;
	pid_t pid;
	size_t i;
	int got;

	for (i = 0; i < sizeof plays / sizeof plays[0]; i++) {
		cast_open(&c);
		pid = start(&c, plays[i].play);
		expect(&c, plays[i].n);
		got = stop(&r, pid, QUICK, &f);
		expect_late(&c);
		ok(got == 0 && living(&c) == 0, "%s: gone (%zu left)",
		    plays[i].promise, living(&c));
		ok(killed(&r) == plays[i].killed, "%s: %zu killed",
		    plays[i].promise, killed(&r));
		ok(r.n >= plays[i].n &&
			r.n <= (plays[i].at_most != 0 ? plays[i].at_most
						      : plays[i].n) &&
			r.victims[0].main && r.victims[0].id.pid == pid &&
			!r.blind && r.victims[r.n - 1].comm[0] != '\0',
		    "%s: %zu named, the main process first", plays[i].promise,
		    r.n);
		ok(r.ms < (plays[i].killed != 0 ? 2000 : 150),
		    "%s: returns at the death (%lld ms)", plays[i].promise,
		    r.ms);
		daemon_stopping_clear(&r);
		cast_close(&c);
	}
}

int
main(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	stops_all();
	return finish();
}
