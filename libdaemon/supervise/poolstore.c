/* SPDX-License-Identifier: ISC */
/* What workers have stored, when all of them end and others begin: for who has
 * the same number then.  Of a reload both are there at once: each its own. */
#include <stdlib.h>

#include "pool.h"

static int
is_for_others(const struct daemon_pool *p)
{
	switch (p->roll.phase) {
	case DAEMON_ROLL_STARTING:
	case DAEMON_ROLL_RESTARTING:
	case DAEMON_ROLL_DRAINING:
	case DAEMON_ROLL_DRAINED: return 1;
	case DAEMON_ROLL_IDLE:
	case DAEMON_ROLL_SERVING:
	case DAEMON_ROLL_TRYING:
	case DAEMON_ROLL_REPLACING:
	case DAEMON_ROLL_REVERTING:
	case DAEMON_ROLL_FROZEN:
	case DAEMON_ROLL_STOPPING:
	case DAEMON_ROLL_OVER: break;
	}
	return 0;
}

/* Room for that number.  -1/ENOMEM. */
static int
reach(struct daemon_pool *p, unsigned index)
{
	struct daemon_store *more;

	if (index < p->nleft)
		return 0;
	more = reallocarray(p->left, index + 1, sizeof *more);
	if (more == NULL)
		return -1;
	p->left = more;
	while (p->nleft <= index)
		p->left[p->nleft++] = (struct daemon_store){ .n = 0 };
	return 0;
}

void
daemon_pool_keep_stores(struct daemon_pool *p)
{
	struct daemon_store *s;
	size_t i;

	if (!is_for_others(p))
		return;
	for (i = 0; i < p->n; i++) {
		s = &p->worker[i]->s.store;
		if (p->worker[i]->role == DAEMON_WORKER_LEFT &&
		    daemon_worker_agent(&p->worker[i]->s) == NULL &&
		    s->n > s->fixed && reach(p, p->worker[i]->index) == 0)
			daemon_store_move(&p->left[p->worker[i]->index], s);
	}
}

void
daemon_pool_give_store(struct daemon_pool *p, struct daemon_worker *w)
{
	if (w->index < p->nleft)
		daemon_store_move(&w->s.store, &p->left[w->index]);
}

void
daemon_pool_clear_stores(struct daemon_pool *p)
{
	while (p->nleft > 0)
		daemon_store_clear(&p->left[--p->nleft]);
	free(p->left);
	p->left = NULL;
}
