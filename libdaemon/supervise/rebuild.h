/* SPDX-License-Identifier: ISC */
/*
 * A directory of records may vanish: somebody cleans up, a user logs out.
 * What is supervised must be found all the same, or a second copy could be
 * started: its supervisor makes the directory again.
 */
#ifndef DAEMON_REBUILD_H
#define DAEMON_REBUILD_H

#include "supervisor.h"

/* At the beginning: watch s's lock.  Best effort. */
void daemon_rebuild_watch(struct daemon_supervisor *s);

/* At the end. */
void daemon_rebuild_unwatch(struct daemon_supervisor *s);

/* Something happened to it: if it is gone, be there again, in the same place,
 * or where new services are put. */
void daemon_rebuild_look(struct daemon_supervisor *s);

#endif
