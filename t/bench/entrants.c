/* SPDX-License-Identifier: ISC */
/*
 * Who takes part, in which order, and who stops taking part.
 */
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "command.h"
#include "spawn.h"

static bool
wanted(const struct bench *b, const struct contender *c)
{
	return c->kind == LIMIT || b->only == NULL ||
	    fnmatch(b->only, c->name, 0) == 0;
}

/* Whether the programs of C are there; says so where they are not. */
static bool
present(const struct bench *b, const struct contender *c)
{
	const char *const programs[] = { c->start[0], c->stop[0], c->needs };
	char path[PATH_SIZE];
	int i;

	for (i = 0; i < 3; i++) {
		if (programs[i] == NULL)
			continue;
		if (command_program(b, programs[i], path) == -1) {
			fprintf(stderr, "skipped: %s: no %s\n", c->name, path);
			return false;
		}
	}
	return true;
}

int
entrants_choose(
    const struct bench *b, const struct contender *table, struct entrant *e)
{
	const struct contender *c;
	int n = 0;

	for (c = table; c->name != NULL; c++)
		if (wanted(b, c) && present(b, c))
			e[n++] = (struct entrant){ .is = c };
	return n;
}

struct entrant *
entrants_turn(struct entrant *e, int n, int round, int k)
{
	int at = (k + round) % n;

	/* Backwards every other time, or neighbours stayed neighbours. */
	return &e[round % 2 == 0 ? at : n - 1 - at];
}

double
entrants_base(const struct entrant *e, int n, enum kind kind, int series)
{
	int i;

	for (i = 0; i < n; i++)
		if (e[i].is->kind == kind)
			return samples_median(&e[i].series[series]);
	return NAN;
}

void
entrant_failed(struct entrant *e, const char *what)
{
	if (++e->failures == FAILURES_MAX)
		fprintf(stderr, "left out: %s: %s\n", e->is->name, what);
}

void
entrants_measure(struct bench *b, const struct contender *table, int warmups,
    const char *(*once)(const struct bench *, struct entrant *, bool),
    void (*report)(const struct bench *, struct entrant *, int))
{
	struct entrant all[CONTENDERS_MAX], *e;
	int n = entrants_choose(b, table, all);
	const char *wrong;
	int round, k;

	for (round = 0; round < b->rounds + warmups; round++)
		for (k = 0; k < n; k++) {
			e = entrants_turn(all, n, round, k);
			if (!entrant_runs(e) ||
			    (e->is->slow && round > warmups))
				continue;
			wrong = once(b, e, round >= warmups);
			if (wrong != NULL)
				entrant_failed(e, wrong);
			spawn_end_all();
			scratch_empty(&b->scratch);
		}
	report(b, all, n);
}
