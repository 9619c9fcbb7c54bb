/* SPDX-License-Identifier: ISC */
/* What list and status have in common. */
#ifndef STATUS_H
#define STATUS_H

#include <stdio.h>

#include "ctl.h"

/* The LSB status of a target. */
int status_code(const struct target *t);

/* One JSON object and a newline; the schema is in daemonctl(1). */
void status_json(const struct target *t, FILE *f);

#endif
