/* SPDX-License-Identifier: ISC */
/*
 * lineage N USEC [deaf]
 *
 * N lines of descent beside us: each process forks its successor after USEC
 * microseconds and ends.  Deaf ones ignore TERM.  Bounded in number, but for
 * a private pid namespace all the same: their numbers go round.
 */
#define _GNU_SOURCE 1

#include "probe.h"

static _Noreturn void
succeed(useconds_t pause_us)
{
	for (;;) {
		(void)usleep(pause_us);
		if (fork() > 0)
			_exit(0);
	}
}

int
main(int argc, char *argv[])
{
	long n, us;

	if (argc < 3 || (argc > 3 && strcmp(argv[3], "deaf") != 0))
		errx(BROKEN, "usage: lineage N USEC [deaf]");
	n = number(argv[1], 10, 1, 100);
	us = number(argv[2], 10, 1, 999999);
	(void)signal(SIGCHLD, SIG_IGN);
	if (argc > 3)
		(void)signal(SIGTERM, SIG_IGN);
	while (n-- > 0)
		if (fork() == 0)
			succeed((useconds_t)us);
	for (;;)
		(void)pause();
}
