/* SPDX-License-Identifier: ISC */
/*
 * FILE becomes FILE.1, what was FILE.1 becomes FILE.2, and so on.  Those that
 * are compressed have a suffix behind their number.
 */
#ifndef DAEMON_ROTATE_H
#define DAEMON_ROTATE_H

#include "ziphead.h"

/* The directory of a log, and *base, its name there; -1/errno. */
int daemon_rotate_dir(const char *path, const char **base);

/* The name of a number; 0 and not compressed: base itself.
 * -1/ENAMETOOLONG. */
int daemon_rotate_name(
    char *name, size_t size, const char *base, unsigned k, enum daemon_zip how);

/*
 * Move base, in dir, out of the way, and keep that many of its kind; none: it
 * is removed.  The lowest free number is where those before it move to, each
 * by a rename to a name that is free: whoever is killed between two of them
 * has lost nothing, and the next time goes on.  -1/errno.
 */
int daemon_rotate(int dir, const char *base, unsigned keep);

/* The first from the second on that is not compressed; 0: there is none. */
unsigned daemon_rotate_plain(int dir, const char *base, unsigned keep);

/* Which number has that file, as it was written?  0: none. */
unsigned daemon_rotate_number(
    int dir, const char *base, unsigned keep, const struct daemon_ziphead *h);

/* What was base, after somebody has moved it within dir: open for appending;
 * -1/ENOENT. */
int daemon_rotate_find(
    int dir, const char *base, unsigned long long dev, unsigned long long ino);

#endif
