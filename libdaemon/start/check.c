/* SPDX-License-Identifier: ISC */
/*
 * --check: a shell command that must succeed before anything is started,
 * run with the ids, the directory and the environment the command will have,
 * its output ours, its input none, in a session of its own, and no longer than
 * a minute.
 */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../signame.h"
#include "detach.h"
#include "start.h"

enum { CHECK_SECONDS = 60 };

/* Wait for the end of pid, which is reaped later: 0; or -1/ETIMEDOUT, or the
 * signal in *sig. */
static int
wait_child(pid_t pid, const sigset_t *undoing, int *sig)
{
	struct timespec now, end, left;
	siginfo_t si;
	sigset_t set = *undoing;

	*sig = 0;
	(void)sigaddset(&set, SIGCHLD);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += CHECK_SECONDS;
	for (;;) {
		si.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &si,
			WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    si.si_pid == pid)
			return 0;
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = end.tv_sec - now.tv_sec;
		left.tv_nsec = end.tv_nsec - now.tv_nsec;
		if (left.tv_nsec < 0) {
			left.tv_nsec += 1000000000;
			left.tv_sec--;
		}
		if (left.tv_sec < 0)
			break;
		*sig = sigtimedwait(&set, NULL, &left);
		if (*sig > 0 && *sig != SIGCHLD)
			break;
	}
	errno = ETIMEDOUT;
	return -1;
}

static int
judge(pid_t pid, const char *cmd, const struct daemon_held *h,
    struct daemon_fault *f)
{
	int status, sig, late;

	late = wait_child(pid, &h->undoing, &sig) == -1;
	/* Nothing of it stays, and its number is its own until it is reaped. */
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	if (late) {
		if (sig > 0)
			(void)raise(sig);
		errno = ETIMEDOUT;
		return daemon_fault_set(f, "check", cmd,
		    sig > 0 ? "interrupted" : "did not end within %d s",
		    CHECK_SECONDS);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	errno = 0;
	if (WIFSIGNALED(status))
		return daemon_fault_set(f, "check", cmd,
		    "killed by signal %s, nothing was started",
		    daemon_signal_name(WTERMSIG(status)));
	return daemon_fault_set(f, "check", cmd,
	    "failed with status %d, nothing was started", WEXITSTATUS(status));
}

static _Noreturn void
run(const struct daemon_plan *plan, struct daemon_held *h)
{
	struct daemon_report r;

	/* It may run as the service's user: the caller's terminal is not his
	 * to type on. */
	(void)setsid();
	(void)dup2(h->null_fd, STDIN_FILENO);
	daemon_walk_plan(plan, h, &r);
	_exit(r.error == ENOENT ? 127 : 126);
}

int
daemon_check(const struct daemon_definition *d, struct daemon_fault *f)
{
	char sh[] = "sh", dash_c[] = "-c", path[] = "/bin/sh";
	char *argv[] = { sh, dash_c, d->check, NULL };
	struct daemon_definition c = *d;
	struct daemon_rundirs none = { .n = 0 };
	struct daemon_rival rival;
	struct daemon_plan plan;
	struct daemon_held h = DAEMON_HELD_NONE(&c);
	pid_t pid;
	int r;

	/* The same surroundings, without anything that is recorded. */
	c.name = c.pidfile = c.lockfile = NULL;
	c.in = c.out = c.err = NULL;
	c.command = path;
	c.argv = (struct daemon_list){ .v = argv, .n = 3 };
	c.keep = (struct daemon_list){ 0 };
	if (daemon_plan_make(&plan, &c, DAEMON_PLAN_CHECK) == -1)
		return daemon_fault_set(f, "rlimit", NULL, NULL);
	if (daemon_hold(&h, &none, &rival, f) == -1)
		return -1;
	pid = fork();
	if (pid == 0)
		run(&plan, &h);
	r = pid == -1 ? daemon_fault_set(f, "check", d->check, NULL)
		      : judge(pid, d->check, &h, f);
	daemon_held_release(&h, 0);
	return r;
}
