/* SPDX-License-Identifier: ISC */
/* What daemon_init() must know of descriptors handed to us. */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

/*
 * How many $LISTEN_FDS says are ours; they are not looked at.
 * 0: none, or another process's.  -1/EINVAL: the variables are no numbers.
 */
int daemon_listen_count(void);

#endif
