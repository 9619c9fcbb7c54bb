/* SPDX-License-Identifier: ISC */
/* What is measured of services; and what check and metrics say of several. */
#ifndef CTL_FACTS_H
#define CTL_FACTS_H

#include "ctl.h"
#include "usage.h"

struct fact {
	const char *name; /* as it was asked for; borrowed */
	int found; /* CTL_DONE, or why the rest says nothing */
	struct target t;
	struct usage u; /* -1 where nothing runs */
};

/* Of its main process: -1 where that does not run, or not here. */
void usage_of_target(struct usage *u, const struct target *t);

/* One for each name, to be freed by facts_free(); NULL: no memory. */
struct fact *facts(const struct ctl *c, const struct daemon_list *names);
void facts_free(struct fact *v, size_t n);

#endif
