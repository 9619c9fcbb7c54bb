/* SPDX-License-Identifier: ISC */
/*
 * What a child says of itself, through the fifo in BENCH_FIFO: when it was
 * born and when it died, on the clock of the harness.  Shared by both, so
 * it stands alone; a record is short enough for a pipe to keep whole.
 */
#ifndef BENCH_RECORD_H
#define BENCH_RECORD_H

#include <stdint.h>
#include <time.h>

enum record_what { RECORD_BORN, RECORD_DIED };

struct record {
	uint64_t ns;
	int32_t pid;
	int32_t what;
};

static inline uint64_t
clock_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
