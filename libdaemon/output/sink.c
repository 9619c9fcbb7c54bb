/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <limits.h>

#include "../clock.h"
#include "drop.h"
#include "sinkparts.h"

enum { PIECE = 64 << 10, US_IN_MS = 1000 };

/* As bytes, where nothing is added to them. */
static size_t
write_text(struct daemon_sink *k, struct daemon_lines l)
{
	static char piece[PIECE];
	size_t n, w, done = 0;

	if (l.nhead == 0 && !l.lead)
		return daemon_sink_put(k, l.p, l.n);
	while ((n = daemon_lines_next(&l, piece, sizeof piece)) > 0) {
		w = daemon_sink_put(k, piece, n);
		done += w;
		if (w < n)
			break;
	}
	return done;
}

/* What another has begun is in the file that it was begun in, wherever that is
 * now; nowhere, if that is gone. */
static void
recover(struct daemon_sink *k, struct daemon_spool *s)
{
	const struct daemon_intent i = daemon_spool_now(s)->intent;
	struct stat st;
	int own = k->fd;

	if (i.kind == DAEMON_INTENT_NONE ||
	    daemon_sink_status(k, own, &st) == -1)
		return;
	if (st.st_dev != i.dev || st.st_ino != i.ino) {
		k->fd = daemon_sink_moved(k, i);
		if (k->fd == -1 || daemon_sink_status(k, k->fd, &st) == -1)
			st.st_size = i.size;
	}
	daemon_sink_settle_found(
	    k, s, st.st_size > i.size ? st.st_size - i.size : 0);
	if (k->fd != own)
		daemon_sink_shut(k);
	k->fd = own;
}

/* Whoever was killed while he made way has written nothing since. */
int
daemon_sink_open(struct daemon_sink *k, struct daemon_spool *s)
{
	k->error = 0;
	if (daemon_spool_now(s)->rotates)
		return daemon_sink_make_way(k, s, 0) == -1 && k->fd == -1
		    ? daemon_sink_reopen(k)
		    : 0;
	if (daemon_sink_reopen(k) == -1)
		return -1;
	recover(k, s);
	k->error = 0;
	return 0;
}

/* What is to be written next is on record. */
static void
intend(struct daemon_spool *s, const struct daemon_intent *i)
{
	struct daemon_moment m = daemon_spool_copy(s);

	m.intent = *i;
	if (i->size == 0 || m.began_ms == 0)
		m.began_ms = i->stamp_us / US_IN_MS;
	daemon_spool_commit(s, &m);
}

static enum daemon_sunk
carry_out(struct daemon_sink *k, struct daemon_spool *s,
    const struct daemon_intent *i)
{
	char text[DAEMON_SINK_NOTICE];
	struct daemon_lines l;
	size_t done;

	intend(s, i);
	l = daemon_sink_text(k, s, daemon_spool_now(s), text);
	k->error = 0;
	done = write_text(k, l);
	daemon_sink_settle(k, s, &l, done);
	return k->error != 0 ? DAEMON_SUNK_FAILED : DAEMON_SUNK_SOME;
}

/* Of the text l of lines what a pipe takes as a whole, or not at all. */
static size_t
piece_of(const struct daemon_lines *l)
{
	const size_t room = PIPE_BUF - (size_t)(l->lead != 0),
		     fit = daemon_lines_fit(
			 l->p, l->n, l->middle, l->nhead, room);

	if (fit > 0)
		return fit;
	return l->n < room - l->nhead ? l->n : room - l->nhead;
}

/* What is to be written next, and where; 0: nothing. */
static int
plan(struct daemon_sink *k, struct daemon_spool *s, const struct stat *st,
    int ending, struct daemon_intent *i, enum daemon_way *way)
{
	const struct daemon_lost *lost =
	    &daemon_spool_now(s)->lost[DAEMON_TO_LOG];
	struct daemon_moment m;
	struct daemon_lines l;

	*way = DAEMON_WAY_STAYS;
	*i = (struct daemon_intent){ .stamp_us = daemon_clock_wall_us(),
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size };
	if (lost->bytes > 0) {
		i->kind = DAEMON_INTENT_NOTICE;
		i->error = k->lost_error;
		i->lines = lost->lines;
		i->n = lost->bytes;
		return 1;
	}
	daemon_drop_rest(s, DAEMON_TO_LOG);
	if (!daemon_choose_lines(s, &k->log.layout, ending, i))
		return 0;
	m = daemon_spool_copy(s);
	m.intent = *i;
	l = daemon_sink_lines(k, s, &m);
	if (S_ISREG(st->st_mode))
		*way = daemon_choose_way(
		    &k->log, &m, i->stamp_us / US_IN_MS, st->st_size, &l);
	else
		l.n = piece_of(&l);
	i->n = (int64_t)l.n;
	return 1;
}

