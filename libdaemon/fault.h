/* SPDX-License-Identifier: ISC */
/*
 * What failed: the step, what it was done to, and why.  Every function that
 * can fail for a reason a person should read fills one; the programs print
 * it as "STEP: OBJECT: REASON".  Internal to the tree, not installed.
 */
#ifndef DAEMON_FAULT_H
#define DAEMON_FAULT_H

#include <sys/types.h>

struct daemon_fault {
	const char *step; /* a static word; NULL: nothing failed */
	int error; /* errno, 0 where the reason says it all */
	char object[1024]; /* "" where there is none */
	char reason[1024]; /* "" means strerror(error) */
};

/*
 * Fill f from errno and return -1, errno unchanged.  fmt may be NULL: the
 * reason is errno's text then.  f may be NULL.
 */
int
daemon_fault_set(struct daemon_fault *f, const char *step, const char *object,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The reason as text. */
const char *daemon_fault_reason(const struct daemon_fault *f);

#endif
