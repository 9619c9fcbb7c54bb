/* SPDX-License-Identifier: ISC */
/*
 * The points of a run: each call that a followed task made, in the order met.
 */
#ifndef FAULT_POINTS_H
#define FAULT_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "spec.h"

struct point {
	char role[ROLE_MAX];
	long nr;
	unsigned nth;
	size_t order; /* as met */
	long result; /* negative: an errno */
	bool startup; /* before main() of a static program */
	char object[96]; /* the path it was about, if any */
};

struct points {
	struct point *all;
	size_t count, room;
};

/* Index of a new, empty point; -1 with errno. */
long points_add(struct points *p);

/* By role, else in the order met: who came first may be a matter of luck. */
void points_sort(struct points *p);

void points_free(struct points *p);

/* "0.0 openat 2", then what it was about and its result. */
void points_print(const struct points *p);

#endif
