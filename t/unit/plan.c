/* SPDX-License-Identifier: ISC */
/*
 * Plans: for every combination of what can be asked for and every mode, the
 * order that makes a start safe, and nothing that was not asked for.
 */
#undef NDEBUG

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libdaemon/start/plan.h"

enum wish {
	PIDFILE = 1u << 0,
	LOCK = 1u << 1, /* of the same file */
	NAME = 1u << 2,
	ALIAS = 1u << 3, /* the name of a pidfile */
	ROOT = 1u << 4,
	USER = 1u << 5,
	CWD = 1u << 6,
	OUT = 1u << 7,
	TRUNCATE = 1u << 8,
	SIGCHLD_ = 1u << 9,
	LIMIT = 1u << 10,
	AGAIN = 1u << 11,
	GROUP = 1u << 12,
	NICE = 1u << 13,
	ALL = 1u << 14
};

static char web[] = "web", alias[] = "%web-0", x[] = "/x", user[] = "www",
	    group[] = "adm", dir[] = "/srv", command[] = "httpd";

static void
wish(struct daemon_definition *d, unsigned w)
{
	*d = (struct daemon_definition){
		.command = command,
		.umask = 027,
		.nice = 5,
		.pidfile = (w & PIDFILE) != 0 ? x : NULL,
		.lockfile = (w & LOCK) != 0 ? x : NULL,
		.name = (w & ALIAS) != 0 ? alias
		    : (w & NAME) != 0	 ? web
					 : NULL,
		.root = (w & ROOT) != 0 ? dir : NULL,
		.user = (w & USER) != 0 ? user : NULL,
		.group = (w & GROUP) != 0 ? group : NULL,
		.cwd = (w & CWD) != 0 ? dir : NULL,
		.out = (w & OUT) != 0 ? x : NULL,
		.truncate = (w & TRUNCATE) != 0,
		.ignore_sigchld = (w & SIGCHLD_) != 0,
		.again = (w & AGAIN) != 0,
		.renice = (w & NICE) != 0,
	};
	if ((w & LIMIT) != 0)
		assert(daemon_list_add(&d->limits, "nofile=1:2") == 0);
	assert(daemon_list_add(&d->inherited, "core=0:0") == 0);
}

static size_t
count(const struct daemon_plan *p, enum daemon_step step)
{
	size_t i, n = 0;

	for (i = 0; i < p->n; i++)
		n += p->action[i].step == step;
	return n;
}

/* The enum is the order; nothing is done twice but limits. */
static void
in_order(const struct daemon_plan *p)
{
	size_t i;

	assert(p->n > 0);
	for (i = 1; i < p->n; i++)
		if (p->action[i].step == DAEMON_STEP_LIMIT)
			assert(p->action[i - 1].step <= DAEMON_STEP_LIMIT);
		else
			assert(p->action[i - 1].step < p->action[i].step);
}

static void
as_asked(const struct daemon_plan *p, unsigned w, enum daemon_plan_mode mode)
{
	int rehearsal = mode == DAEMON_PLAN_REHEARSAL;
	int check = mode == DAEMON_PLAN_CHECK || rehearsal;
	int same = (w & PIDFILE) != 0 && (w & LOCK) != 0;
	size_t forks = mode == DAEMON_PLAN_DETACH;

	assert(count(p, DAEMON_STEP_FORK) == forks);
	assert(count(p, DAEMON_STEP_SESSION) == forks);
	assert(count(p, DAEMON_STEP_FORK_AGAIN) == forks);
	assert(count(p, DAEMON_STEP_PIDFILE) ==
	    (!check && (w & PIDFILE) != 0 && !same));
	assert(count(p, DAEMON_STEP_LOCK_PID) == (!check && same));
	assert(count(p, DAEMON_STEP_NAME_PID) ==
	    (!check && (w & NAME) != 0 && (w & ALIAS) == 0));
	assert(count(p, DAEMON_STEP_RECORD) ==
	    (!check && (w & (NAME | ALIAS | PIDFILE)) != 0));
	assert(count(p, DAEMON_STEP_UMASK) == 1);
	assert(count(p, DAEMON_STEP_NICE) == ((w & (NICE | AGAIN)) != 0));
	assert(count(p, DAEMON_STEP_LIMIT) ==
	    ((w & LIMIT) != 0) + (size_t)((w & AGAIN) != 0));
	assert(count(p, DAEMON_STEP_ROOT) == ((w & ROOT) != 0));
	assert(count(p, DAEMON_STEP_USER) == ((w & USER) != 0));
	assert(count(p, DAEMON_STEP_GROUP) == ((w & (GROUP | USER)) == GROUP));
	assert(count(p, DAEMON_STEP_CWD) == ((w & CWD) != 0));
	assert(count(p, DAEMON_STEP_STDIO) ==
	    (forks == 1 || (!check && (w & OUT) != 0)));
	assert(count(p, DAEMON_STEP_DESCRIPTORS) == 1);
	assert(
	    count(p, DAEMON_STEP_TRUNCATE) == (!check && (w & TRUNCATE) != 0));
	assert(count(p, DAEMON_STEP_FIND) ==
	    (rehearsal || count(p, DAEMON_STEP_TRUNCATE) == 1));
	assert(count(p, DAEMON_STEP_EXEC) == !rehearsal);
	assert(count(p, DAEMON_STEP_SIGNALS) == 1);
	assert(count(p, DAEMON_STEP_SIGCHLD) == ((w & SIGCHLD_) != 0));
}

