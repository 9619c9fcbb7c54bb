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

#endif
