/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../start/asuser.h"
#include "drop.h"
#include "rotate.h"
#include "sink.h"
#include "sole.h"

enum { PIECE = 64 << 10, US_IN_MS = 1000 };

static int
fails(struct daemon_sink *k)
{
	k->error = errno != 0 ? errno : EIO;
	return -1;
}

static void
leave(const struct daemon_sink *k)
{
	if (k->leave != NULL)
		k->leave(k->arg);
}

static void
back(const struct daemon_sink *k)
{
	int saved = errno;

	if (k->back != NULL)
		k->back(k->arg);
	errno = saved;
}

const char *
daemon_sink_why(int error)
{
	switch (error) {
	case DAEMON_SINK_HUNG: return "it does not answer";
	case DAEMON_SINK_TAKEN: return "another service writes it";
	default: return strerror(error);
	}
}

static void
close_log(struct daemon_sink *k)
{
	int saved = errno;

	if (k->fd != -1)
		(void)close(k->fd);
	k->fd = -1;
	errno = saved;
}

void
daemon_sink_close(struct daemon_sink *k)
{
	if (k->fd == -1)
		return;
	leave(k);
	close_log(k);
	back(k);
}

static int
status_of(const struct daemon_sink *k, int fd, struct stat *st)
{
	int r;

	leave(k);
	r = fstat(fd, st);
	back(k);
	return r;
}

/* As soon as that can be: until then it is anybody's. */
static int
claim(struct daemon_sink *k)
{
	const int r = daemon_sole_claim(k->fd);

	k->claimed = r == 1;
	if (r != -1)
		return 0;
	close_log(k);
	return -1;
}

/* It waits: what it cannot take at once is not lost. */
static void
open_file(struct daemon_sink *k)
{
	int created;

	k->fd = daemon_open_as(k->h, k->path,
	    O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640,
	    &created);
	if (k->fd == -1)
		return;
	if (daemon_sole_claim(k->fd) == -1)
		close_log(k);
	else
		(void)fcntl(
		    k->fd, F_SETFL, fcntl(k->fd, F_GETFL) & ~O_NONBLOCK);
}

/* Of the standard output others have a part: it is left as it is. */
static int
open_log(struct daemon_sink *k)
{
	leave(k);
	close_log(k);
	k->claimed = 1;
	if (strcmp(k->path, DAEMON_LOG_STDOUT) == 0)
		k->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		open_file(k);
	back(k);
	if (k->fd == -1)
		return fails(k);
	k->log.patience = 0;
	return 0;
}

static int
rotate(const char *path, void *arg)
{
	const struct daemon_sink *k = arg;
	const char *base;
	int saved, r, dir = daemon_rotate_dir(path, &base);

	if (dir == -1)
		return -1;
	r = daemon_rotate(dir, base, k->files);
	saved = errno;
	(void)close(dir);
	errno = saved;
	return r;
}

/* What is written now was made by us, or lies where nobody else may put it. */
static int
find_moved(const struct daemon_sink *k, const struct daemon_intent i)
{
	const char *base;
	int dir, fd = -1;

	leave(k);
	dir = daemon_rotate_dir(k->path, &base);
	if (dir != -1) {
		fd = daemon_rotate_find(dir, base, i.dev, i.ino);
		(void)close(dir);
	}
	back(k);
	return fd;
}

static char
tag_of(unsigned stream)
{
	return stream == 0 ? 'o' : 'e';
}

#define CUT " (the line above is cut)"

enum { NOTICE = DAEMON_LOST_TEXT + sizeof CUT };

/* What is told of the lost. */
static size_t
notice(char text[NOTICE], const struct daemon_intent *i, int within)
{
	const char *end = within ? CUT "\n" : "\n";
	const size_t n = daemon_lost_text(
	    text, i->lines, i->n, daemon_sink_why((int)i->error));

	(void)strcpy(text + n, end);
	return n + strlen(end);
}

/* The lines that are intended. */
static struct daemon_lines
lines_of(const struct daemon_sink *k, const struct daemon_spool *s,
    const struct daemon_moment *m)
{
	const struct daemon_intent *i = &m->intent;
	struct daemon_lines l = {
		.p = daemon_spool_bytes(s, DAEMON_TO_LOG, i->stream),
		.n = (size_t)i->n,
		.middle = m->middle == i->stream + 1,
		.lead = m->middle != 0 && m->middle != i->stream + 1,
	};

	l.nhead = daemon_line_head(
	    l.head, &k->log.layout, i->stamp_us, tag_of(i->stream));
	return l;
}

