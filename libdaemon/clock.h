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

#endif
