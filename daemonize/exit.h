/* SPDX-License-Identifier: ISC */
/*
 * Exit statuses, in the one place both programs and the tests read.  The
 * manuals' tables are compared with these lines by t/900-agreement.bats.
 */
#ifndef EXIT_H
#define EXIT_H

/* daemonize(1) */
enum {
	EXIT_RUNS = 0, /* running, and ready as asked */
	EXIT_STEP = 1, /* a step failed */
	EXIT_USAGE = 2, /* usage */
	EXIT_ALREADY = 3, /* already running */
	EXIT_DIED = 4, /* the command died, or was not ready in time */
	EXIT_OURS = 125, /* with -F: a failure of daemonize itself */
	EXIT_NOT_EXECUTABLE = 126, /* found, but not executable */
	EXIT_NOT_FOUND = 127 /* not found */
};

/* daemonctl(1), after the LSB */
enum {
	CTL_DONE = 0, /* done, or nothing to do */
	CTL_FAILED = 1, /* failed */
	CTL_USAGE = 2, /* usage */
	CTL_NO_FEATURE = 3, /* the daemon cannot do that */
	CTL_DENIED = 4, /* not permitted, or not provable */
	CTL_NO_COMMAND = 5, /* the command is not installed */
	CTL_UNKNOWN = 6, /* no such service */
	CTL_NOT_RUNNING = 7, /* not running */
	CTL_UNSTOPPABLE = 9 /* could not be stopped */
};

/* daemonctl status */
enum {
	STATUS_RUNNING = 0,
	STATUS_DEAD = 1, /* failed, or dead with a pidfile */
	STATUS_STOPPED = 3, /* stopped or exited */
	STATUS_UNKNOWN = 4 /* unknown, or an unknown name */
};

/* daemonctl check, after Nagios */
enum {
	CHECK_OK = 0, /* ready */
	CHECK_WARNING = 1, /* runs, but needs a look */
	CHECK_CRITICAL = 2, /* does not run */
	CHECK_UNKNOWN = 3 /* it cannot be told */
};

#endif
