/* SPDX-License-Identifier: ISC */
/*
 * What is known of each system call: its name, the errors it may plausibly
 * meet, and how it behaves.  One table; the README and `fault calls` only
 * print it.
 */
#ifndef FAULT_CALLS_H
#define FAULT_CALLS_H

#define CALL_ERRNOS_MAX 12
#define CALL_NUMBERS	1024 /* above every number of a call */

enum call_trait {
	/* No errors: it cannot fail, or nobody could answer its failure. */
	CALL_SAFE = 1u << 0,
	/* The C library makes it before main() in a static program. */
	CALL_STARTUP = 1u << 1,
	/* May wait: one EINTR must not change the outcome. */
	CALL_WAITS = 1u << 2,
	/* (fd, buffer, count): may be asked for fewer bytes. */
	CALL_COUNTS = 1u << 3,
	/* An error never means it was not done: it runs, then reports. */
	CALL_RUNS = 1u << 4,
	/* A network file system may have done it and yet report an error. */
	CALL_DOUBTFUL = 1u << 5,
	/* The object is a path, in argument 0 or 1. */
	CALL_PATH0 = 1u << 6,
	CALL_PATH1 = 1u << 7,
	/* Ends the task: to be killed there is no event. */
	CALL_ENDS = 1u << 8,
};

struct call {
	long nr;
	const char *name;
	unsigned traits;
	int errnos[CALL_ERRNOS_MAX + 1]; /* ends with 0 */
};

/* Never NULL: an unknown call can be refused with EPERM and ENOSYS. */
const struct call *call_by_number(long nr);

/* -1 where there is no such name; "call_441" is number 441. */
long call_number(const char *name);

/* The name, or "call_NR" in BUF. */
const char *call_name(long nr, char buf[24]);

/* Row I of the table, NULL after the last. */
const struct call *call_row(unsigned i);

#endif
