/* SPDX-License-Identifier: ISC */
/* Who is left of a service whose main process is dead. */
#ifndef DAEMON_HEIRS_H
#define DAEMON_HEIRS_H

#include "record.h"

/*
 * One of them that lives; 0: nobody does.  Whom a stop that was cut short had
 * noted; of a supervised one, whose definition was d, also who is in its
 * control group, or carries its mark.  Not we, and none we descend from.
 */
pid_t daemon_heirs_live(int dir, const struct daemon_definition *d);

#endif