/* The text of what is intended, from its beginning. */
static struct daemon_lines
text_of(const struct daemon_sink *k, const struct daemon_spool *s,
    const struct daemon_moment *m, char text[NOTICE])
{
	const struct daemon_intent *i = &m->intent;
	struct daemon_lines l = { .p = text, .lead = m->middle != 0 };

	if (i->kind != DAEMON_INTENT_NOTICE)
		return lines_of(k, s, m);
	l.n = notice(text, i, l.lead);
	l.nhead = daemon_line_head(l.head, &k->log.layout, i->stamp_us, '!');
	return l;
}

static size_t
length_of(const struct daemon_lines *l)
{
	return (size_t)(l->lead != 0) +
	    daemon_lines_length(l->p, l->n, l->middle, l->nhead);
}

/* A head without its line is of no use, if it is the last. */
static void
take_back(const struct daemon_sink *k, int64_t size, size_t rest)
{
	struct stat st;

	leave(k);
	if (rest > 0 && fstat(k->fd, &st) == 0 && st.st_size == size)
		(void)!ftruncate(k->fd, st.st_size - (off_t)rest);
	back(k);
}

/* Of what is not in the ring any more: the rest is lost. */
static void
lose_afloat(struct daemon_moment *m, const struct daemon_lines *l, size_t done)
{
	struct daemon_lost *lost = &m->lost[DAEMON_TO_LOG];

	if (done == l->n)
		return;
	lost->lines += (int64_t)daemon_lines_count(l->p + done, l->n - done);
	lost->bytes += (int64_t)(l->n - done);
	if (l->p[l->n - 1] != '\n' &&
	    m->ring[m->intent.stream].out[DAEMON_TO_LOG] == m->intent.next)
		lost->cut |= 1u << m->intent.stream;
}

/* The first n bytes of the lines, and with lead the newline before them. */
static void
settle_lines(
    struct daemon_moment *m, const struct daemon_lines *l, size_t n, int lead)
{
	if (n > 0)
		m->middle = l->p[n - 1] == '\n' ? 0 : m->intent.stream + 1;
	else if (lead)
		m->middle = 0;
	if (m->intent.afloat != 0)
		lose_afloat(m, l, n);
	else if (n > 0)
		daemon_spool_skip(m, DAEMON_TO_LOG, m->intent.stream, n);
}

/* So much of that text is in the log: what follows is another intent. */
static void
settle(struct daemon_sink *k, struct daemon_spool *s,
    const struct daemon_lines *l, size_t done)
{
	struct daemon_moment m = daemon_spool_copy(s);
	size_t rest = 0, n = daemon_lines_done(l, done, &rest);

	if (m.intent.kind == DAEMON_INTENT_NOTICE && n < l->n)
		rest = done;
	if (rest > 0)
		take_back(k, m.intent.size + (int64_t)done, rest);
	m = daemon_spool_copy(s);
	if (m.intent.kind != DAEMON_INTENT_NOTICE) {
		settle_lines(&m, l, n, l->lead && done > 0);
	} else if (n == l->n) {
		m.lost[DAEMON_TO_LOG].lines -= m.intent.lines;
		m.lost[DAEMON_TO_LOG].bytes -= m.intent.n;
		m.middle = 0;
	}
	m.intent = (struct daemon_intent){ .kind = DAEMON_INTENT_NONE };
	daemon_spool_commit(s, &m);
	daemon_spool_land(s);
}

static int
takes_more(int fd, int ms)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	return poll(&room, 1, ms) != 0;
}

/* Also where it is not to wait, but somebody else may have said so. */
static ssize_t
write_some(int fd, const char *p, size_t n)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	ssize_t w;

	while (
	    (w = write(fd, p, n)) == -1 && (errno == EINTR || errno == EAGAIN))
		(void)poll(&room, 1, -1);
	return w;
}

static size_t
write_all(struct daemon_sink *k, const char *p, size_t n)
{
	size_t done = 0;
	ssize_t w;

	while (done < n) {
		leave(k);
		w = write_some(k->fd, p + done, n - done);
		back(k);
		if (w <= 0) {
			(void)fails(k);
			break;
		}
		done += (size_t)w;
	}
	return done;
}

/* As bytes, where nothing is added to them. */
static size_t
write_text(struct daemon_sink *k, struct daemon_lines l)
{
	static char piece[PIECE];
	size_t n, w, done = 0;

	if (l.nhead == 0 && !l.lead)
		return write_all(k, l.p, l.n);
	while ((n = daemon_lines_next(&l, piece, sizeof piece)) > 0) {
		w = write_all(k, piece, n);
		done += w;
		if (w < n)
			break;
	}
	return done;
}

/* He was killed with lines that are nowhere else: what is not known to be in
 * the log is not. */
static void
settle_lost(struct daemon_spool *s, int64_t done)
{
	struct daemon_moment m = daemon_spool_copy(s);

	if (done < m.intent.afloat) {
		m.lost[DAEMON_TO_LOG].lines += m.intent.lines;
		m.lost[DAEMON_TO_LOG].bytes += m.intent.n;
	}
	m.middle = done > 0 ? m.intent.stream + 1 : m.middle;
	m.intent = (struct daemon_intent){ .kind = DAEMON_INTENT_NONE };
	daemon_spool_commit(s, &m);
}

