/* SPDX-License-Identifier: ISC */
/* What is in a compressed file, read by a program that may do nothing else. */
#ifndef CTL_UNZIP_H
#define CTL_UNZIP_H

#include <sys/types.h>

struct unzip {
	int pipe; /* what comes out of it; -1: it is not open */
	pid_t pid;
};

#define UNZIP_NONE ((struct unzip){ .pipe = -1 })

/* Of the whole file fd.  -1/errno; ENOENT: there is no such program. */
int unzip_open(struct unzip *u, int fd);

/* -1/EILSEQ: not all of it could be read; unless the rest is not wanted. */
int unzip_close(struct unzip *u, int wanted);

#endif
