/* SPDX-License-Identifier: ISC */
/*
 * decoy FILE
 *
 * A stranger that must never be signalled.  FILE appears with "pid=N"; every
 * signal it then receives adds "signal=TERM from=PID uid=UID".  It stays.
 * KILL, STOP and the C library's own two (32, 33) cannot be caught: their
 * evidence is its death or state T.
 */
#define _GNU_SOURCE 1

#include <sys/syscall.h>

#include "probe.h"

static siginfo_t last;

static void
note(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	last = *info;
}

/*
 * All signals are blocked but inside sigsuspend(), and the handler's mask is
 * full: exactly one handler runs for each return, so `last` is never torn,
 * while /proc shows a process that catches and does not block.
 */
int
main(int argc, char *argv[])
{
	struct sigaction act = {
		.sa_sigaction = note,
		.sa_flags = SA_SIGINFO,
	};
	sigset_t all, none;
	char line[128], buf[12];

	if (argc != 2)
		errx(BROKEN, "usage: decoy FILE");
	sigfillset(&all);
	sigemptyset(&none);
	act.sa_mask = all;
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	for (int sig = 1; sig <= 64; sig++)
		(void)sigaction(sig, &act, NULL); /* four refuse */
	(void)snprintf(line, sizeof line, "pid=%d\n", getpid());
	publish(argv[1], line, strlen(line));
	for (;;) {
		(void)sigsuspend(&none);
		(void)snprintf(line, sizeof line, "signal=%s from=%d uid=%u\n",
		    signal_name(last.si_signo, buf), last.si_pid, last.si_uid);
		append(argv[1], line);
	}
}
