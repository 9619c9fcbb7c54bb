/* SPDX-License-Identifier: ISC */
#include "choose.h"

enum { BATCH = 256 << 10 };

/* There is little room for more. */
static int
is_crowded(const struct daemon_spool *s, unsigned stream)
{
	return daemon_spool_room(s, stream) <= DAEMON_RING / 4;
}

/* Whose turn it is: who is within a line, or else who has more.  A line
 * without end does not shut the other out. */
static unsigned
choose_stream(const struct daemon_spool *s)
{
	const uint32_t middle = daemon_spool_now(s)->middle;
	const size_t o = daemon_spool_pending(s, DAEMON_TO_LOG, 0),
		     e = daemon_spool_pending(s, DAEMON_TO_LOG, 1);
	unsigned first = middle != 0 ? middle - 1 : e > o;

	return daemon_spool_pending(s, DAEMON_TO_LOG, !first) > 0 &&
		(daemon_spool_pending(s, DAEMON_TO_LOG, first) == 0 ||
		    is_crowded(s, !first))
	    ? !first
	    : first;
}

/* Lines of two are not mixed: each is whole, unless it is too long. */
static size_t
presentable(const struct daemon_spool *s, const struct daemon_layout *how,
    unsigned stream, int ending)
{
	size_t n = daemon_spool_pending(s, DAEMON_TO_LOG, stream), whole;

	if (!how->tags || ending)
		return n < BATCH ? n : BATCH;
	whole = daemon_lines_whole(daemon_spool_bytes(s, DAEMON_TO_LOG, stream),
	    n < BATCH ? n : BATCH);
	if (whole == 0 && n > DAEMON_RING_SURE / 2)
		whole = n < BATCH ? n : BATCH;
	return whole;
}

int
daemon_choose_lines(const struct daemon_spool *s,
    const struct daemon_layout *how, int ending, struct daemon_intent *i)
{
	i->kind = DAEMON_INTENT_LINES;
	i->stream = choose_stream(s);
	i->n = (int64_t)presentable(s, how, i->stream, ending);
	if (i->n > 0)
		return 1;
	i->stream = !i->stream;
	i->n = (int64_t)presentable(s, how, i->stream, ending);
	return i->n > 0;
}

int
daemon_choose_age(const struct daemon_log_rules *t,
    const struct daemon_moment *m, int64_t now_ms)
{
	return t->max_age_ms > 0 && m->began_ms > 0 &&
	    now_ms - m->began_ms >= t->max_age_ms;
}

enum daemon_way
daemon_choose_way(const struct daemon_log_rules *t,
    const struct daemon_moment *m, int64_t now_ms, int64_t size,
    struct daemon_lines *l)
{
	const int movable = !l->middle && !l->lead && size > t->patience;
	const int64_t room = t->max_size - size - (l->lead != 0);
	size_t fit = 0;

	if (movable && daemon_choose_age(t, m, now_ms))
		return DAEMON_WAY_ROTATES;
	if (t->max_size == 0)
		return DAEMON_WAY_STAYS;
	if (room > 0)
		fit = daemon_lines_fit(
		    l->p, l->n, l->middle, l->nhead, (size_t)room);
	if (fit == 0 && movable)
		return DAEMON_WAY_ROTATES;
	l->n = fit > 0 ? fit : daemon_lines_first(l->p, l->n);
	return DAEMON_WAY_STAYS;
}
