/* SPDX-License-Identifier: ISC */
/*
 * Before the fork: nothing a caller did to its signals may confuse the wait,
 * and what is done about it is undone if there is no fork.
 */
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <unistd.h>

#include "init_wait.h"

/* What the starter obeys while it waits; but nohup(1) and a shell's "&" mean
 * it when they ignore one. */
static void
obeyed(sigset_t *set)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigaction sa;
	size_t i;

	(void)sigemptyset(set);
	(void)sigaddset(set, SIGCHLD);
	for (i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (sigaction(ends[i], NULL, &sa) == 0 &&
		    sa.sa_handler != SIG_IGN)
			(void)sigaddset(set, ends[i]);
}

/* A subreaper gets the orphans of its children, and so learns how the
 * daemon ended.  1: we were one, 0: not, -1: there is no such thing. */
static int
become_subreaper(void)
{
#ifdef PR_SET_CHILD_SUBREAPER
	int was = 0;

	if (prctl(PR_GET_CHILD_SUBREAPER, &was) == -1 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return -1;
	return was != 0;
#else
	return -1;
#endif
}

static void
restore_subreaper(int was)
{
#ifdef PR_SET_CHILD_SUBREAPER
	if (was == 0)
		(void)prctl(PR_SET_CHILD_SUBREAPER, 0);
#else
	(void)was;
#endif
}

int
daemon_init_quiet(struct daemon_init *d)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t all, set;

	obeyed(&set);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signals == -1)
		return -1;
	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGTSTP); /* ^Z stops the starter, as always */
	(void)sigprocmask(SIG_BLOCK, &all, &d->mask);
	/* Ignored, it would take the statuses of our children away. */
	(void)sigaction(SIGCHLD, &dfl, &d->sigchld);
	d->subreaper = become_subreaper();
	return 0;
}

void
daemon_init_unquiet(struct daemon_init *d)
{
	int saved = errno;

	restore_subreaper(d->subreaper);
	(void)sigaction(SIGCHLD, &d->sigchld, NULL);
	(void)sigprocmask(SIG_SETMASK, &d->mask, NULL);
	(void)close(d->signals);
	d->signals = -1;
	errno = saved;
}
