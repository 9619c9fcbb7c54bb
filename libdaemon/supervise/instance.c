/* SPDX-License-Identifier: ISC */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../identity/ended.h"
#include "../start/detach.h"
#include "../start/diagnose.h"
#include "../start/undo.h"
#include "../identity/cgroup.h"
#include "../output/sole.h"
#include "../output/spool.h"
#include "instance.h"
#include "oom.h"
#include "sockets.h"

/* What travels the pipe: where it began, then perhaps a last word.  Each is
 * written whole, being shorter than a pipe's buffer. */
struct message {
	enum { BEGUN, WORD, CALLS } kind;
	long before;
	uid_t uid;
	struct daemon_last_word word;
};

_Static_assert(sizeof(struct message) <= 4096, "PIPE_BUF");

static void
say(int pipe, const struct message *m)
{
	while (write(pipe, m, sizeof *m) == -1 && errno == EINTR)
		continue;
}

void
daemon_last_word_set(struct daemon_last_word *w, const struct daemon_fault *f)
{
	*w = (struct daemon_last_word){ .verdict = DAEMON_VERDICT_FAILED };
	(void)snprintf(
	    w->step, sizeof w->step, "%s", f->step != NULL ? f->step : "start");
	(void)strcpy(w->object, f->object);
	(void)strcpy(w->reason, daemon_fault_reason(f));
}

static void
say_word(int pipe, const struct daemon_outcome *o)
{
	struct message m = { .kind = WORD };

	daemon_last_word_set(&m.word, &o->fault);
	m.word.verdict = o->verdict;
	m.word.error = o->fault.error;
	say(pipe, &m);
}

void
daemon_instance_calls(int pipe)
{
	const struct message m = { .kind = CALLS };

	say(pipe, &m);
	(void)close(pipe);
}

/* In the foreground what is not asked for stays ours. */
static void
keep_ours(struct daemon_held *h)
{
	if (h->d->foreground && h->null_fd != -1) {
		(void)close(h->null_fd);
		h->null_fd = -1;
	}
}

/* What nobody records need not be read. */
static int
know_ourselves(struct daemon_held *h)
{
	if (h->service.dir != -1)
		return daemon_identity_self(&h->id);
	h->id.pid = getpid();
	return 0;
}

/* Of nobody but a keeper of ours. */
static int
has_log(struct daemon_held *h, int spool, struct daemon_fault *f)
{
	pid_t other = h->log.fd != -1 ? daemon_sole_keeper(h->log.fd) : 0;

	if (other == 0 || other == daemon_spool_keeper(spool))
		return 0;
	errno = EBUSY;
	return daemon_fault_set(f, "log", h->d->out,
	    "pid %ld keeps another service's log there: give it one of its "
	    "own",
	    (long)other);
}

/* It has got through its plan. */
static _Noreturn void
call(struct daemon_held *h, int pipe, const struct daemon_making *m)
{
	daemon_held_release(h, 0);
	_exit(m->mastery->call(m->caller, pipe, m->ready) & 0xff);
}

static void
become(struct daemon_outcome *o, struct daemon_held *h, int pipe,
    const struct daemon_plan *plan, const struct daemon_making *making,
    int spool)
{
	const struct daemon_rundirs none = { .n = 0 };
	struct message m = { .kind = BEGUN };
	struct daemon_report r = { .kind = DAEMON_REPORT_FAILED };
	struct rusage usage;

	o->verdict = DAEMON_VERDICT_FAILED;
	if (daemon_hold(h, &none, &o->rival, &o->fault) == -1) {
		if (errno == EEXIST)
			o->verdict = DAEMON_VERDICT_ALREADY;
		return;
	}
	keep_ours(h);
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		m.before = usage.ru_minflt;
	m.uid = h->has_user ? h->user.uid : geteuid();
	say(pipe, &m);
	if (daemon_notified_give(making->notified, h->service.dir, m.uid) == -1)
		(void)daemon_fault_set(&o->fault, "notify", h->d->name, NULL);
	else if (know_ourselves(h) == -1) {
		(void)daemon_fault_set(&o->fault, "record", h->d->name, NULL);
	} else if (has_log(h, spool, &o->fault) == 0) {
		daemon_walk_plan(plan, h, &r);
		if (r.action == (int)plan->n && making->mastery != NULL)
			call(h, pipe, making);
		daemon_explain(o, &r, plan, h);
	}
	o->pid = h->id.pid;
	daemon_undo(o, h, 0);
	daemon_held_release(h, 1);
}

