/* SPDX-License-Identifier: ISC */
/* From the launcher to the daemon's process, and its words back. */
#ifndef DAEMON_DETACH_H
#define DAEMON_DETACH_H

#include "held.h"
#include "plan.h"
#include "report.h"

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

/* Walk the plan in this process: returns on failure with *r, or, where the
 * plan ends without an exec, with r->action its end. */
void daemon_walk_plan(const struct daemon_plan *p, struct daemon_held *h,
    struct daemon_report *r);

#endif
