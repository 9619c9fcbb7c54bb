/* SPDX-License-Identifier: ISC */
/* The clocks. */
#include <sys/syscall.h>

#include <time.h>
#include <unistd.h>

#include "clock.h"

enum { LONG_WAIT = 1 << 30 }; /* ms: who wakes up then waits again */

enum { NS_IN_S = 1000000000, NS_IN_MS = 1000000, NS_IN_US = 1000 };

/* The static C library must find the kernel's vdso first, which takes longer
 * than the few calls a program of ours needs. */
static long long
now(clockid_t clock)
{
	struct timespec t;

#if defined LEAN && defined __LP64__
	(void)syscall(SYS_clock_gettime, clock, &t);
#else
	(void)clock_gettime(clock, &t);
#endif
	return (long long)t.tv_sec * NS_IN_S + t.tv_nsec;
}

long long
daemon_clock_wall(void)
{
	return now(CLOCK_REALTIME) / NS_IN_MS;
}

long long
daemon_clock_wall_us(void)
{
	return now(CLOCK_REALTIME) / NS_IN_US;
}

long long
daemon_clock_steady(void)
{
	return now(CLOCK_MONOTONIC) / NS_IN_MS;
}

long long
daemon_clock_steady_ns(void)
{
	return now(CLOCK_MONOTONIC);
}

int
daemon_clock_wait(long long ms)
{
	return ms <= 0 ? 0 : ms < LONG_WAIT ? (int)ms : LONG_WAIT;
}

int
daemon_clock_until(long long ms)
{
	return daemon_clock_wait(ms - daemon_clock_steady());
}

int
daemon_clock_sooner(int a, int b)
{
	return a == -1 || (b != -1 && b < a) ? b : a;
}