/* Off the numbers below n, which are the command's. */
static void
evade(int *fd, int n)
{
	int other;

	if (*fd < 3 || *fd >= n)
		return;
	other = fcntl(*fd, F_DUPFD_CLOEXEC, n);
	(void)close(*fd);
	*fd = other;
}

/* Ours go above those numbers; what is one is one afterwards. */
static void
make_room(struct daemon_held *h, int *spool, int *pipe, int *end, int above)
{
	const int is_dir = *spool == h->service.dir;

	evade(pipe, above);
	evade(end, above);
	evade(&h->pipe[0], above);
	evade(&h->pipe[1], above);
	evade(&h->service.dir, above);
	evade(&h->service.lock, above);
	if (is_dir)
		*spool = h->service.dir;
	else
		evade(spool, above);
}

/* What the command knows by number: taken now, before anything else could
 * be.  Where it is to say that it is ready, unless that is said, is behind the
 * sockets. */
static int
give_descriptors(struct daemon_definition *d, const struct daemon_making *m,
    struct daemon_held *h, int *spool, int *pipe)
{
	const int behind = 3 + (int)m->store->n;
	int end = m->ready, n = m->ready_as < behind ? behind : m->ready_as;

	make_room(h, spool, pipe, &end, n + 1 > behind ? n + 1 : behind);
	if (daemon_store_give(m->store, &d->keep, &d->set) == -1 ||
	    daemon_sockets_spell(m->store, d) == -1)
		return -1;
	if (end == -1)
		return 0;
	return dup2(end, n) == -1 ||
		daemon_list_addf(&d->keep, "%d", n) == -1 ||
		daemon_list_addf(&d->set, "DAEMON_READY_FD=%d", n) == -1
	    ? -1
	    : 0;
}

/* Variables of ours: in our copy of the memory. */
static int
give_variables(struct daemon_definition *d, const struct daemon_making *m)
{
	struct daemon_list *set = &d->set;

	if (d->mark != NULL &&
	    daemon_list_addf(set, "DAEMONIZE_ID=%s", d->mark) == -1)
		return -1;
	if (m->notified->fd != -1 &&
	    daemon_list_addf(set, "NOTIFY_SOCKET=%s", m->notified->path) == -1)
		return -1;
	if (m->watchdog_ms == -1)
		return 0;
	return daemon_list_addf(
		   set, "WATCHDOG_USEC=%lld", m->watchdog_ms * 1000) == -1
	    ? -1
	    : daemon_list_addf(set, "WATCHDOG_PID=%ld", (long)getpid());
}

static _Noreturn void
run(int pipe, const struct daemon_making *m)
{
	struct daemon_definition mine = *m->d;
	struct daemon_held h = DAEMON_HELD_NONE(&mine);
	struct daemon_outcome o = { .verdict = DAEMON_VERDICT_FAILED };
	struct daemon_plan plan;
	int spool = m->spool;

	daemon_oom_restore(m->oom);
	if (mine.memory_group != NULL &&
	    daemon_cgroup_enter(mine.memory_group) == -1) {
		(void)daemon_fault_set(
		    &o.fault, "max-memory", mine.memory_group, NULL);
		say_word(pipe, &o);
		_exit((int)o.verdict);
	}
	h.service = *m->service;
	h.carry = m->carry;
	h.first = m->first;
	h.pipe[0] = m->output[0];
	h.pipe[1] = m->output[1];
	h.self = m->self;
	h.here = m->here;
	if (m->mastery == NULL &&
	    (give_descriptors(&mine, m, &h, &spool, &pipe) == -1 ||
		give_variables(&mine, m) == -1))
		(void)daemon_fault_set(&o.fault, "start", mine.command, NULL);
	else if (daemon_plan_make(&plan, &mine, DAEMON_PLAN_INSTANCE) == -1)
		(void)daemon_fault_set(&o.fault, "rlimit", NULL, NULL);
	else
		become(&o, &h, pipe, &plan, m, spool);
	say_word(pipe, &o);
	_exit((int)o.verdict);
}

/* A group that has one stays as it is, and is entered later. */
static int
has_limit(const struct daemon_definition *d)
{
	return d->cgroup != NULL && d->memory_group != NULL &&
	    strcmp(d->cgroup, d->memory_group) == 0;
}

