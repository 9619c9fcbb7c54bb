/* SPDX-License-Identifier: ISC */
/* A word to a person who has waited for two seconds. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "ctl.h"

/*
 * From now on daemonctl waits for what fmt says of it: if that lasts, and
 * standard error is a terminal, "VERB: SHOWN: text" is printed once.
 */
void progress(const struct ctl *c, const char *shown, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* It does not wait any more. */
void progress_end(void);

#endif
