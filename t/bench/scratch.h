/* SPDX-License-Identifier: ISC */
/*
 * The directory all files of a run are in, in memory: pidfiles in pids/, our
 * records in run/, the fifo of the children.
 */
#ifndef BENCH_SCRATCH_H
#define BENCH_SCRATCH_H

struct scratch {
	char top[64];
	char pids[80];
	char run[80]; /* DAEMONIZE_RUNDIR */
	char fifo[80];
};

/* Makes it, and the environment of the children.  -1 with errno. */
int scratch_make(struct scratch *s);

/* No pidfile and no record is left, their directories are. */
void scratch_empty(const struct scratch *s);

void scratch_remove(const struct scratch *s);

/* The pidfile of number N. */
void scratch_pidfile(const struct scratch *s, int n, char *path, int size);

#endif
