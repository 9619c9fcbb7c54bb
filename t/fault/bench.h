/* SPDX-License-Identifier: ISC */
/*
 * The bench: one scenario in one scratch directory, run round after round.
 * A round is all that follows one fault: the struck command, then clean ones
 * that show what state it left, then the end of everything.
 */
#ifndef FAULT_BENCH_H
#define FAULT_BENCH_H

#include "judge.h"
#include "points.h"
#include "scenario.h"
#include "trace.h"

struct bench {
	struct scenario sc;
	char dir[200];
	int fds[3]; /* of every command */
	char *env[WORDS_MAX + 4];
	char base[CONDITION_MAX]; /* a clean daemon's condition */
	bool tell; /* print what is seen, command by command */
	struct trace trace;
	struct seen seen;
};

/*
 * Makes AT->dir the scratch directory, loads FILE, and learns from a clean
 * round.  -1, with a message, where that round is not clean.
 */
int bench_open(struct bench *b, const char *file, const struct places *at);

/*
 * One round.  FAULT or POINTS may be given, not both.  Whether the fault was
 * reached; *V is what is wrong.
 */
bool bench_round(struct bench *b, const struct fault *f, struct points *p,
    struct verdict *v);

/* Closes its descriptors; the directory is left to whoever made it. */
void bench_close(struct bench *b);

#endif
