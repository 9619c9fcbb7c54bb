/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_CPUS_H
#define DAEMON_CPUS_H

/* How many processors we can keep busy: those we may run on, or as much of
 * their time as the quota of a control group we are in leaves, rounded up;
 * 1 at least. */
unsigned daemon_cpus_usable(void);

#endif
