/* SPDX-License-Identifier: ISC */
/* What would be done, for --dry-run; or will be, for -v. */
#ifndef PLAN_H
#define PLAN_H

#include "options.h"

/* One step a line, in order.  Chooses what nobody has asked for. */
void plan_print(struct config *c);

#endif
