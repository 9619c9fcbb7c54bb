/* SPDX-License-Identifier: ISC */
/*
 * How long to wait before a restart.  Pure.
 *
 * The first two come at once, because most deaths are accidents; then the
 * wait doubles from first_ms to most_ms: 0 0 2 4 8 16 32 60 60 ... s.  Who
 * has been healthy for long enough begins anew (machine.c).  Jitter keeps
 * services that died together from coming back together.
 */
#ifndef DAEMON_BACKOFF_H
#define DAEMON_BACKOFF_H

struct daemon_backoff {
	long long first_ms; /* of the third restart; at most most_ms */
	long long most_ms; /* no wait is longer, but for its jitter; LLONG_MAX
	    / 2 at most */
	int constant; /* every wait is first_ms, and exactly that */
};

/* Waits differ by up to a tenth. */
enum { DAEMON_BACKOFF_JITTER = 10, DAEMON_BACKOFF_FREE = 2 };

#define DAEMON_BACKOFF_DEFAULT \
	((struct daemon_backoff){ .first_ms = 2000, .most_ms = 60000 })

/*
 * Milliseconds before the restart that follows `quick` others in a row
 * without health between them (0: the first).  chance, 0 to 1, is where in
 * the jitter it falls, drawn by the caller.
 */
long long daemon_backoff_ms(
    const struct daemon_backoff *b, unsigned quick, double chance);

/* How many in a row there have been with one more; no more than make a
 * difference, so that it never overflows. */
unsigned daemon_backoff_count(const struct daemon_backoff *b, unsigned quick);

#endif
