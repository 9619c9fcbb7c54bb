/* SPDX-License-Identifier: ISC */
/*
 * Dispositions and mask.  Real-time signals 32 and 33 belong to the C
 * library, which refuses to touch them; they cannot be ignored by a caller
 * through it either.
 */
#include <signal.h>
#include <stddef.h>

#include "../step.h"
#include "signals.h"

int
daemon_sigchld_ignore(void)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };

	return sigaction(SIGCHLD, &sa, NULL);
}

int
daemon_signals_reset(void)
{
	return daemon_signals_default(~0ull);
}

int
daemon_signals_default(unsigned long long set)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	int sig;

	for (sig = 1; sig <= 64; sig++)
		if ((set >> (sig - 1) & 1) != 0 && sig != SIGKILL &&
		    sig != SIGSTOP)
			(void)sigaction(sig, &sa, NULL);
	return 0;
}

int
daemon_sigmask_clear(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}
