/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/walk.h"
#include "../start/asuser.h"
#include "rotate.h"
#include "sink.h"

enum { BATCH = 256 << 10, PIECE = 64 << 10, US_IN_MS = 1000 };

static int
fails(struct daemon_sink *k)
{
	k->error = errno != 0 ? errno : EIO;
	return -1;
}

void
daemon_sink_close(struct daemon_sink *k)
{
	if (k->fd != -1)
		(void)close(k->fd);
	k->fd = -1;
}

/* It waits: what it cannot take at once is not lost. */
static int
open_log(struct daemon_sink *k)
{
	int created, flags;

	daemon_sink_close(k);
	k->fd = daemon_open_as(k->h, k->path,
	    O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640,
	    &created);
	if (k->fd == -1)
		return fails(k);
	flags = fcntl(k->fd, F_GETFL);
	(void)fcntl(k->fd, F_SETFL, flags & ~O_NONBLOCK);
	k->patience = 0;
	return 0;
}

/* Its directory, and *base, its name there; -1/errno.  Root goes there over
 * nothing that others could change; who is somebody else may go where he can. */
static int
open_dir(const char *path, const char **base)
{
	struct daemon_walk w;
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	if (daemon_walk_to_parent(&w, path, base, "log", NULL) == 0)
		return w.fd;
	if (geteuid() == 0)
		return -1;
	*base = slash + 1;
	(void)snprintf(dir, sizeof dir, "%.*s", (int)(slash - path + 1), path);
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int
rotate(const char *path, void *arg)
{
	const struct daemon_sink *k = arg;
	const char *base;
	int saved, r, dir = open_dir(path, &base);

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
find_moved(const char *path, const struct daemon_intent *i)
{
	const char *base;
	int dir = open_dir(path, &base), fd;

	if (dir == -1)
		return -1;
	fd = daemon_rotate_find(dir, base, i->dev, i->ino);
	(void)close(dir);
	return fd;
}

static char
tag_of(unsigned stream)
{
	return stream == 0 ? 'o' : 'e';
}

enum { NOTICE = 128 };

/* What is told of the lost. */
static size_t
notice(char text[NOTICE], const struct daemon_moment *m)
{
	return (size_t)snprintf(text, NOTICE,
	    "daemonize: %lld line%s, %lld byte%s lost: %s\n",
	    (long long)m->lost_lines, m->lost_lines == 1 ? "" : "s",
	    (long long)m->lost_bytes, m->lost_bytes == 1 ? "" : "s",
	    strerror((int)m->intent.error));
}

/* The text of what is intended, from its beginning. */
static struct daemon_lines
text_of(const struct daemon_sink *k, const struct daemon_spool *s,
    const struct daemon_moment *m, char text[NOTICE])
{
	const struct daemon_intent *i = &m->intent;
	struct daemon_lines l = { .p = text };

	if (i->kind == DAEMON_INTENT_NOTICE) {
		l.n = notice(text, m);
		l.lead = m->middle != 0;
		l.nhead =
		    daemon_line_head(l.head, &k->layout, i->stamp_us, '!');
		return l;
	}
	l.p = daemon_spool_bytes(s, i->stream);
	l.n = (size_t)i->n;
	l.middle = m->middle == i->stream + 1;
	l.lead = m->middle != 0 && !l.middle;
	l.nhead = daemon_line_head(
	    l.head, &k->layout, i->stamp_us, tag_of(i->stream));
	return l;
}

static size_t
length_of(const struct daemon_lines *l)
{
	return (size_t)(l->lead != 0) +
	    daemon_lines_length(l->p, l->n, l->middle, l->nhead);
}

/* So much of that text is in the log: what follows is another intent. */
static void
settle(struct daemon_sink *k, struct daemon_spool *s,
    const struct daemon_lines *l, size_t done)
{
	struct daemon_moment m = daemon_spool_copy(s);
	size_t rest = 0, n = daemon_lines_done(l, done, &rest);
	struct stat st;

	if (m.intent.kind == DAEMON_INTENT_NOTICE) {
		if (n == l->n) {
			m.lost_lines = m.lost_bytes = 0;
			m.middle = 0;
		} else {
			rest = done;
		}
	} else if (n > 0) {
		m.middle =
		    l->p[n - 1] == '\n' ? 0 : (uint32_t)m.intent.stream + 1;
		daemon_spool_skip(&m, m.intent.stream, n);
	} else if (l->lead && done > 0) {
		m.middle = 0;
	}
	/* A head without its line is of no use, if it is the last. */
	if (rest > 0 && fstat(k->fd, &st) == 0 &&
	    st.st_size == m.intent.size + (int64_t)done)
		(void)!ftruncate(k->fd, st.st_size - (off_t)rest);
	m.intent.kind = DAEMON_INTENT_NONE;
	daemon_spool_commit(s, &m);
}

static size_t
write_all(struct daemon_sink *k, const char *p, size_t n)
{
	size_t done = 0;
	ssize_t w;

	while (done < n) {
		w = write(k->fd, p + done, n - done);
		if (w == -1 && errno == EINTR)
			continue;
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

/* What another has begun is in the file that it was begun in, wherever that is
 * now; nowhere, if that is gone. */
static void
recover(struct daemon_sink *k, struct daemon_spool *s)
{
	const struct daemon_intent *i = &daemon_spool_now(s)->intent;
	char text[NOTICE];
	struct daemon_lines l;
	size_t done = 0, whole;
	struct stat st;
	int fd, own = k->fd;

	if (i->kind == DAEMON_INTENT_NONE)
		return;
	if (fstat(own, &st) == -1)
		return;
	l = text_of(k, s, daemon_spool_now(s), text);
	if (st.st_dev != i->dev || st.st_ino != i->ino) {
		fd = find_moved(k->path, i);
		if (fd == -1 || fstat(fd, &st) == -1) {
			settle(k, s, &l, 0);
			return;
		}
		k->fd = fd;
	}
	whole = length_of(&l);
	if (st.st_size > i->size)
		done = (size_t)(st.st_size - i->size);
	settle(k, s, &l, done < whole ? done : whole);
	if (k->fd != own) {
		(void)close(k->fd);
		k->fd = own;
	}
}

static int
make_way(struct daemon_sink *k, struct daemon_spool *s, int64_t size)
{
	struct daemon_moment m = daemon_spool_copy(s);
	int r;

	m.rotates = 1;
	daemon_spool_commit(s, &m);
	r = daemon_do_as(k->h, k->path, rotate, k);
	if (r == -1) {
		k->stuck = errno;
		k->patience = size + 1 + k->max_size / 10;
	} else {
		m.began_ms = 0;
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
	const size_t o = daemon_spool_pending(s, 0),
		     e = daemon_spool_pending(s, 1);
	unsigned first = middle != 0 ? middle - 1 : e > o;

	return daemon_spool_pending(s, !first) > 0 &&
		(daemon_spool_pending(s, first) == 0 || is_crowded(s, !first))
	    ? !first
	    : first;
}

/* Lines of two are not mixed: each is whole, unless it is too long. */
static size_t
presentable(const struct daemon_sink *k, const struct daemon_spool *s,
    unsigned stream, int ending)
{
	size_t n = daemon_spool_pending(s, stream), whole;

	if (!k->layout.tags || ending)
		return n < BATCH ? n : BATCH;
	whole = daemon_lines_whole(
	    daemon_spool_bytes(s, stream), n < BATCH ? n : BATCH);
	if (whole == 0 && n > DAEMON_RING_SURE / 2)
		whole = n < BATCH ? n : BATCH;
	return whole;
}

static int
is_too_old(const struct daemon_sink *k, const struct daemon_moment *m)
{
	return k->max_age_ms > 0 && m->began_ms > 0 &&
	    daemon_clock_wall() - m->began_ms >= k->max_age_ms;
}

enum way { STAYS, ROTATES };

/* Cut what has no room in the log as it is; or is it to be rotated first? */
static enum way
cut(const struct daemon_sink *k, const struct daemon_moment *m,
    struct daemon_lines *l, int64_t size)
{
	const int movable = !l->middle && !l->lead && size > k->patience;
	const int64_t room = k->max_size - size - (l->lead != 0);
	size_t fit = 0;

	if (movable && is_too_old(k, m))
		return ROTATES;
	if (k->max_size == 0)
		return STAYS;
	if (room > 0)
		fit = daemon_lines_fit(
		    l->p, l->n, l->middle, l->nhead, (size_t)room);
	if (fit == 0 && movable)
		return ROTATES;
	l->n = fit > 0 ? fit : daemon_lines_first(l->p, l->n);
	return STAYS;
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

/* The first n bytes of a stream are dropped: they are counted.  The rest of a
 * line that is not whole goes with it, when it comes. */
static void
lose(struct daemon_spool *s, unsigned stream, size_t n)
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

static void
lose_rest(struct daemon_spool *s, unsigned stream)
{
	const size_t n = daemon_spool_pending(s, stream);

	if ((daemon_spool_now(s)->cut & 1u << stream) != 0 && n > 0)
		lose(s, stream,
		    daemon_lines_first(daemon_spool_bytes(s, stream), n));
}

/* The next lines, in i: how many bytes they are; 0: there are none. */
static int64_t
next_lines(const struct daemon_sink *k, const struct daemon_spool *s,
    int ending, struct daemon_intent *i)
{
	i->kind = DAEMON_INTENT_LINES;
	i->stream = choose_stream(s);
	i->n = (int64_t)presentable(k, s, i->stream, ending);
	if (i->n > 0)
		return i->n;
	i->stream = !i->stream;
	i->n = (int64_t)presentable(k, s, i->stream, ending);
	return i->n;
}

/* What is to be written next, and where; 0: nothing. */
static int
plan(struct daemon_sink *k, struct daemon_spool *s, const struct stat *st,
    int ending, struct daemon_intent *i, enum way *way)
{
	struct daemon_moment m;
	struct daemon_lines l;

	*way = STAYS;
	*i = (struct daemon_intent){ .stamp_us = daemon_clock_wall_us(),
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = st->st_size };
	if (daemon_spool_now(s)->lost_bytes > 0) {
		i->kind = DAEMON_INTENT_NOTICE;
		i->error = k->lost_error;
		return 1;
	}
	lose_rest(s, 0);
	lose_rest(s, 1);
	if (next_lines(k, s, ending, i) == 0)
		return 0;
	m = daemon_spool_copy(s);
	m.intent = *i;
	l = text_of(k, s, &m, NULL);
	*way = cut(k, &m, &l, st->st_size);
	i->n = (int64_t)l.n;
	return 1;
}

enum daemon_sunk
daemon_sink_write(struct daemon_sink *k, struct daemon_spool *s, int ending)
{
	struct daemon_intent i;
	struct stat st;
	enum way way;

	if (k->fd == -1 && daemon_sink_open(k, s) == -1)
		return DAEMON_SUNK_FAILED;
	do {
		if (fstat(k->fd, &st) == -1) {
			(void)fails(k);
			return DAEMON_SUNK_FAILED;
		}
		if (!plan(k, s, &st, ending, &i, &way))
			return DAEMON_SUNK_NOTHING;
		/* Where it may not be moved it grows. */
		if (way == ROTATES)
			(void)make_way(k, s, st.st_size);
		if (k->fd == -1)
			return DAEMON_SUNK_FAILED;
	} while (way == ROTATES);
	return carry_out(k, s, &i);
}

void
daemon_sink_age(struct daemon_sink *k, struct daemon_spool *s)
{
	struct daemon_moment m = daemon_spool_copy(s);
	struct stat st;

	if (k->fd == -1 || m.middle != 0 || k->patience > 0 ||
	    !is_too_old(k, &m) || fstat(k->fd, &st) == -1)
		return;
	if (st.st_size > 0) {
		(void)make_way(k, s, st.st_size);
		return;
	}
	m.began_ms = 0;
	daemon_spool_commit(s, &m);
}

int
daemon_sink_wait(const struct daemon_sink *k, const struct daemon_spool *s)
{
	const struct daemon_moment *m = daemon_spool_now(s);

	if (k->fd == -1 || k->max_age_ms == 0 || m->began_ms == 0 ||
	    m->middle != 0 || k->patience > 0)
		return -1;
	return daemon_clock_wait(
	    m->began_ms + k->max_age_ms - daemon_clock_wall());
}

void
daemon_sink_drop(struct daemon_spool *s, unsigned stream, int all)
{
	const size_t n = daemon_spool_pending(s, stream),
		     drop = all ? n : n / 2;

	if (drop > 0)
		lose(s, stream,
		    drop +
			daemon_lines_first(
			    daemon_spool_bytes(s, stream) + drop, n - drop));
}
