/* SPDX-License-Identifier: ISC */
/*
 * How the lines of a log look.  Pure: the same bytes, with the same stamp,
 * give the same text, so that what was begun can be finished by another.
 */
#ifndef DAEMON_LINES_H
#define DAEMON_LINES_H

#include <stddef.h>
#include <stdint.h>

enum daemon_stamps {
	DAEMON_STAMPS_NONE,
	DAEMON_STAMPS_ISO, /* 2026-11-22T05:10:11.123456Z */
	DAEMON_STAMPS_UNIX, /* 1795324211.123456 */
	DAEMON_STAMPS_TAI64N /* @4000000069f1a8dd075bca00 */
};

struct daemon_layout {
	enum daemon_stamps stamps;
	int tags; /* each line begins with whose it is: o, e */
};

/* "" none, or "iso", "unix", "tai64n".  -1/EINVAL. */
int daemon_stamps_parse(enum daemon_stamps *s, const char *text);

enum { DAEMON_LINE_HEAD = 48 };

/* What a line begins with: its length.  whose: 'o', 'e', or '!' for a line of
 * ours, which none of theirs begins like unless they begin with nothing. */
size_t daemon_line_head(char buf[DAEMON_LINE_HEAD],
    const struct daemon_layout *how, int64_t us, char whose);

/* When a line that begins so came, *us of the epoch, and how long that is; 0: it
 * does not begin so. */
size_t
daemon_line_time(const char *p, size_t n, enum daemon_stamps how, int64_t *us);

/* Bytes that become text, piece by piece. */
struct daemon_lines {
	const char *p;
	size_t n;
	int lead; /* a newline first: it ends what somebody else has begun */
	int middle; /* they begin within a line */
	char head[DAEMON_LINE_HEAD];
	size_t nhead;
	size_t given; /* of the head of the line that begins now */
};

/* The next piece of the text, of at most size bytes: its length; 0: it ends. */
size_t daemon_lines_next(struct daemon_lines *l, char *buf, size_t size);

/* How long the text of these n bytes is. */
size_t daemon_lines_length(const char *p, size_t n, int middle, size_t nhead);

/* Of these, once done bytes of their text are written: how many bytes those
 * were.  *rest: of the text, the part of a head that stands there alone. */
size_t
daemon_lines_done(const struct daemon_lines *l, size_t done, size_t *rest);

/* How many of these n bytes have a text of at most room bytes, and end with a
 * line, or are all; 0: not even the first line. */
size_t daemon_lines_fit(
    const char *p, size_t n, int middle, size_t nhead, size_t room);

/* The bytes up to the end of the last line; 0: there is none. */
size_t daemon_lines_whole(const char *p, size_t n);

/* The bytes up to the end of the first; n: there is none. */
size_t daemon_lines_first(const char *p, size_t n);

size_t daemon_lines_count(const char *p, size_t n);

#endif
