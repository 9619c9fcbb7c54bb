/* SPDX-License-Identifier: ISC */
/* What there is no room for: it is counted. */
#ifndef DAEMON_DROP_H
#define DAEMON_DROP_H

#include "spool.h"

enum { DAEMON_LOST_TEXT = 160 };

/* "daemonize: 3 lines, 20 bytes lost: WHY": its length. */
size_t daemon_lost_text(char text[DAEMON_LOST_TEXT], long long lines,
    long long bytes, const char *why);

/* Is there little room in a stream, because of what has not gone there? */
int daemon_drop_is_due(
    const struct daemon_spool *s, enum daemon_outlet to, unsigned stream);

/* The oldest lines of a stream, about half of what is there, or all that is. */
void daemon_drop(
    struct daemon_spool *s, enum daemon_outlet to, unsigned stream, int all);

/* The rest of lines whose beginning was dropped. */
void daemon_drop_rest(struct daemon_spool *s, enum daemon_outlet to);

#endif
