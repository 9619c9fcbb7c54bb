/* SPDX-License-Identifier: ISC */
/* The state a caller left us in, and putting up with it. */
#ifndef DAEMON_CALLER_H
#define DAEMON_CALLER_H

#include "held.h"

/* Block all signals, note what was ignored and whether we have children
 * already, and make children waitable. */
void daemon_caller_quiet(struct daemon_held *h);

/* The mask as it was. */
void daemon_caller_restore(const struct daemon_held *h);

#endif
