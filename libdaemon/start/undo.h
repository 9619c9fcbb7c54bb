/* SPDX-License-Identifier: ISC */
/* Taking a start back, and completing one. */
#ifndef DAEMON_UNDO_H
#define DAEMON_UNDO_H

#include "start.h"

/*
 * End what still runs of the attempt (session: its session's id, 0 if it
 * never executed anything), remove its pidfiles and record why it failed.
 */
void
daemon_undo(struct daemon_outcome *o, struct daemon_held *h, pid_t session);

/* Record that pid is ready. */
void daemon_record_ready(struct daemon_held *h, pid_t pid, pid_t session);

#endif
