/* SPDX-License-Identifier: ISC */
/* The launcher's wait, from the fork to the verdict. */
#ifndef DAEMON_WATCH_H
#define DAEMON_WATCH_H

#include "detach.h"
#include "start.h"

/*
 * Wait for the report, then for as long as the command must stay alive.
 * Fills *o; r is the failed action, for DAEMON_VERDICT_FAILED, which
 * daemon_explain() tells apart from what exec says.
 */
void daemon_watch(struct daemon_outcome *o, struct daemon_report *r,
    const struct daemon_detached *c, const struct daemon_held *h);

/* Wait until the pipe can be read: 0; or for a signal of undoing, which is
 * taken; or for ms milliseconds (-1: for ever), which is -1. */
int daemon_watch_pipe(int fd, const sigset_t *undoing, int ms);

#endif
