/* SPDX-License-Identifier: ISC */
/* Those whose parents are gone: they have come to us, the subreaper. */
#include <sys/wait.h>

#include <errno.h>

#include "supervisor.h"

int
daemon_supervisor_alone(const struct daemon_supervisor *s)
{
	siginfo_t si;

	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == -1)
			return errno == ECHILD;
		if (si.si_pid == 0 || si.si_pid == s->instance.pid ||
		    si.si_pid == s->stopper)
			return 0;
		while (waitpid(si.si_pid, NULL, 0) == -1 && errno == EINTR)
			continue;
	}
}