int
daemon_instance_spawn(struct daemon_instance *i, const struct daemon_making *m)
{
	int ends[2], saved;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	/* Where its group is not to be had, the tree is found by descent. */
	pid = daemon_cgroup_fork(
	    has_limit(m->d) ? NULL : m->d->cgroup, m->self->ours);
	if (pid == 0) {
		(void)close(ends[0]);
		run(ends[1], m);
	}
	saved = errno;
	/* If it is on our processor: it is waited for, we are not. */
	(void)sched_yield();
	(void)close(ends[1]);
	if (pid == -1) {
		(void)close(ends[0]);
		errno = saved;
		return -1;
	}
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	*i = DAEMON_INSTANCE_NONE;
	i->pid = pid;
	i->pipe = ends[0];
	return 0;
}

int
daemon_instance_is_dead(const struct daemon_instance *i)
{
	siginfo_t si = { 0 };

	if (i->pid == 0)
		return 0;
	if (i->pidfd != -1)
		return daemon_pidfd_wait(i->pidfd, 0) == 1;
	return waitid(P_PID, (id_t)i->pid, &si, WEXITED | WNOHANG | WNOWAIT) ==
	    -1 ||
	    si.si_pid == i->pid;
}

/* One that another has started may still have come to us. */
int
daemon_instance_bury(struct daemon_instance *i)
{
	int status = -1;
	pid_t r;

	do
		r = waitpid(i->pid, &status, i->pidfd != -1 ? WNOHANG : 0);
	while (r == -1 && errno == EINTR);
	if (i->pidfd != -1) {
		if (r != i->pid)
			status = daemon_ended_status(i->pid, i->pidfd, 0);
		(void)close(i->pidfd);
		i->pidfd = -1;
	}
	i->pid = 0;
	return status;
}

/* A child that is not reaped yet has its number. */
void
daemon_instance_signal(const struct daemon_instance *i, int sig)
{
	if (i->pidfd != -1)
		(void)daemon_pidfd_send(i->pidfd, sig);
	else if (i->pid > 0)
		(void)kill(i->pid, sig);
}

static enum daemon_spawned
at_end(struct daemon_instance *i, int proc_ours, const char *command)
{
	if (i->word.step[0] != '\0')
		return DAEMON_SPAWNED_FAILED;
	switch (daemon_executed(i->pid, proc_ours, i->before)) {
	case DAEMON_PROGRESS_LOADING: return DAEMON_SPAWNED_LOADING;
	case DAEMON_PROGRESS_DONE: return DAEMON_SPAWNED_EXECUTED;
	case DAEMON_PROGRESS_NONE:
		i->word = (struct daemon_last_word){
			.verdict = DAEMON_VERDICT_FAILED,
			.step = "start",
			.reason = "the process was killed before it could "
				  "execute the command",
		};
		break;
	case DAEMON_PROGRESS_TORN:
		i->word = (struct daemon_last_word){
			.verdict = DAEMON_VERDICT_NOT_EXECUTABLE,
			.step = "exec",
			.reason = "killed as it was loaded (is the file "
				  "whole, a limit too low?)",
		};
		break;
	}
	(void)snprintf(i->word.object, sizeof i->word.object, "%s", command);
	return DAEMON_SPAWNED_FAILED;
}

enum daemon_spawned
daemon_instance_read(
    struct daemon_instance *i, int proc_ours, const char *command)
{
	enum daemon_spawned s;
	struct message m;
	ssize_t n;

	for (;;) {
		n = read(i->pipe, &m, sizeof m);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN)
			return DAEMON_SPAWNED_NOT_YET;
		if (n != (ssize_t)sizeof m)
			break;
		if (m.kind == CALLS) {
			(void)close(i->pipe);
			i->pipe = -1;
			return DAEMON_SPAWNED_EXECUTED;
		}
		if (m.kind == WORD) {
			i->word = m.word;
			continue;
		}
		i->before = m.before;
		i->uid = m.uid;
	}
	s = at_end(i, proc_ours, command);
	if (s == DAEMON_SPAWNED_LOADING)
		return s;
	(void)close(i->pipe);
	i->pipe = -1;
	return s;
}

void
daemon_instance_fault(const struct daemon_instance *i, struct daemon_fault *f)
{
	*f = (struct daemon_fault){ .step = i->word.step,
		.error = i->word.error };
	(void)strcpy(f->object, i->word.object);
	(void)strcpy(f->reason, i->word.reason);
}
