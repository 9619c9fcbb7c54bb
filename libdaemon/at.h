/* SPDX-License-Identifier: ISC */
/* Acting from within a directory. */
#ifndef DAEMON_AT_H
#define DAEMON_AT_H

/*
 * Call act(arg) with dir as the working directory, for what knows no
 * descriptors of directories (the short path in a socket's address), and
 * come back; to / where the way back is lost.
 * What act returned; -1/errno if dir could not be entered.
 */
int daemon_at(int dir, int (*act)(void *arg), void *arg);

/*
 * Bind the socket fd to name in dir, in the place of whatever is there, mode
 * 0600; a path in a socket's address is short, and this one is as short as it
 * can be.  -1/errno.
 */
int daemon_at_bind(int dir, const char *name, int fd);

#endif
