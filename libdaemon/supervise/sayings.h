/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_SAYINGS_H
#define DAEMON_SAYINGS_H

#include "supervisor.h"

enum { DAEMON_SAYING_MAX = 3 * 1024 };

/* What there is to be said of what has just happened to s, and what comes next:
 * "sleep, worker 2: ended with status 3: restarted in 2.0 s".  NULL: nothing. */
const char *daemon_supervised_say(char buf[DAEMON_SAYING_MAX],
    const struct daemon_supervisor *s, const struct daemon_supervised *now);

/* It did what it was to do, however soon. */
int daemon_supervised_finished(
    const struct daemon_supervisor *s, enum daemon_why why);

#endif
