/* SPDX-License-Identifier: ISC */
/* What list and status have in common. */
#ifndef STATUS_H
#define STATUS_H

#include <stdio.h>

#include "ctl.h"
#include "render.h"

/* ctl_status.c: the LSB status of a target. */
int status_code(const struct target *t);

/* ctl_line.c: "    label     text", the text escaped. */
void status_line(const char *label, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ctl_supervised.c: what there is to say of its supervision. */
void status_supervised(const struct target *t);
void status_supervised_json(const struct target *t, struct json *j);

/* ctl_lastlines.c: of a supervised one. */
void status_last_lines(const struct target *t);

/* ctl_status.c: one JSON object and a newline; the schema is in daemonctl(1). */
void status_json(const struct target *t, FILE *f);

/* ctl_keeper.c: who keeps its log; 0: nobody. */
pid_t keeper_of(const struct target *t);

enum { KEEPER_WORDS = 256 };

/* What cannot be done about it, and why: 0: all can. */
int keeper_degraded(const struct target *t, char text[KEEPER_WORDS]);

void status_keeper(const struct target *t);

#endif
