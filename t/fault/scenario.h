/* SPDX-License-Identifier: ISC */
/*
 * A scenario: which commands to run, and what is true when they have.  The
 * format of the files in scenarios/ is in README.md.
 */
#ifndef FAULT_SCENARIO_H
#define FAULT_SCENARIO_H

#include <stdbool.h>

#define WORDS_MAX 32

enum subject { SUBJECT_START, SUBJECT_STOP, SUBJECT_RESTART, SUBJECT_STATUS };

struct scenario {
	char name[64];
	char *start[WORDS_MAX + 1];
	char *stop[WORDS_MAX + 1];
	char *restart[WORDS_MAX + 1];
	char *status[WORDS_MAX + 1];
	char *env[WORDS_MAX + 1];
	char *allow[WORDS_MAX + 1]; /* files that may always be there */
	char *running[WORDS_MAX + 1]; /* while a daemon runs */
	char *roles[WORDS_MAX + 1]; /* to be struck; none: all */
	char *exits[WORDS_MAX + 1]; /* statuses a start may give */
	char *already[WORDS_MAX + 1]; /* a start beside a running one */
	char *stopped[WORDS_MAX + 1]; /* a stop of nothing, beside 0 */
	char pidfile[256]; /* empty: none is kept */
	bool pid_of_parent; /* it names the daemon's parent */
	unsigned resident; /* processes beside the daemon */
	enum subject subject; /* which command is struck */
	int expect; /* of the clean start */
	int deadline; /* milliseconds */
};

struct places {
	const char *dir, *bin, *target;
};

/*
 * Reads FILE with {dir}, {bin}, {target} replaced.  Prints what is wrong and
 * returns -1.  Its memory is the process's for good.
 */
int
scenario_load(struct scenario *sc, const char *file, const struct places *at);

#endif
