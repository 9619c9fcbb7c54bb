/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "ctl_facts.h"
#include "ctl_workers.h"
#include "status.h"

void
usage_of_target(struct usage *u, const struct target *t)
{
	*u = (struct usage){ -1, -1 };
	/* In another pid namespace the number is somebody else's here. */
	if (t->d.workers > 0)
		workers_usage(u, t);
	else if (t->proof == DAEMON_PROOF_ALIVE)
		usage_of(u, t->st.id.pid);
}

static void
learn(struct fact *f, const struct ctl *c, const char *name)
{
	f->name = name;
	f->u = (struct usage){ -1, -1 };
	f->found = target_by_name(&f->t, c, name);
	if (f->found == CTL_DONE)
		usage_of_target(&f->u, &f->t);
}

struct fact *
facts(const struct ctl *c, const struct daemon_list *names)
{
	struct fact *v = calloc(names->n + 1, sizeof *v);
	size_t i;

	for (i = 0; v != NULL && i < names->n; i++)
		learn(&v[i], c, names->v[i]);
	return v;
}

void
facts_free(struct fact *v, size_t n)
{
	while (v != NULL && n > 0)
		target_close(&v[--n].t);
	free(v);
}