static void
every_one(void)
{
	static const enum daemon_plan_mode modes[] = { DAEMON_PLAN_DETACH,
		DAEMON_PLAN_FOREGROUND, DAEMON_PLAN_CHECK,
		DAEMON_PLAN_REHEARSAL };
	struct daemon_definition d;
	struct daemon_plan p;
	unsigned w;
	size_t m;

	for (w = 0; w < ALL; w++) {
		wish(&d, w);
		for (m = 0; m < 4; m++) {
			assert(daemon_plan_make(&p, &d, modes[m]) == 0);
			in_order(&p);
			as_asked(&p, w, modes[m]);
		}
		daemon_list_clear(&d.limits);
		daemon_list_clear(&d.inherited);
	}
}

/* The limits of the first start come first, those asked for win. */
static void
limits(void)
{
	struct daemon_definition d;
	struct daemon_plan p;
	size_t i;

	wish(&d, LIMIT | AGAIN);
	assert(daemon_plan_make(&p, &d, DAEMON_PLAN_DETACH) == 0);
	for (i = 0; p.action[i].step != DAEMON_STEP_LIMIT; i++)
		continue;
	assert(p.action[i].resource == RLIMIT_CORE);
	assert(p.action[i + 1].resource == RLIMIT_NOFILE);
	assert(p.action[i + 1].limit.rlim_cur == 1);
	assert(p.action[i + 1].limit.rlim_max == 2);
	for (i = 0; i < 2 * DAEMON_PLAN_MAX; i++)
		assert(daemon_list_add(&d.limits, "core=1") == 0);
	errno = 0;
	assert(daemon_plan_make(&p, &d, DAEMON_PLAN_DETACH) == -1);
	assert(errno == E2BIG);
	daemon_list_clear(&d.limits);
	assert(daemon_list_add(&d.limits, "core=x") == 0);
	errno = 0;
	assert(daemon_plan_make(&p, &d, DAEMON_PLAN_DETACH) == -1);
	assert(errno == EINVAL);
	daemon_list_clear(&d.limits);
	daemon_list_clear(&d.inherited);
}

static void
words(void)
{
	struct daemon_definition d;
	struct daemon_plan p;
	char text[64];

	wish(&d, PIDFILE | NICE);
	assert(daemon_plan_make(&p, &d, DAEMON_PLAN_DETACH) == 0);
	(void)daemon_action_text(text, sizeof text, &p.action[0]);
	assert(strcmp(text, "fork") == 0);
	(void)daemon_action_text(text, sizeof text, &p.action[3]);
	assert(strcmp(text, "pidfile /x") == 0);
	(void)daemon_action_text(text, sizeof text, &p.action[5]);
	assert(strcmp(text, "umask 027") == 0);
	(void)daemon_action_text(text, sizeof text, &p.action[6]);
	assert(strcmp(text, "nice 5") == 0);
	daemon_list_clear(&d.inherited);
}

/* Enough limits to reach the end of the room at every number of others. */
static void
no_room(void)
{
	struct daemon_definition d;
	struct daemon_plan p;
	int i;

	wish(&d, (ALL - 1) & ~(unsigned)(LIMIT | AGAIN));
	for (i = 0; i < DAEMON_PLAN_MAX + 2; i++) {
		if (daemon_plan_make(&p, &d, DAEMON_PLAN_DETACH) == 0)
			in_order(&p);
		else
			assert(errno == E2BIG);
		assert(daemon_list_add(&d.limits, "core=1") == 0);
	}
	daemon_list_clear(&d.limits);
	daemon_list_clear(&d.inherited);
}

int
main(void)
{
	every_one();
	limits();
	words();
	no_room();
	return 0;
}
