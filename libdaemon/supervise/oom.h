/* SPDX-License-Identifier: ISC */
/* Who is ended last where memory runs out. */
#ifndef DAEMON_OOM_H
#define DAEMON_OOM_H

/* Not known, or not changed. */
enum { DAEMON_OOM_AS_IT_WAS = -10000 };

/* Make ourselves a bad choice, where we may.  What it was before, for our
 * children; DAEMON_OOM_AS_IT_WAS if nothing changed. */
int daemon_oom_lower(void);

/* In a child: as it was before.  Best effort: raising is always allowed. */
void daemon_oom_restore(int was);

#endif
