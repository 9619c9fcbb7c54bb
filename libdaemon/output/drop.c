/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "drop.h"
#include "lines.h"

size_t
daemon_lost_text(char text[DAEMON_LOST_TEXT], long long lines, long long bytes,
    const char *why)
{
	(void)snprintf(text, DAEMON_LOST_TEXT,
	    "daemonize: %lld line%s, %lld byte%s lost: %.80s", lines,
	    lines == 1 ? "" : "s", bytes, bytes == 1 ? "" : "s", why);
	return strlen(text);
}

/* Who is not the last to be waited for makes no room. */
static int
is_last(const struct daemon_spool *s, enum daemon_outlet to, unsigned stream,
    size_t n)
{
	const enum daemon_outlet other =
	    to == DAEMON_TO_LOG ? DAEMON_TO_SYSLOG : DAEMON_TO_LOG;

	return n >= daemon_spool_pending(s, other, stream);
}

int
daemon_drop_is_due(
    const struct daemon_spool *s, enum daemon_outlet to, unsigned stream)
{
	const size_t n = daemon_spool_pending(s, to, stream),
		     room = daemon_spool_room(s, stream);

	return n > 0 && is_last(s, to, stream, n) &&
	    (room < n / 4 || (s->tight && room == 0));
}

/* The first n bytes of a stream.  The rest of a line that is not whole goes
 * with it, when it comes. */
static void
drop(struct daemon_spool *s, enum daemon_outlet to, unsigned stream, size_t n)
{
	struct daemon_moment m = daemon_spool_copy(s);
	struct daemon_lost *lost = &m.lost[to];
	const char *p = daemon_spool_bytes(s, to, stream);

	if (p[n - 1] == '\n')
		lost->cut &= ~(1u << stream);
	else
		lost->cut |= 1u << stream;
	lost->lines += (int64_t)daemon_lines_count(p, n);
	lost->bytes += (int64_t)n;
	daemon_spool_skip(&m, to, stream, n);
	daemon_spool_commit(s, &m);
}

void
daemon_drop(
    struct daemon_spool *s, enum daemon_outlet to, unsigned stream, int all)
{
	const char *p = daemon_spool_bytes(s, to, stream);
	const size_t n = daemon_spool_pending(s, to, stream),
		     half = all ? n : n / 2;

	if (half > 0)
		drop(s, to, stream,
		    half + daemon_lines_first(p + half, n - half));
}

void
daemon_drop_rest(struct daemon_spool *s, enum daemon_outlet to)
{
	unsigned i;
	size_t n;

	for (i = 0; i < DAEMON_STREAMS; i++) {
		n = daemon_spool_pending(s, to, i);
		if ((daemon_spool_now(s)->lost[to].cut & 1u << i) != 0 && n > 0)
			drop(s, to, i,
			    daemon_lines_first(
				daemon_spool_bytes(s, to, i), n));
	}
}
