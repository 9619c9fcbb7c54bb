/* SPDX-License-Identifier: ISC */
/* The calling process, after the fork. */
#ifndef DAEMON_INIT_WAIT_H
#define DAEMON_INIT_WAIT_H

#include "init_hold.h"

/*
 * Make the caller fit for waiting: signals blocked, children waitable, and
 * the daemon to become our child when the process between has gone.
 * 0, or -1/errno with nothing changed.
 */
int daemon_init_quiet(struct daemon_init *d);

/* As it was before. */
void daemon_init_unquiet(struct daemon_init *d);

/* Wait for the daemon's verdict and exit with it.  middle is our child, and
 * the daemon's parent for as long as it lives. */
_Noreturn void daemon_init_wait(struct daemon_init *d, pid_t middle);

#endif
