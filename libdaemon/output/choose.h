/* SPDX-License-Identifier: ISC */
/* What of the spool is written next.  It only looks. */
#ifndef DAEMON_CHOOSE_H
#define DAEMON_CHOOSE_H

#include "lines.h"
#include "spool.h"

/* Where to: what of it there is to know. */
struct daemon_log_rules {
	struct daemon_layout layout;
	int64_t max_size; /* bytes; 0: no limit */
	int64_t max_age_ms; /* 0: none */
	int64_t patience; /* not rotated before it has that size */
};

enum daemon_way {
	DAEMON_WAY_STAYS,
	DAEMON_WAY_ROTATES /* first, and then it is asked again */
};

/* The next lines, in i: 0: there are none.  ending: also what is no whole
 * line. */
int daemon_choose_lines(const struct daemon_spool *s,
    const struct daemon_layout *how, int ending, struct daemon_intent *i);

/* Of the text l of these lines only what has room in a log of that size: l->n
 * of them.  Or is that to be rotated? */
enum daemon_way daemon_choose_way(const struct daemon_log_rules *t,
    const struct daemon_moment *m, int64_t now_ms, int64_t size,
    struct daemon_lines *l);

/* Is it too old? */
int daemon_choose_age(const struct daemon_log_rules *t,
    const struct daemon_moment *m, int64_t now_ms);

#endif