/* So much was written since. */
static void
settle_found(struct daemon_sink *k, struct daemon_spool *s, int64_t done)
{
	char text[NOTICE];
	struct daemon_lines l;
	size_t whole;

	if (daemon_spool_now(s)->intent.afloat != 0) {
		settle_lost(s, done);
		return;
	}
	l = text_of(k, s, daemon_spool_now(s), text);
	whole = length_of(&l);
	settle(k, s, &l, (size_t)done < whole ? (size_t)done : whole);
}

/* What another has begun is in the file that it was begun in, wherever that is
 * now; nowhere, if that is gone. */
static void
recover(struct daemon_sink *k, struct daemon_spool *s)
{
	const struct daemon_intent i = daemon_spool_now(s)->intent;
	struct stat st;
	int own = k->fd;

	if (i.kind == DAEMON_INTENT_NONE || status_of(k, own, &st) == -1)
		return;
	if (st.st_dev != i.dev || st.st_ino != i.ino) {
		k->fd = find_moved(k, i);
		if (k->fd == -1 || status_of(k, k->fd, &st) == -1)
			st.st_size = i.size;
	}
	settle_found(k, s, st.st_size > i.size ? st.st_size - i.size : 0);
	if (k->fd != own)
		close_log(k);
	k->fd = own;
}

static int
make_way(struct daemon_sink *k, struct daemon_spool *s, int64_t size)
{
	struct daemon_moment m = daemon_spool_copy(s);
	int r;

	m.rotates = 1;
	daemon_spool_commit(s, &m);
	leave(k);
	r = daemon_do_as(k->h, k->path, rotate, k);
	back(k);
	m = daemon_spool_copy(s);
	if (r == -1) {
		k->stuck = errno;
		k->log.patience = size + 1 + k->log.max_size / 10;
	} else {
		m.began_ms = 0;
		k->rotated = 1;
	}
	m.rotates = 0;
	daemon_spool_commit(s, &m);
	return r == -1 ? -1 : open_log(k);
}

/* Whoever was killed while he made way has written nothing since. */
int
daemon_sink_open(struct daemon_sink *k, struct daemon_spool *s)
{
	k->error = 0;
	if (daemon_spool_now(s)->rotates)
		return make_way(k, s, 0) == -1 && k->fd == -1 ? open_log(k) : 0;
	if (open_log(k) == -1)
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
	char text[NOTICE];
	struct daemon_lines l;
	size_t done;

	intend(s, i);
	l = text_of(k, s, daemon_spool_now(s), text);
	k->error = 0;
	done = write_text(k, l);
	settle(k, s, &l, done);
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
	l = lines_of(k, s, &m);
	if (S_ISREG(st->st_mode))
		*way = daemon_choose_way(
		    &k->log, &m, i->stamp_us / US_IN_MS, st->st_size, &l);
	else
		l.n = piece_of(&l);
	i->n = (int64_t)l.n;
	return 1;
}

static void
wait_for_room(const struct daemon_sink *k)
{
	leave(k);
	(void)takes_more(k->fd, -1);
	back(k);
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
		if (status_of(k, k->fd, &st) == -1)
			return fails(k);
		if (!plan(k, s, &st, ending, i, &way))
			return 0;
		if (way == DAEMON_WAY_ROTATES) {
			/* Where it may not be moved it grows. */
			(void)make_way(k, s, st.st_size);
			if (k->fd == -1)
				return -1;
		} else if (S_ISREG(st.st_mode) || takes_more(k->fd, 0)) {
			return 1;
		} else {
			wait_for_room(k);
		}
	}
}

enum daemon_sunk
daemon_sink_write(struct daemon_sink *k, struct daemon_spool *s, int ending)
{
	struct daemon_intent i;

	if (k->fd == -1 && daemon_sink_open(k, s) == -1)
		return DAEMON_SUNK_FAILED;
	if (!k->claimed && claim(k) == -1) {
		(void)fails(k);
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
	    status_of(k, k->fd, &st) == -1)
		return;
	if (st.st_size > 0) {
		(void)make_way(k, s, st.st_size);
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
	struct daemon_lines l = lines_of(k, s, &m);

	m.intent.afloat = (int64_t)length_of(&l);
	m.intent.lines = (int64_t)daemon_lines_count(l.p, l.n);
	if (daemon_spool_cast_off(s, stream, l.n) == -1)
		return 0;
	daemon_spool_skip(&m, DAEMON_TO_LOG, stream, l.n);
	m.intent.next = m.ring[stream].out[DAEMON_TO_LOG];
	daemon_spool_commit(s, &m);
	return 1;
}
