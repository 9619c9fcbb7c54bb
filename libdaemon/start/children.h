/* SPDX-License-Identifier: ISC */
/* Children of a launcher that are not to outlive what they were for. */
#ifndef DAEMON_CHILDREN_H
#define DAEMON_CHILDREN_H

#include "held.h"

/*
 * Wait for the end of our child pid, which stays a zombie, for at most
 * seconds; all signals are blocked.  0; -1/ETIMEDOUT; -1/EINTR: one of
 * h->undoing came, and has been raised again for when it is no longer
 * blocked.
 */
int daemon_child_wait(pid_t pid, int seconds, const struct daemon_held *h);

/*
 * End all that is left of a session of our children: those of the dead have
 * become ours, if we are their subreaper.  Beside some we were born with (our
 * caller became us by exec), only who is still in that session.  Left alone are
 * the services on record beside the one called name, whose directory dir is, if
 * that is not -1.
 */
void daemon_children_end(
    pid_t session, const struct daemon_held *h, int dir, const char *name);

#endif
