/* SPDX-License-Identifier: ISC */
/*
 * Shell commands beside the command, such as --check: run with the ids, the
 * directory and the environment the command has, their output ours, their
 * input none, in a session of their own, and no longer than a minute.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../signame.h"
#include "../step.h"
#include "children.h"
#include "detach.h"
#include "start.h"

enum { ERRAND_SECONDS = 60 };

static int
judge(pid_t pid, const struct daemon_errand *e, const struct daemon_held *h,
    struct daemon_fault *f)
{
	const char *step = e->step, *cmd = e->command;
	int status, error = 0;

	if (daemon_child_wait(pid, ERRAND_SECONDS, h) == -1)
		error = errno;
	/* Nothing of it stays, and its number is its own until it is reaped. */
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (!e->leaves)
		daemon_children_end(pid, h, e->beside, e->name);
	errno = error;
	if (error != 0)
		return daemon_fault_set(f, step, cmd,
		    error == EINTR ? "interrupted" : "did not end within %d s",
		    ERRAND_SECONDS);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	errno = 0;
	if (WIFSIGNALED(status))
		return daemon_fault_set(f, step, cmd, "killed by signal %s",
		    daemon_signal_name(WTERMSIG(status)));
	return daemon_fault_set(
	    f, step, cmd, "failed with status %d", WEXITSTATUS(status));
}

static _Noreturn void
run(const struct daemon_plan *plan, struct daemon_held *h)
{
	struct daemon_report r;

	/* It may run as the service's user: the caller's terminal is not his
	 * to type on. */
	(void)setsid();
	(void)daemon_stdio_redirect(
	    h->null_fd, h->out.fd, h->err.fd != -1 ? h->err.fd : h->out.fd);
	daemon_walk_plan(plan, h, &r);
	_exit(r.error == ENOENT ? 127 : 126);
}

int
daemon_check(const struct daemon_definition *d, struct daemon_fault *f)
{
	return daemon_errand(d,
	    &(struct daemon_errand){
		.step = "check", .command = d->check, .beside = -1 },
	    f);
}

int
daemon_errand(const struct daemon_definition *d, const struct daemon_errand *e,
    struct daemon_fault *f)
{
	char sh[] = "sh", dash_c[] = "-c", path[] = "/bin/sh";
	char *argv[] = { sh, dash_c, (char *)(uintptr_t)e->command, NULL };
	struct daemon_definition c = *d;
	struct daemon_rundirs none = { .n = 0 };
	struct daemon_rival rival;
	struct daemon_plan plan;
	struct daemon_held h = DAEMON_HELD_NONE(&c);
	pid_t pid;
	int was = 0, r;

	/* The same surroundings, without anything that is recorded. */
	c.name = c.pidfile = c.lockfile = NULL;
	c.in = NULL;
	if (!e->logs || c.captured)
		c.out = c.err = NULL;
	c.truncate = 0;
	c.command = path;
	c.argv = (struct daemon_list){ .v = argv, .n = 3 };
	c.keep = (struct daemon_list){ 0 };
	if (daemon_plan_make(&plan, &c, DAEMON_PLAN_CHECK) == -1)
		return daemon_fault_set(f, "rlimit", NULL, NULL);
	if (daemon_hold(&h, &none, &rival, f) == -1)
		return -1;
	/* What it leaves becomes ours to end; but not a command's whose place
	 * we may take. */
	(void)prctl(PR_GET_CHILD_SUBREAPER, &was);
	(void)prctl(PR_SET_CHILD_SUBREAPER, !e->leaves);
	h.launcher = getpid();
	pid = fork();
	if (pid == 0)
		run(&plan, &h);
	r = pid == -1 ? daemon_fault_set(f, e->step, e->command, NULL)
		      : judge(pid, e, &h, f);
	(void)prctl(PR_SET_CHILD_SUBREAPER, was);
	daemon_held_release(&h, 0);
	return r;
}
