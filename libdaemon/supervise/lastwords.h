/* SPDX-License-Identifier: ISC */
/* What a command has written to its outputs since somebody marked them. */
#ifndef DAEMON_LASTWORDS_H
#define DAEMON_LASTWORDS_H

#include "../start/start.h"
#include "../start/held.h"

/* From here on, in h. */
void daemon_outputs_mark(struct daemon_held *h);

/* The last of it, in o.  why: what went wrong, of the worker that names. */
void daemon_outputs_last(
    struct daemon_outcome *o, struct daemon_held *h, const char *why);

#endif
