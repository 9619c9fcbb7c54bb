/* SPDX-License-Identifier: ISC */
#include "drop.h"
#include "lines.h"

/* The first n bytes of a stream.  The rest of a line that is not whole goes
 * with it, when it comes. */
static void
drop(struct daemon_spool *s, unsigned stream, size_t n)
{
	struct daemon_moment m = daemon_spool_copy(s);
	const char *p = daemon_spool_bytes(s, stream);

	if (p[n - 1] == '\n')
		m.cut &= ~(1u << stream);
	else
		m.cut |= 1u << stream;
	m.lost_lines += (int64_t)daemon_lines_count(p, n);
	m.lost_bytes += (int64_t)n;
	daemon_spool_skip(&m, stream, n);
	daemon_spool_commit(s, &m);
}

void
daemon_drop(struct daemon_spool *s, unsigned stream, int all)
{
	const char *p = daemon_spool_bytes(s, stream);
	const size_t n = daemon_spool_pending(s, stream),
		     half = all ? n : n / 2;

	if (half > 0)
		drop(s, stream, half + daemon_lines_first(p + half, n - half));
}

void
daemon_drop_rest(struct daemon_spool *s)
{
	unsigned i;
	size_t n;

	for (i = 0; i < DAEMON_STREAMS; i++) {
		n = daemon_spool_pending(s, i);
		if ((daemon_spool_now(s)->cut & 1u << i) != 0 && n > 0)
			drop(s, i,
			    daemon_lines_first(daemon_spool_bytes(s, i), n));
	}
}
