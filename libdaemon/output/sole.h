/* SPDX-License-Identifier: ISC */
/*
 * A log has one keeper: two would move it out of each other's way, and take
 * each other's lines for their own.  What says so is a record lock, fcntl(2):
 * its holder has a number, and a command or a compressor does not inherit it.
 * Whoever may write to the log can be in the way, nobody else.
 */
#ifndef DAEMON_SOLE_H
#define DAEMON_SOLE_H

#include <sys/types.h>

/* 1: we keep it from now on, until we close a descriptor of it; or it is no
 * file.  0: it cannot be locked now.  -1/EBUSY: somebody else keeps it. */
int daemon_sole_claim(int fd);

/* Who does; 0: nobody else, or that cannot be known. */
pid_t daemon_sole_keeper(int fd);

#endif
