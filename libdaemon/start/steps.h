/* SPDX-License-Identifier: ISC */
/* Doing what a plan says. */
#ifndef DAEMON_STEPS_H
#define DAEMON_STEPS_H

#include "held.h"
#include "plan.h"

/*
 * Perform one action.  0, or -1/errno; DAEMON_STEP_EXEC returns only on
 * failure, with *detail the index of the path in h->paths that says why.
 * Async-signal-safe; writes nothing but h->id.
 */
int daemon_step_do(
    const struct daemon_action *a, struct daemon_held *h, int *detail);

#endif
