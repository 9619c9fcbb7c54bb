/* SPDX-License-Identifier: ISC */
/* The two clocks: one for people, one for waiting. */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

/* Milliseconds of the epoch: for records; may jump. */
long long daemon_clock_wall(void);

/* The same in microseconds. */
long long daemon_clock_wall_us(void);

/* Milliseconds of a clock that only goes forward: for deadlines. */
long long daemon_clock_steady(void);

/* The same in nanoseconds. */
long long daemon_clock_steady_ns(void);

/* Milliseconds that are left until a moment of that clock, as poll(2) takes
 * them: 0 if it has been; and of as many as are given. */
int daemon_clock_until(long long ms);
int daemon_clock_wait(long long ms);

/* Of two such waits the shorter; -1 is for ever. */
int daemon_clock_sooner(int a, int b);

#endif
