/* SPDX-License-Identifier: ISC */
/*
 * Former logs are compressed beside all else, by a program of its own.  Into
 * BASE.0 and a suffix: what is there is not finished, and of no use after a
 * kill.
 */
#ifndef DAEMON_COMPRESS_H
#define DAEMON_COMPRESS_H

#include "../fault.h"
#include "../start/held.h"
#include "ziphead.h"

struct daemon_compressing {
	enum daemon_zip how; /* NONE: there is nothing to do, ever */
	unsigned files; /* that are kept */
	int wanted; /* there may be one that is not compressed */
	pid_t pid; /* 0: none is being */
	int from, to; /* the files; -1 */
	int error; /* why it did not come to anything; 0 */
};

#define DAEMON_COMPRESSING_NONE \
	((struct daemon_compressing){ .from = -1, .to = -1 })

/* Can it be done here?  -1 with f filled. */
int daemon_compress_try(const char *word, struct daemon_fault *f);

/* If one is wanted, and none under way, begin.  Of path, h's log. */
void daemon_compress_begin(struct daemon_compressing *c,
    const struct daemon_held *h, const char *path);

/* If it has ended: what is good takes the place of its original, whichever number
 * that has now. */
void daemon_compress_finish(struct daemon_compressing *c,
    const struct daemon_held *h, const char *path);

/* Nothing of it is to be left. */
void daemon_compress_end(struct daemon_compressing *c,
    const struct daemon_held *h, const char *path);

#endif
