/* SPDX-License-Identifier: ISC */
/*
 * The daemon of the scenario about daemon_init(): nothing is executed, so it
 * says itself, by a breakpoint, from where on it is the daemon.  What it still
 * has to do then, which is to be ready, is struck like all before.
 *
 *	fault-init PIDFILE
 */
#include <errno.h>
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../libdaemon/init.h"

static inline void
breakpoint(void)
{
#ifdef __x86_64__
	__asm__ volatile("int3");
#else
	__builtin_trap();
#endif
}

int
main(int argc, char *argv[])
{
	const char *step = NULL;
	struct daemon_options o = {
		.name = "init",
		.pidfile = argc > 1 ? argv[1] : NULL,
		.ready_timeout_ms = -1,
		.failed_step = &step,
	};

	if (daemon_init(&o) == -1)
		err(errno == EEXIST ? 3 : 1, "%s", step);
	breakpoint();
	if (daemon_ready() == -1)
		exit(1);
	for (;;)
		(void)pause();
}
