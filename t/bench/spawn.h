/* SPDX-License-Identifier: ISC */
/*
 * Starting processes, waiting for them, ending them.  We are a subreaper:
 * every orphan of what is started here becomes ours, is reaped at once (to
 * some tools a zombie is alive) and counts in our children's CPU time.
 */
#ifndef BENCH_SPAWN_H
#define BENCH_SPAWN_H

#include <sys/types.h>

#include <stdint.h>

/* Once, before all else. */
void spawn_init(void);

/* ARGV with /dev/null as standard files.  Its pid, or -1. */
pid_t spawn(char *const *argv);

/*
 * Waits for PID, and reaps whatever else ends.  Its status, and in *AT the
 * time; -1 after MS milliseconds, or when there are no children.
 */
int spawn_wait(pid_t pid, int ms, uint64_t *at);

/* Waits until we have no children; ends them after MS milliseconds. */
void spawn_settle(int ms);

/* Kills all our descendants, and reaps them. */
void spawn_end_all(void);

/* CPU milliseconds of all that was reaped so far. */
double spawn_cpu_ms(void);

#endif
