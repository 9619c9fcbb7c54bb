/* SPDX-License-Identifier: ISC */
/*
 * Samples, and what is said of them: quantiles, never means, as one bad
 * moment of the machine would be in every mean.
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

struct samples {
	double *v;
	int n, room;
};

void samples_add(struct samples *s, double v);

/* The quantile P of 0 to 1; NAN of none. */
double samples_at(const struct samples *s, double p);

static inline double
samples_median(const struct samples *s)
{
	return samples_at(s, 0.5);
}

#endif
