/* SPDX-License-Identifier: ISC */
/*
 * What the kernel says of a process that runs.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <sys/types.h>

/* Each is NAN where it could not be read. */

/* Memory that nobody shares with PID, in kB. */
double process_private_kb(pid_t pid);

/* Its memory, of which what is shared counts by its share, in kB. */
double process_share_kb(pid_t pid);

/* How often it has been switched from: so often it has run. */
double process_switches(pid_t pid);

/* Its parent, or -1. */
pid_t process_parent(pid_t pid);

#endif
