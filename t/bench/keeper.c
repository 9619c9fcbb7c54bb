/* SPDX-License-Identifier: ISC */
/*
 * Waits for the worker, or for a signal that ends both.  Both are
 * subreapers: what the worker leaves behind becomes the keeper's.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "keeper.h"
#include "spawn.h"

static void
keep(const struct scratch *s, pid_t worker, const sigset_t *signals)
{
	int status, sig;

	/* A second one finds the worker dead, and does no harm. */
	while (waitpid(worker, &status, WNOHANG) == 0)
		if (sigwait(signals, &sig) == 0 && sig != SIGCHLD)
			(void)kill(worker, SIGKILL);
	spawn_end_all();
	scratch_remove(s);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

void
keeper_start(const struct scratch *s)
{
	sigset_t signals, before;
	pid_t worker;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &signals, &before);
	worker = fork();
	if (worker == -1)
		err(1, "fork");
	if (worker > 0)
		keep(s, worker, &signals);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		err(1, "prctl");
}
