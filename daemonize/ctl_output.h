/* SPDX-License-Identifier: ISC */
/* The files that services write to, read. */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include <sys/types.h>

/*
 * Open one: a regular file, and not a link that somebody who may write to its
 * directory has put in its place.  -1/errno: EPERM it is none.
 */
int output_open(const char *path);

/* Where its last lines begin, at most so many. */
off_t output_last(int fd, long long lines);

/* Are both the same file? */
int output_is_same(int a, int b);

/* How many lines it has. */
long long output_lines(int fd, int zipped);

/* The one before, PATH.K, which may be compressed; K 0 is PATH itself.  As
 * output_open(). */
int output_open_former(const char *path, unsigned k, int *zipped);

/* Which of them fd is, or was before it was compressed; -1: none, or too old a
 * one. */
int output_number(const char *path, int fd);

/* The one that comes after fd, wherever that is now: as above.  A number that is
 * missing is passed over. */
int output_open_next(const char *path, int fd, int *zipped);

/* The one before PATH.K, likewise. */
int output_open_before(const char *path, unsigned k, int *zipped);

/* The oldest that there is: its number; 0: only PATH. */
unsigned output_oldest(const char *path);

#endif
