/* SPDX-License-Identifier: ISC */
/* Opening a file of the command's. */
#ifndef DAEMON_ASUSER_H
#define DAEMON_ASUSER_H

#include "held.h"

/*
 * Open path as we are, if its directory is root's or ours all the way;
 * else with the ids the command will have, in a child, so that nothing its
 * user put there can make us open what he could not.  Root without such ids
 * follows no link there (ELOOP, EMLINK).  Created with mode if
 * flags are for writing and it is not there, for the command's user; *created
 * tells.
 * A close-on-exec descriptor above 2, or -1/errno.
 */
int daemon_open_as(const struct daemon_held *h, const char *path, int flags,
    mode_t mode, int *created);

/*
 * Do what(path, arg), which returns 0 or -1/errno, as we are or in such a
 * child, likewise.  0, or -1/errno: its own, or why there could be none.
 */
int daemon_do_as(const struct daemon_held *h, const char *path,
    int (*what)(const char *path, void *arg), void *arg);

#endif
