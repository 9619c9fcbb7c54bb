/* SPDX-License-Identifier: ISC */
/* Resource limits by name. */
#ifndef DAEMON_LIMITS_H
#define DAEMON_LIMITS_H

#include "../list.h"

#include <sys/resource.h>

/* glibc's C prototypes take an enum, others an int. */
#ifdef __GLIBC__
#define DAEMON_RESOURCE(r) ((enum __rlimit_resource)(r))
#else
#define DAEMON_RESOURCE(r) (r)
#endif

/* "nofile", ... in the order of the table; NULL at the end. */
const char *daemon_limit_name(size_t i);

/*
 * "NAME=SOFT[:HARD]": one value sets both; "unlimited", bytes and counts
 * with K M G.  Pure.  -1: ENOENT no such limit, EDOM soft above hard, ERANGE,
 * EINVAL.
 */
int daemon_limit_parse(const char *text, int *resource, struct rlimit *limit);

/* Of ours, those in whose way a record, or a look at every process of a tree,
 * could be: as high as they may be.  What is started gets its own. */
void daemon_limits_lift(void);

/* Every limit of the calling process, as such texts. */
int daemon_limits_get(struct daemon_list *out);

#endif
