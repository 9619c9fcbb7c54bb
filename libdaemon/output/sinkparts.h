/* SPDX-License-Identifier: ISC */
/* What a sink is made of: its file (sinkfile.c), and the text that goes there
 * (sinktext.c); only its own files look at it. */
#ifndef DAEMON_SINKPARTS_H
#define DAEMON_SINKPARTS_H

#include <sys/stat.h>

#include "drop.h"
#include "sink.h"

/* errno is its error.  -1. */
int daemon_sink_fails(struct daemon_sink *k);

/* Around what a dead disk may hold up. */
void daemon_sink_leave(const struct daemon_sink *k);
void daemon_sink_back(const struct daemon_sink *k);

/* Not open any more; errno stays. */
void daemon_sink_shut(struct daemon_sink *k);

/* Open, by its name.  -1 with error. */
int daemon_sink_reopen(struct daemon_sink *k);

/* As soon as that can be it is ours: until then it is anybody's.  -1/errno: it
 * is somebody's, and not open any more. */
int daemon_sink_claim(struct daemon_sink *k);

int daemon_sink_status(const struct daemon_sink *k, int fd, struct stat *st);

/* The log that has this size is moved out of the way, and another open.  -1:
 * not moved, but perhaps open. */
int daemon_sink_make_way(
    struct daemon_sink *k, struct daemon_spool *s, int64_t size);

/* What that was to be written to, wherever it is: open; -1. */
int daemon_sink_moved(const struct daemon_sink *k, struct daemon_intent i);

/* Has a pipe room?  Of a file that says nothing. */
int daemon_sink_takes_more(int fd, int ms);
void daemon_sink_await(const struct daemon_sink *k);

/* How many of these bytes were written; fewer: with error. */
size_t daemon_sink_put(struct daemon_sink *k, const char *p, size_t n);

#define DAEMON_SINK_CUT " (the line above is cut)"

/* Bytes for the text of a notice. */
enum { DAEMON_SINK_NOTICE = DAEMON_LOST_TEXT + sizeof DAEMON_SINK_CUT };

/* The lines that are intended. */
struct daemon_lines daemon_sink_lines(const struct daemon_sink *k,
    const struct daemon_spool *s, const struct daemon_moment *m);

/* The text of what is intended, from its beginning. */
struct daemon_lines
daemon_sink_text(const struct daemon_sink *k, const struct daemon_spool *s,
    const struct daemon_moment *m, char text[DAEMON_SINK_NOTICE]);

size_t daemon_sink_length(const struct daemon_lines *l);

/* So much of that text is in the log: what follows is another intent. */
void daemon_sink_settle(struct daemon_sink *k, struct daemon_spool *s,
    const struct daemon_lines *l, size_t done);

/* So much of what another has intended is. */
void daemon_sink_settle_found(
    struct daemon_sink *k, struct daemon_spool *s, int64_t done);

#endif
