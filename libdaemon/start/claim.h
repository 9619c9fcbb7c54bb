/* SPDX-License-Identifier: ISC */
/* Being the only one. */
#ifndef DAEMON_CLAIM_H
#define DAEMON_CLAIM_H

#include "held.h"

/*
 * Lock the service of h->d's name, unless it is, and that of its pidfile;
 * h->pid_dir has been walked to.  The name is made from the pidfile where
 * there is none.
 * 0; or -1/EEXIST with rival and f, or -1 with f.
 */
int daemon_claim(struct daemon_held *h, const struct daemon_rundirs *dirs,
    struct daemon_rival *rival, struct daemon_fault *f);

/* The pidfile is this service's from now on, whosever it was.  -1/errno. */
int daemon_claim_take(struct daemon_held *h);

/* Under the locks, after a start that failed early: remove the directories
 * of services that have never been. */
void daemon_claim_drop(struct daemon_held *h);

#endif
