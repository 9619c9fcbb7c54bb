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

/* We keep it from now on, until we close a descriptor of it.  -1/EBUSY:
 * somebody does.  0 also of what is no file, or cannot be locked. */
int daemon_sole_claim(int fd);

/* Who does; 0: nobody else, or that cannot be known. */
pid_t daemon_sole_keeper(int fd);

#endif
