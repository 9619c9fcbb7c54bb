/* SPDX-License-Identifier: ISC */
/* The clocks, in milliseconds. */
#include <time.h>

#include "clock.h"

static long long
now(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

long long
daemon_clock_wall(void)
{
	return now(CLOCK_REALTIME);
}

long long
daemon_clock_steady(void)
{
	return now(CLOCK_MONOTONIC);
}
