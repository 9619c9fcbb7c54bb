/* SPDX-License-Identifier: ISC */
/* The launcher of a supervisor. */
#ifndef DAEMON_LAUNCH_H
#define DAEMON_LAUNCH_H

#include "../start/start.h"
#include "serve.h"

/*
 * Start d under a supervisor in the background and wait for its verdict;
 * as daemon_start().
 */
void daemon_launch(struct daemon_outcome *o, struct daemon_definition *d,
    const struct daemon_rundirs *dirs, struct daemon_service *locked);

/*
 * Give a service without one, locked by the caller, who gives it away, a new
 * supervisor.  d: its definition, as it was recorded.
 */
void daemon_adopt(struct daemon_outcome *o, struct daemon_definition *d,
    struct daemon_service *locked);

/*
 * Of both the last part: the process itself.  h's service is locked, its
 * snapshot on disk, and we are a subreaper with all signals blocked.  sockets:
 * those it is to have from its start.
 */
void daemon_launch_process(struct daemon_outcome *o, struct daemon_held *h,
    enum daemon_serving how, const struct daemon_store *sockets);

/* If there is no supervisor to launch at all, o says so. */
void daemon_launch_rehearse(struct daemon_outcome *o);

/* Can its workers and agents be what they are to be?  -1 with f filled. */
int
daemon_launch_check(const struct daemon_definition *d, struct daemon_fault *f);

#endif
