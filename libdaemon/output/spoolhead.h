/* SPDX-License-Identifier: ISC */
/* How a spool lies in its file; only its own files look at it. */
#ifndef DAEMON_SPOOLHEAD_H
#define DAEMON_SPOOLHEAD_H

#include <stdatomic.h>

#include "spool.h"

enum {
	DAEMON_SPOOL_PAGE = 4096,
	DAEMON_SPOOL_HEAD = 64 << 10 /* pages may be large */
};

struct daemon_head {
	uint64_t magic;
	int64_t keeper; /* who has it locked */
	_Atomic uint32_t trouble[DAEMON_OUTLETS]; /* errnos; 0 */
	_Atomic uint32_t now;
	struct daemon_moment moment[2];
};

_Static_assert(sizeof(struct daemon_head) <= DAEMON_SPOOL_PAGE, "a page");

/* Of a ring: where it is in the file. */
static inline int64_t
daemon_spool_start(unsigned stream)
{
	return DAEMON_SPOOL_HEAD + (int64_t)stream * DAEMON_RING;
}

/* spool.c: nothing is in it, and what comes begins there. */
void daemon_spool_empty(struct daemon_ring *r, int64_t at);

/* spool.c: how many bytes have not gone everywhere. */
size_t daemon_spool_occupied(const struct daemon_moment *m, unsigned stream);

/* spoolopen.c: a ring in memory, twice in a row; NULL/errno. */
char *daemon_spool_map(int fd, unsigned stream);

#endif
