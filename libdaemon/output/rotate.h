/* SPDX-License-Identifier: ISC */
/* FILE becomes FILE.1, what was FILE.1 becomes FILE.2, and so on. */
#ifndef DAEMON_ROTATE_H
#define DAEMON_ROTATE_H

/*
 * Move base, in dir, out of the way, and keep that many of its kind; none: it
 * is removed.  The lowest free number is where those before it move to, each
 * by a rename to a name that is free: whoever is killed between two of them
 * has lost nothing, and the next time goes on.  -1/errno.
 */
int daemon_rotate(int dir, const char *base, unsigned keep);

/* What was base, after somebody has moved it within dir: open for appending;
 * -1/ENOENT. */
int daemon_rotate_find(
    int dir, const char *base, unsigned long long dev, unsigned long long ino);

#endif
