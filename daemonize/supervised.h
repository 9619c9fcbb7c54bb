/* SPDX-License-Identifier: ISC */
/* -F with -r: supervise in the foreground. */
#ifndef SUPERVISED_H
#define SUPERVISED_H

#include "options.h"

/* Until it is over; returns the exit status, everything said. */
int supervised_run(struct config *c);

#endif
