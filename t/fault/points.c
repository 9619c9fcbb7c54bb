/* SPDX-License-Identifier: ISC */
/*
 * A growing list of points.  See points.h.
 */
#define _GNU_SOURCE 1

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "points.h"

long
points_add(struct points *p)
{
	struct point *more;
	size_t room = p->room == 0 ? 256 : p->room * 2;

	if (p->count == p->room) {
		more = realloc(p->all, room * sizeof *more);
		if (more == NULL)
			return -1;
		p->all = more;
		p->room = room;
	}
	p->all[p->count] = (struct point){ .order = p->count };
	return (long)p->count++;
}

static int
by_role(const void *a, const void *b)
{
	const struct point *p = a, *q = b;
	int order = strcmp(p->role, q->role);

	if (order != 0)
		return order;
	return p->order < q->order ? -1 : p->order > q->order;
}

void
points_sort(struct points *p)
{
	if (p->count != 0)
		qsort(p->all, p->count, sizeof *p->all, by_role);
}

void
points_free(struct points *p)
{
	free(p->all);
	*p = (struct points){ .all = NULL };
}

void
points_print(const struct points *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct point *at = &p->all[i];
		const char *e = NULL;
		char name[24];

		if (at->result < 0 && at->result > -4096)
			e = strerrorname_np((int)-at->result);
		(void)printf("%s %s %u%s%s%s%s%s\n", at->role,
		    call_name(at->nr, name), at->nth,
		    *at->object != '\0' ? " " : "", at->object,
		    e != NULL ? " = " : "", e != NULL ? e : "",
		    at->startup ? " (start-up)" : "");
	}
}
