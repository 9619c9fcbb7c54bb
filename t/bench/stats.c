/* SPDX-License-Identifier: ISC */
/*
 * Quantiles, interpolated between the two nearest samples.
 */
#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "stats.h"

void
samples_add(struct samples *s, double v)
{
	if (s->n == s->room) {
		s->room = s->room > 0 ? 2 * s->room : 64;
		s->v = realloc(s->v, (size_t)s->room * sizeof *s->v);
		if (s->v == NULL)
			err(1, "samples");
	}
	s->v[s->n++] = v;
}

static int
order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
samples_at(const struct samples *s, double p)
{
	double at = p * (s->n - 1), low, high;
	int i = (int)at;

	if (s->n == 0)
		return NAN;
	qsort(s->v, (size_t)s->n, sizeof *s->v, order);
	low = s->v[i];
	high = i + 1 < s->n ? s->v[i + 1] : low;
	return low + (at - i) * (high - low);
}
