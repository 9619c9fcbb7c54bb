/* SPDX-License-Identifier: ISC */
/*
 * From the words of a contender to a command that can be run.
 */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

#include "bench.h"

enum { PATH_SIZE = 512, TEXT_SIZE = 4096 };

struct command {
	char *argv[WORDS_MAX + 1];
	char text[TEXT_SIZE]; /* what argv points into */
};

/* The command of WORDS for instance N. */
void command_make(
    const struct bench *b, const char *const *words, int n, struct command *c);

/* Where the program WORD is.  -1 where it is not, PATH says what is not. */
int
command_program(const struct bench *b, const char *word, char path[PATH_SIZE]);

#endif
