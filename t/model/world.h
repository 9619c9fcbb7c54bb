/* SPDX-License-Identifier: ISC */
/*
 * The world is what the machine does not know: what lives.  A promise is
 * checked against that, never against the machine's own opinion.
 */
#ifndef WORLD_H
#define WORLD_H

#include "../../libdaemon/supervise/machine.h"

enum process { NO_PROCESS, FORKED, RUNNING };

struct world {
	struct daemon_machine m;
	enum process process; /* the main one */
	int tree; /* something else of it lives */
	int hook; /* --before runs */
	int ending; /* a schedule is under way */
	int frozen;
	int tells; /* what the launcher has heard */
	int finished; /* the supervisor's work is done */
	int healthy; /* it was ready for long enough */
	unsigned deaths; /* restarts in a row without health, up to 4 */
	unsigned restarts; /* by the policy, since the window began */
	long long window; /* what is left of that */
};

extern const struct daemon_policy *policy;
extern const char *broken; /* the first promise that was; NULL */

/* May this happen now? */
int world_can(const struct world *w, enum daemon_event_kind kind);

/* It happens (leaves: a death leaves something of the tree), and the machine
 * moves to that. */
void world_go(struct world *w, const struct daemon_event *e, int leaves,
    const struct daemon_move *to);

#endif
