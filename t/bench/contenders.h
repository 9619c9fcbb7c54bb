/* SPDX-License-Identifier: ISC */
/*
 * Who takes part: one table a section.  Commands are lists of words, in
 * which command.c replaces what stands in braces.
 */
#ifndef BENCH_CONTENDERS_H
#define BENCH_CONTENDERS_H

#include <stdbool.h>

enum { WORDS_MAX = 16, CONTENDERS_MAX = 24 };

enum kind {
	LIMIT, /* the first there is is what all are divided by */
	OURS, /* shown in bold, or marked */
	REFERENCE, /* the peer that all are divided by, too */
	PEER,
};

enum linkage { GLIBC, MUSL }; /* dynamic glibc, static musl */

struct contender {
	const char *name;
	enum kind kind;
	enum linkage linkage;
	bool no_pidfile; /* writes none, or another's pid */
	bool slow; /* one round of the long sections is enough */
	const char *needs; /* a program that a shell's words hide; or NULL */
	const char *start[WORDS_MAX];
	const char *stop[WORDS_MAX];
};

/* Each ends with one that has no name. */
extern const struct contender contenders_start[];
extern const struct contender contenders_restart[];
extern const struct contender contenders_idle[];
extern const struct contender contenders_stop[];
extern const struct contender contenders_fan[];

#endif
