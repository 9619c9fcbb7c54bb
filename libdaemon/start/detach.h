/* SPDX-License-Identifier: ISC */
/* From the launcher to the daemon's process, and its words back. */
#ifndef DAEMON_DETACH_H
#define DAEMON_DETACH_H

#include "held.h"
#include "plan.h"

enum daemon_report_kind {
	DAEMON_REPORT_BEGUN, /* the daemon's process exists: pid */
	DAEMON_REPORT_FAILED /* action, error, detail */
};

/* What travels the pipe, in pieces no larger than PIPE_BUF. */
struct daemon_report {
	enum daemon_report_kind kind;
	pid_t pid;
	int action; /* index into the plan */
	int error;
	int detail;
};

struct daemon_detached {
	int pipe; /* read here until end-of-file */
	pid_t middle; /* to be reaped */
};

/*
 * Fork, start a session, fork again and let the second child walk the plan
 * up to the exec.  The caller must have blocked all signals and be a child
 * subreaper.  0, or -1/errno if nothing was forked.
 */
int daemon_detach(struct daemon_detached *out, const struct daemon_plan *p,
    struct daemon_held *h);

/* Walk the plan in this process: returns only on failure, with *r. */
void daemon_walk_plan(const struct daemon_plan *p, struct daemon_held *h,
    struct daemon_report *r);

#endif
