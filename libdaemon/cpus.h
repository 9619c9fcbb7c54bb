/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_CPUS_H
#define DAEMON_CPUS_H

/* How many processors we can keep busy: those we may run on, or as much of
 * their time as the quota of a control group we are in leaves, rounded up;
 * 1 at least. */
unsigned daemon_cpus_usable(void);

/* Is text "auto", or a list of processors like "0-3,6"? */
int daemon_cpus_are(const char *text);

/* Run on that one alone.  -1/errno: EINVAL: there is none, or not for us. */
int daemon_cpus_move(int cpu);

/* May we run on each of that list?  0; -1/errno: *cpu is the first we may not
 * run on. */
int daemon_cpus_try(const char *text, unsigned *cpu);

/* The i-th of that list, which begins anew at its end; of "auto" those we may
 * run on.  -1: there is none. */
int daemon_cpus_pick(const char *text, unsigned i);

#endif
