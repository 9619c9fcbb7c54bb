/* SPDX-License-Identifier: ISC */
/* A start that ends before the command: it may not be too late to say no. */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "diagnose.h"
#include "files.h"
#include "start.h"

enum { REHEARSAL_SECONDS = 60 };

static _Noreturn void
perform(int fd, const struct daemon_plan *plan, struct daemon_held *h)
{
	struct daemon_report r;

	daemon_walk_plan(plan, h, &r);
	if (r.action == (int)plan->n)
		_exit(0);
	daemon_report_send(fd, &r);
	_exit(1);
}

/* Let a child do it, which may by then be at the mercy of another user: its
 * report in *r.  1: it got through; 0: not; -1/ETIMEDOUT, -1/EINTR. */
static int
watch(struct daemon_report *r, const struct daemon_plan *plan,
    struct daemon_held *h)
{
	int ends[2], status = -1, got, error = 0;
	pid_t pid;

	*r = (struct daemon_report){ .kind = DAEMON_REPORT_BEGUN };
	if (pipe2(ends, O_CLOEXEC) == -1) {
		r->error = errno;
		return 0;
	}
	pid = fork();
	if (pid == 0)
		perform(ends[1], plan, h);
	r->error = pid == -1 ? errno : 0;
	(void)close(ends[1]);
	if (pid != -1) {
		if (daemon_child_wait(pid, REHEARSAL_SECONDS, h) == -1)
			error = errno;
		(void)kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			continue;
	}
	got = pid != -1 && error == 0 ? daemon_report_receive(ends[0], r) : 0;
	(void)close(ends[0]);
	errno = error;
	if (error != 0)
		return -1;
	return got == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int
look_at_pidfile(const char *path, uid_t owner, struct daemon_fault *f)
{
	struct daemon_pidfile_found found;
	struct daemon_walk w;
	const char *base;
	int r;

	if (path == NULL)
		return 0;
	if (daemon_walk_to_parent(&w, path, &base, "pidfile", f) == -1)
		return -1;
	r = daemon_walk_trusted(&w, owner, "pidfile", path, f);
	if (r == 0)
		r = daemon_pidfile_look(&found, w.fd, base, owner, path, f);
	(void)close(w.fd);
	return r;
}

/* The running one has them now; they are only looked at. */
static int
look(struct daemon_held *h, const struct daemon_definition *d,
    struct daemon_fault *f)
{
	uid_t owner = h->has_user ? h->user.uid : (uid_t)-1;

	if (d->lockfile != NULL &&
	    daemon_open_lockfile(h, d->lockfile, owner, f) == -1)
		return -1;
	if (look_at_pidfile(d->pidfile, owner, f) == -1)
		return -1;
	return look_at_pidfile(d->supervisor_pidfile, owner, f);
}

static void
go_through(struct daemon_outcome *o, const struct daemon_plan *plan,
    struct daemon_held *h)
{
	struct daemon_report r;

	switch (watch(&r, plan, h)) {
	case 1: o->verdict = DAEMON_VERDICT_RUNNING; break;
	case 0: daemon_explain(o, &r, plan, h); break;
	default:
		(void)daemon_fault_set(&o->fault, "start", h->d->command,
		    errno == EINTR ? "interrupted"
				   : "its steps did not end within %d s",
		    REHEARSAL_SECONDS);
	}
}

void
daemon_rehearse(struct daemon_outcome *o, const struct daemon_definition *d)
{
	struct daemon_definition mine = *d;
	struct daemon_held h = DAEMON_HELD_NONE(&mine);
	struct daemon_rundirs none = { .n = 0 };
	struct daemon_plan plan;

	*o = (struct daemon_outcome){ .verdict = DAEMON_VERDICT_FAILED };
	mine.name = mine.pidfile = mine.lockfile = NULL;
	if (daemon_plan_make(&plan, &mine, DAEMON_PLAN_REHEARSAL) == -1) {
		(void)daemon_fault_set(&o->fault, "rlimit", NULL, NULL);
		return;
	}
	if (daemon_hold(&h, &none, &o->rival, &o->fault) == -1)
		return;
	if (look(&h, d, &o->fault) == 0)
		go_through(o, &plan, &h);
	daemon_held_release(&h, 1);
}
