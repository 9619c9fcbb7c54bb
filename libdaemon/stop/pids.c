/* SPDX-License-Identifier: ISC */
/*
 * A small set of process or session numbers.
 */
#include <stdlib.h>

#include "tree.h"

int
daemon_pids_has(const struct daemon_pids *p, pid_t pid)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->v[i] == pid)
			return 1;
	return 0;
}

int
daemon_pids_add(struct daemon_pids *p, pid_t pid)
{
	pid_t *v;

	if (daemon_pids_has(p, pid))
		return 0;
	v = reallocarray(p->v, p->n + 1, sizeof *v);
	if (v == NULL)
		return -1;
	p->v = v;
	p->v[p->n++] = pid;
	return 0;
}