/* Before anything is intended: what waits for a reader is in nobody's
 * hands. */
static int
prepare(struct daemon_sink *k, struct daemon_spool *s, int ending,
    struct daemon_intent *i)
{
	enum daemon_way way;
	struct stat st;

	for (;;) {
		if (daemon_sink_status(k, k->fd, &st) == -1) {
			(void)daemon_sink_fails(k);
			return -1;
		}
		if (!plan(k, s, &st, ending, i, &way))
			return 0;
		if (way == DAEMON_WAY_ROTATES) {
			/* Where it may not be moved it grows. */
			(void)daemon_sink_make_way(k, s, st.st_size);
			if (k->fd == -1)
				return -1;
		} else if (S_ISREG(st.st_mode) ||
		    daemon_sink_takes_more(k->fd, 0)) {
			return 1;
		} else {
			daemon_sink_await(k);
		}
	}
}

enum daemon_sunk
daemon_sink_write(struct daemon_sink *k, struct daemon_spool *s, int ending)
{
	struct daemon_intent i;

	if (k->fd == -1 && daemon_sink_open(k, s) == -1)
		return DAEMON_SUNK_FAILED;
	if (!k->claimed && daemon_sink_claim(k) == -1) {
		(void)daemon_sink_fails(k);
		return DAEMON_SUNK_FAILED;
	}
	switch (prepare(k, s, ending, &i)) {
	case 0: return DAEMON_SUNK_NOTHING;
	case 1: return carry_out(k, s, &i);
	default: return DAEMON_SUNK_FAILED;
	}
}

void
daemon_sink_age(struct daemon_sink *k, struct daemon_spool *s)
{
	struct daemon_moment m = daemon_spool_copy(s);
	struct stat st;

	if (k->fd == -1 || m.middle != 0 || k->log.patience > 0 ||
	    !daemon_choose_age(&k->log, &m, daemon_clock_wall()) ||
	    daemon_sink_status(k, k->fd, &st) == -1)
		return;
	if (st.st_size > 0) {
		(void)daemon_sink_make_way(k, s, st.st_size);
		return;
	}
	m = daemon_spool_copy(s);
	m.began_ms = 0;
	daemon_spool_commit(s, &m);
}

int
daemon_sink_wait(const struct daemon_sink *k, const struct daemon_spool *s)
{
	const struct daemon_moment *m = daemon_spool_now(s);

	if (k->fd == -1 || k->log.max_age_ms == 0 || m->began_ms == 0 ||
	    m->middle != 0 || k->log.patience > 0)
		return -1;
	return daemon_clock_wait(
	    m->began_ms + k->log.max_age_ms - daemon_clock_wall());
}

int
daemon_sink_is_away(const struct daemon_spool *s, unsigned stream)
{
	const struct daemon_intent *i = &daemon_spool_now(s)->intent;

	return i->kind == DAEMON_INTENT_LINES && i->stream == stream &&
	    i->afloat == 0 && i->n > 0;
}

int
daemon_sink_cast_off(
    const struct daemon_sink *k, struct daemon_spool *s, unsigned stream)
{
	struct daemon_moment m = daemon_spool_copy(s);
	struct daemon_lines l = daemon_sink_lines(k, s, &m);

	m.intent.afloat = (int64_t)daemon_sink_length(&l);
	m.intent.lines = (int64_t)daemon_lines_count(l.p, l.n);
	if (daemon_spool_cast_off(s, stream, l.n) == -1)
		return 0;
	daemon_spool_skip(&m, DAEMON_TO_LOG, stream, l.n);
	m.intent.next = m.ring[stream].out[DAEMON_TO_LOG];
	daemon_spool_commit(s, &m);
	return 1;
}
