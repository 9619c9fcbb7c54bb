/* SPDX-License-Identifier: ISC */
/*
 * From the spool to the log: what is to be written is noted first, with the
 * size the log has; whoever finds the note knows by the size how much of it
 * was.
 */
#ifndef DAEMON_SINK_H
#define DAEMON_SINK_H

#include <errno.h>

#include "../start/held.h"
#include "choose.h"

/* A path, and what --log asks for. */
#define DAEMON_LOG_STDOUT "-"

struct daemon_sink {
	const struct daemon_held *h; /* whose log it is: h->d, h->user */
	const char *path; /* NULL: there is none; or DAEMON_LOG_STDOUT */
	int fd; /* -1: not open */
	int claimed; /* nobody else can have it */
	struct daemon_log_rules log;
	unsigned files; /* kept beside it */
	int rotated; /* it was, since somebody looked */
	int stuck; /* why it could not be rotated last */
	int error; /* of the last write, or opening; 0 */
	int lost_error; /* why lines were dropped last */

	/* Called before everything a dead disk may hold up, and after it: in
	 * between another may take from the spool, and drop. */
	void (*leave)(void *arg), (*back)(void *arg);
	void *arg;
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

/* Is another away with the first lines of a stream?  From then on the ring is
 * free of them.  0: there is no memory for that. */
int daemon_sink_is_away(const struct daemon_spool *s, unsigned stream);
int daemon_sink_cast_off(
    const struct daemon_sink *k, struct daemon_spool *s, unsigned stream);

/* As errors. */
enum { DAEMON_SINK_HUNG = ETIMEDOUT, DAEMON_SINK_TAKEN = EBUSY };

/* What an error of the log's is called. */
const char *daemon_sink_why(int error);

#endif
