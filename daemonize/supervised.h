/* SPDX-License-Identifier: ISC */
/* -F with -r: supervise in the foreground. */
#ifndef SUPERVISED_H
#define SUPERVISED_H

#include "../libdaemon/start/start.h"
#include "options.h"

/* Until it is over; returns the exit status, everything said.  -1: it did not
 * come to that, o says why. */
int supervised_run(struct config *c, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o);

#endif
