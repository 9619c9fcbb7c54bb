/* SPDX-License-Identifier: ISC */
/*
 * Three processes: the caller waits, the namespace's init reaps, and only the
 * third works.  Were it pid 1 itself, programs that ask whether their parent
 * is init would behave otherwise.
 */
#define _GNU_SOURCE 1

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "alone.h"

/* Reaps whatever ends until PID does, and ends as it did. */
static _Noreturn void
follow(pid_t pid)
{
	int status;
	pid_t who;

	/* Both waiters outlive an interrupt: who works answers it. */
	(void)signal(SIGINT, SIG_IGN);
	while ((who = waitpid(-1, &status, 0)) != pid)
		if (who == -1 && errno != EINTR)
			_exit(125);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static pid_t
beget(void)
{
	pid_t pid = fork();

	if (pid == -1)
		err(125, "fork");
	if (pid == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

void
alone(void)
{
	pid_t pid;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) == -1) {
		warn("no pid namespace: other processes may disturb");
		return;
	}
	if ((pid = beget()) != 0)
		follow(pid);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL) == -1)
		err(125, "/proc");
	if ((pid = beget()) != 0)
		follow(pid);
}
