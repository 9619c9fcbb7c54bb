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
	p->all[p->count] = (struct point){ .nth = 0 };
	return (long)p->count++;
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
