/* SPDX-License-Identifier: ISC */
/* The workers of a service. */
#ifndef CTL_WORKERS_H
#define CTL_WORKERS_H

#include "../libdaemon/identity/workers.h"
#include "ctl.h"
#include "render.h"
#include "usage.h"

struct worker {
	unsigned index, generation; /* of an agent 0 */
	char name[DAEMON_WORKER_NAME_MAX];
	char last[96]; /* how it ended last; "" */
	char says[96]; /* while it runs; "" */
	enum daemon_state state;
	pid_t pid; /* 0: none runs */
	long long since, restarts;
	struct usage u;
};

/* Those on record in place, by number or name: owned by the caller, *n of them;
 * NULL: none. */
struct worker *workers_of(const struct target *t, const char *place, size_t *n);

/* How many of those there are to be do not serve, and are not done either. */
long long workers_missing(const struct target *t);

/* What they use, together. */
void workers_usage(struct usage *u, const struct target *t);

/* For status. */
void status_workers(const struct target *t);
void status_workers_json(const struct target *t, struct json *j);

#endif
