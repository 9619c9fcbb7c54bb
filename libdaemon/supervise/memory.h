/* SPDX-License-Identifier: ISC */
/*
 * How much memory a service may have: a memory control group, of version 1 or
 * 2, and what the kernel says when it is full.  Caches are given up before.
 */
#ifndef DAEMON_MEMORY_H
#define DAEMON_MEMORY_H

#include "../fault.h"

/*
 * Make one for a service of that mark: its path, owned by the caller.  group:
 * the service's own, of version 2, or NULL.  NULL with f filled: there can be
 * none.
 */
char *
daemon_memory_make(const char *mark, const char *group, struct daemon_fault *f);

struct daemon_memory {
	int event; /* to wait for; -1: nothing is watched */
	int limit; /* of version 1: the file of it; -1: version 2 */
	long long bytes;
	long long kills; /* seen so far, version 2 */
};

#define DAEMON_MEMORY_NONE ((struct daemon_memory){ .event = -1, .limit = -1 })

/* Set the limit, and watch for its being reached.  -1/errno. */
int
daemon_memory_watch(struct daemon_memory *m, const char *path, long long bytes);

/* Has it been?  If so, what is left may have more, to end in peace. */
int daemon_memory_is_full(struct daemon_memory *m);

/* No more. */
void daemon_memory_close(struct daemon_memory *m);

/* For the next instance: the limit is in force again. */
void daemon_memory_arm(const struct daemon_memory *m);

#endif
