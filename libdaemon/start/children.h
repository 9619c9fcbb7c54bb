/* SPDX-License-Identifier: ISC */
/* Children of a launcher that are not to outlive what they were for. */
#ifndef DAEMON_CHILDREN_H
#define DAEMON_CHILDREN_H

#include "../identity/census.h"
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
 * caller became us by exec), only who is still in that session.  Others are
 * left alone.
 */
void daemon_children_end(pid_t session, const struct daemon_held *h,
    const struct daemon_census *others);

/* The same, where the others are the services on record beside h's. */
void daemon_children_end_ours(pid_t session, const struct daemon_held *h);

#endif
