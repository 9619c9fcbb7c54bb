/* SPDX-License-Identifier: ISC */
/*
 * From the spool to the log: what is to be written is noted first, with the
 * size the log has; whoever finds the note knows by the size how much of it
 * was.
 */
#ifndef DAEMON_SINK_H
#define DAEMON_SINK_H

#include "../start/held.h"
#include "lines.h"
#include "spool.h"

struct daemon_sink {
	const struct daemon_held *h; /* whose log it is: h->d, h->user */
	const char *path;
	int fd; /* -1: not open */
	struct daemon_layout layout;
	int64_t max_size; /* bytes; 0: no limit */
	int64_t max_age_ms; /* 0: none */
	unsigned files; /* kept beside it */
	int stuck; /* why it could not be rotated last */
	int64_t patience; /* it could not be rotated: not tried again before it
	    has that size */
	int error; /* of the last write, or opening; 0 */
	int lost_error; /* why lines were dropped last */
};

/* Open it, and settle what another has begun.  -1, with error. */
int daemon_sink_open(struct daemon_sink *k, struct daemon_spool *s);
void daemon_sink_close(struct daemon_sink *k);

enum daemon_sunk {
	DAEMON_SUNK_NOTHING, /* there was nothing to write */
	DAEMON_SUNK_SOME,
	DAEMON_SUNK_FAILED /* with error */
};

/* Write some of what is in the spool.  ending: also what is no whole line. */
enum daemon_sunk
daemon_sink_write(struct daemon_sink *k, struct daemon_spool *s, int ending);

/* Rotate it, if it is too old. */
void daemon_sink_age(struct daemon_sink *k, struct daemon_spool *s);

/* Milliseconds until it is; -1: never. */
int daemon_sink_wait(const struct daemon_sink *k, const struct daemon_spool *s);

/* Drop the oldest lines of a stream, about half of what is there, or all that
 * is: it is counted. */
void daemon_sink_drop(struct daemon_spool *s, unsigned stream, int all);

#endif
