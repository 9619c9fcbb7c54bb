/* SPDX-License-Identifier: ISC */
/*
 * The two forks.
 *
 * Where no id changes, both share the launcher's memory and let it wait
 * until the command is executed (vfork's bargain: half the cost of a fork).
 * With ids changing, memory shared with a root process would be readable by
 * the user, so there the forks are ordinary ones.  Which of the two it was
 * makes no difference to anybody: the report travels the pipe either way.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "detach.h"
#include "steps.h"

/* One stack for both: the first child waits at its top, where it needs little,
 * while the second goes on below. */
enum { STACK = 64 * 1024, FIRST = 1024 };

struct descent {
	const struct daemon_plan *plan;
	struct daemon_held *held;
	int write_end;
	int shared; /* the launcher's memory, until the exec */
	char *stack; /* the end of the second child's */
};

/*
 * fork(2), or the cheap kind.  DAEMON_PLAIN_FORK is for systems without
 * clone(2) and for sanitizers, which do not know a stack of our own.
 */
static pid_t
spawn(int (*run)(void *), char *stack, struct descent *d)
{
#ifdef DAEMON_PLAIN_FORK
	pid_t pid = fork();

	(void)stack;
	if (pid == 0)
		_exit(run(d));
	return pid;
#else
	int flags = SIGCHLD | (d->shared ? CLONE_VM | CLONE_VFORK : 0);

	return clone(run, stack, flags, d);
#endif
}

static void
walk(const struct daemon_plan *p, size_t i, struct daemon_held *h,
    struct daemon_report *r)
{
	r->kind = DAEMON_REPORT_FAILED;
	r->pid = h->id.pid;
	for (; i < p->n; i++)
		if (daemon_step_do(&p->action[i], h, &r->detail) == -1)
			break;
	r->action = (int)i;
	r->error = errno;
}

void
daemon_walk_plan(
    const struct daemon_plan *p, struct daemon_held *h, struct daemon_report *r)
{
	walk(p, 0, h, r);
}

static size_t
after_forks(const struct daemon_plan *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->action[i].step > DAEMON_STEP_FORK_AGAIN)
			break;
	return i;
}

static int
find(const struct daemon_plan *p, enum daemon_step step)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->action[i].step == step)
			return (int)i;
	return 0;
}

/* The daemon's process, on its way to the command. */
static int
second(void *arg)
{
	struct descent *d = arg;
	struct daemon_report r = { .kind = DAEMON_REPORT_BEGUN };
	struct rusage usage;
	int unknown, error;

	unknown = daemon_identity_self(&d->held->id);
	error = errno;
	r.pid = d->held->id.pid;
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		r.faults = usage.ru_minflt;
	daemon_report_send(d->write_end, &r);
	if (unknown && find(d->plan, DAEMON_STEP_RECORD) != 0) {
		r.kind = DAEMON_REPORT_FAILED;
		r.action = find(d->plan, DAEMON_STEP_RECORD);
		r.error = error;
		daemon_report_send(d->write_end, &r);
		_exit(127);
	}
	/* The forks and the session are behind us. */
	walk(d->plan, after_forks(d->plan), d->held, &r);
	daemon_report_send(d->write_end, &r);
	_exit(127);
}

static int
first(void *arg)
{
	struct descent *d = arg;
	struct daemon_report r = { .kind = DAEMON_REPORT_FAILED };
	pid_t session = setsid();

	if (session == -1) {
		r.action = find(d->plan, DAEMON_STEP_SESSION);
	} else {
		d->held->id.session = session;
		if (spawn(second, d->stack, d) != -1)
			_exit(0);
		r.action = find(d->plan, DAEMON_STEP_FORK_AGAIN);
	}
	r.error = errno;
	daemon_report_send(d->write_end, &r);
	_exit(1);
}

int
daemon_detach(struct daemon_detached *out, const struct daemon_plan *p,
    struct daemon_held *h)
{
	static char stack[STACK] __attribute__((aligned(4096)));
	struct descent d = {
		.plan = p, .held = h, .stack = stack + STACK - FIRST
	};
	int ends[2], saved;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	d.write_end = ends[1];
	d.shared = !h->has_user;
	out->middle = spawn(first, stack + STACK, &d);
	saved = errno;
	(void)close(ends[1]);
	if (out->middle == -1)
		(void)close(ends[0]);
	errno = saved;
	out->pipe = ends[0];
	return out->middle == -1 ? -1 : 0;
}
