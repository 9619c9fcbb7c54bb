/* SPDX-License-Identifier: ISC */
/*
 * Dispositions and mask.  Real-time signals 32 and 33 belong to the C
 * library, which refuses to touch them, but its own posix_spawn(3) leaves
 * them ignored in the child (make(1) does so): those by system call.
 */
#include <sys/syscall.h>

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

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

/* SIG_DFL is all zero in the kernel's structure, which is smaller. */
static int
reset_hidden(int sig)
{
#ifdef SYS_rt_sigaction
	static const char zero[256];

	return (int)syscall(SYS_rt_sigaction, sig, zero, NULL, 8);
#else
	(void)sig;
	return 0;
#endif
}

int
daemon_signals_default(unsigned long long set)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	int sig;

	for (sig = 1; sig <= 64; sig++)
		if ((set >> (sig - 1) & 1) != 0 && sig != SIGKILL &&
		    sig != SIGSTOP && sigaction(sig, &sa, NULL) == -1 &&
		    reset_hidden(sig) == -1)
			return -1;
	return 0;
}

int
daemon_sigmask_clear(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}
