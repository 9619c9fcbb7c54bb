/* SPDX-License-Identifier: ISC */
/*
 * What workers have that is not on record: the sockets by which they are heard,
 * and what they store.  It goes to the program that we become, in its
 * environment, where each worker's place is a variable:
 *
 *	workers/2.1=9 12=cache,13=other
 */
#ifndef DAEMON_HANDOVER_H
#define DAEMON_HANDOVER_H

#include "pool.h"

/* Those variables; p: NULL: there are no workers.  -1/ENOMEM. */
int daemon_handover_spell(struct daemon_list *env, const struct daemon_pool *p);

/* Over an exec. */
void daemon_handover_keep(const struct daemon_pool *p, int on);

/* In the other program: what there is for w. */
void daemon_handover_take(struct daemon_worker *w);

#endif
