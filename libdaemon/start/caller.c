/* SPDX-License-Identifier: ISC */
/*
 * What a caller may have done to us: signals ignored or blocked, SIGCHLD
 * ignored so that children cannot be waited for.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caller.h"

/* Without /proc: one by one.  What is not told counts as ignored. */
static unsigned long long
ask_each(void)
{
	unsigned long long set = 0;
	struct sigaction sa;
	int sig;

	for (sig = 1; sig <= 64; sig++)
		if (sigaction(sig, NULL, &sa) == -1 || sa.sa_handler == SIG_IGN)
			set |= 1ull << (sig - 1);
	return set;
}

/* What undoes a start; but a caller that ignores hangups, as nohup(1) does,
 * means us, too. */
static void
undoing(sigset_t *set, unsigned long long ignore)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	size_t i;

	(void)sigemptyset(set);
	for (i = 0; i < sizeof signals / sizeof signals[0]; i++)
		if ((ignore >> (signals[i] - 1) & 1) == 0)
			(void)sigaddset(set, signals[i]);
}

void
daemon_caller_quiet(struct daemon_held *h)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	struct daemon_proc_self self;
	siginfo_t si;
	sigset_t all;

	h->childless =
	    waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == -1 &&
	    errno == ECHILD;
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &h->mask);
	/* One read of /proc tells what 64 calls of sigaction(2) would. */
	if (h->self != NULL)
		self = *h->self;
	else
		daemon_proc_self(&self);
	h->ignored = self.told ? self.ignored : ask_each();
	h->proc_ours = self.ours;
	undoing(&h->undoing, h->ignored);
	if ((h->ignored >> (SIGCHLD - 1) & 1) != 0)
		(void)sigaction(SIGCHLD, &sa, NULL);
}

void
daemon_caller_restore(const struct daemon_held *h)
{
	(void)sigprocmask(SIG_SETMASK, &h->mask, NULL);
}
