/* SPDX-License-Identifier: ISC */
/*
 * What all sections share: where things are, how much is asked for, and who
 * takes part.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>

#include "contenders.h"
#include "scratch.h"
#include "stats.h"

struct bench {
	const char *built; /* {B} */
	const char *ordinary; /* {O} */
	const char *lean; /* {L}, or NULL */
	const char *only; /* a pattern for names, or NULL */
	bool markdown;
	int rounds;
	int count; /* of fan; of idle, the most at once */
	long nofile; /* RLIMIT_NOFILE of all that is started */
	long linger_ms; /* what a stopped child takes to die; of restart: how
	    long it has lived when it is killed; of idle: how
	    long supervisors are watched */
	int fifo;
	struct scratch scratch;
};

enum { WARMUPS = 2, FAILURES_MAX = 3, SERIES = 7 };

/* A contender that is there, and what was measured of it. */
struct entrant {
	const struct contender *is;
	struct samples series[SERIES];
	int right; /* rounds in which what was asked for was true */
	int failures;
};

/*
 * Fills E with those of TABLE that are there, and says who is not.  Their
 * number.
 */
int entrants_choose(
    const struct bench *b, const struct contender *table, struct entrant *e);

/* Whose turn is the K-th of ROUND: the order rotates and turns around. */
struct entrant *entrants_turn(struct entrant *e, int n, int round, int k);

/* What all are divided by: the median of SERIES of the first of KIND. */
double
entrants_base(const struct entrant *e, int n, enum kind kind, int series);

/* Notes a failure, and says so where it ends the contender's part. */
void entrant_failed(struct entrant *e, const char *what);

/* Whether it still takes part. */
static inline bool
entrant_runs(const struct entrant *e)
{
	return e->failures < FAILURES_MAX;
}

/*
 * Everybody's turns: ONCE, which says what was wrong or NULL, for each of
 * TABLE in each round, with nothing left of the one before; then REPORT.
 * As many rounds as WARMUPS says come first, and do not count.
 */
void
entrants_measure(struct bench *b, const struct contender *table, int warmups,
    const char *(*once)(const struct bench *, struct entrant *, bool counts),
    void (*report)(const struct bench *, struct entrant *, int n));

/* The sections. */
void bench_start(struct bench *b);
void bench_calls(struct bench *b);
void bench_restart(struct bench *b);
void bench_idle(struct bench *b);
void bench_stop(struct bench *b);
void bench_fan(struct bench *b);
void bench_sizes(struct bench *b);

#endif
