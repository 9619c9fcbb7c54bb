/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_TOLD_H
#define DAEMON_TOLD_H

/* Handle the two signals by which a function is told something; a descriptor
 * that can be read from then on when it was.  -1/errno. */
int daemon_told_begin(void);

#endif
