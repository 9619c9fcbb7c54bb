/* SPDX-License-Identifier: ISC */
/* Supervising in the caller's own process. */
#ifndef DAEMON_INPLACE_H
#define DAEMON_INPLACE_H

#include "../identity/service.h"
#include "supervisor.h"

/*
 * Supervise d, which has been checked, until it is over.  What has a name is
 * claimed, and on record, like any other; dirs: where.  s has what is the
 * caller's to say: tell, forwards, mastery.
 * 0; -1 with *o filled: nothing was started.
 */
int daemon_supervise_in_place(struct daemon_supervisor *s,
    struct daemon_definition *d, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o);

#endif
