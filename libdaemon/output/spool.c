/* SPDX-License-Identifier: ISC */
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "spoolhead.h"

enum { AT_ONCE = 256 << 10 /* bytes: they stay in a processor's cache */ };

const struct daemon_moment *
daemon_spool_now(const struct daemon_spool *s)
{
	return &s->head->moment[atomic_load(&s->head->now) & 1];
}

struct daemon_moment
daemon_spool_copy(const struct daemon_spool *s)
{
	return *daemon_spool_now(s);
}

void
daemon_spool_commit(struct daemon_spool *s, const struct daemon_moment *m)
{
	uint32_t other = ~atomic_load(&s->head->now) & 1;

	s->head->moment[other] = *m;
	atomic_store(&s->head->now, other);
}

void
daemon_spool_empty(struct daemon_ring *r, int64_t at)
{
	int i;

	r->in = at;
	for (i = 0; i < DAEMON_OUTLETS; i++)
		r->out[i] = at;
}

static size_t
pending(const struct daemon_moment *m, enum daemon_outlet to, unsigned stream)
{
	const struct daemon_ring *r = &m->ring[stream];
	const int64_t n = r->in - r->out[to];

	if ((m->outlets & 1u << to) == 0)
		return 0;
	return (size_t)(n >= 0 ? n : n + DAEMON_RING);
}

size_t
daemon_spool_pending(
    const struct daemon_spool *s, enum daemon_outlet to, unsigned stream)
{
	return pending(daemon_spool_now(s), to, stream);
}

/* What has not gone everywhere. */
size_t
daemon_spool_occupied(const struct daemon_moment *m, unsigned stream)
{
	const size_t log = pending(m, DAEMON_TO_LOG, stream),
		     syslog = pending(m, DAEMON_TO_SYSLOG, stream);

	return log > syslog ? log : syslog;
}

size_t
daemon_spool_backlog(const struct daemon_spool *s)
{
	return daemon_spool_occupied(daemon_spool_now(s), 0) +
	    daemon_spool_occupied(daemon_spool_now(s), 1);
}

const char *
daemon_spool_bytes(
    const struct daemon_spool *s, enum daemon_outlet to, unsigned stream)
{
	int64_t at = daemon_spool_now(s)->ring[stream].out[to] -
	    daemon_spool_start(stream);

	return s->bytes[stream] + (at == DAEMON_RING ? 0 : at);
}

void
daemon_spool_skip(
    struct daemon_moment *m, enum daemon_outlet to, unsigned stream, size_t n)
{
	struct daemon_ring *r = &m->ring[stream];
	const int64_t start = daemon_spool_start(stream);

	r->out[to] = start + (r->out[to] - start + (int64_t)n) % DAEMON_RING;
	if (r->in == start + DAEMON_RING)
		r->in = start;
	/* Of an empty one the first pages are used again. */
	if (daemon_spool_occupied(m, stream) == 0)
		daemon_spool_empty(r, start);
}

void
daemon_spool_serve(struct daemon_spool *s, uint32_t outlets)
{
	struct daemon_moment m = daemon_spool_copy(s);
	const uint32_t added = outlets & ~m.outlets;
	unsigned i, k;

	for (i = 0; i < DAEMON_STREAMS; i++)
		for (k = 0; k < DAEMON_OUTLETS; k++)
			if ((added & 1u << k) != 0)
				m.ring[i].out[k] = m.ring[i].in;
	m.outlets = outlets;
	daemon_spool_commit(s, &m);
}

/* Where there is no room for more the sure part is all, and is filled once,
 * from its beginning. */
static size_t
sure_room(const struct daemon_spool *s, unsigned stream)
{
	const struct daemon_ring *r = &daemon_spool_now(s)->ring[stream];
	const int64_t end = daemon_spool_start(stream) + DAEMON_RING_SURE;

	return r->in >= daemon_spool_start(stream) +
			(int64_t)daemon_spool_occupied(
			    daemon_spool_now(s), stream) &&
		r->in < end
	    ? (size_t)(end - r->in)
	    : 0;
}

/* A ring that is full is not empty: a page is never used. */
size_t
daemon_spool_room(const struct daemon_spool *s, unsigned stream)
{
	const size_t n = daemon_spool_occupied(daemon_spool_now(s), stream);

	if (s->tight)
		return sure_room(s, stream);
	return n + DAEMON_SPOOL_PAGE < DAEMON_RING
	    ? DAEMON_RING - DAEMON_SPOOL_PAGE - n
	    : 0;
}

/* How many more in one piece; where that is none because the end is reached,
 * the beginning is next. */
static size_t
piece(struct daemon_spool *s, unsigned stream)
{
	struct daemon_moment m;
	const struct daemon_ring *r = &daemon_spool_now(s)->ring[stream];
	const int64_t start = daemon_spool_start(stream),
		      end = start + DAEMON_RING;
	size_t room = daemon_spool_room(s, stream);

	if (r->in >= end && room > 0 && !s->tight) {
		m = daemon_spool_copy(s);
		m.ring[stream].in = start;
		daemon_spool_commit(s, &m);
		r = &daemon_spool_now(s)->ring[stream];
	}
	if (r->in >= end)
		return 0;
	return room < (size_t)(end - r->in) ? room : (size_t)(end - r->in);
}

ssize_t
daemon_spool_take(struct daemon_spool *s, unsigned stream, int pipe)
{
	struct daemon_ring *r;
	size_t n = piece(s, stream);
	ssize_t got;

	if (n == 0)
		return 0;
	if (n > AT_ONCE)
		n = AT_ONCE;
	r = &s->head->moment[atomic_load(&s->head->now) & 1].ring[stream];
	got = splice(
	    pipe, NULL, s->fd, &r->in, n, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (got == -1 && errno == ENOSPC) {
		s->tight = 1;
		return 0;
	}
	return got;
}

/* The same bytes at the same place, which are nobody else's any more. */
static int
keep_apart(char *p, size_t n)
{
	char *from =
	    (char *)((uintptr_t)p & ~((uintptr_t)sysconf(_SC_PAGESIZE) - 1));
	size_t all = n + (size_t)(p - from);
	char *copy = mmap(NULL, all, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return -1;
	(void)memcpy(copy, from, all);
	if (mremap(copy, all, all, MREMAP_MAYMOVE | MREMAP_FIXED, from) !=
	    MAP_FAILED)
		return 0;
	(void)munmap(copy, all);
	return -1;
}

int
daemon_spool_cast_off(struct daemon_spool *s, unsigned stream, size_t n)
{
	char *anew = daemon_spool_map(s->fd, stream);

	if (anew == NULL)
		return -1;
	if (keep_apart(
		(char *)(uintptr_t)daemon_spool_bytes(s, DAEMON_TO_LOG, stream),
		n) == -1) {
		(void)munmap(anew, 2 * (size_t)DAEMON_RING);
		return -1;
	}
	s->afloat = s->bytes[stream];
	s->bytes[stream] = anew;
	return 0;
}

void
daemon_spool_land(struct daemon_spool *s)
{
	if (s->afloat != NULL)
		(void)munmap(s->afloat, 2 * (size_t)DAEMON_RING);
	s->afloat = NULL;
}

void
daemon_spool_trim(struct daemon_spool *s)
{
	unsigned i;

	for (i = 0; i < DAEMON_STREAMS; i++) {
		if (daemon_spool_occupied(daemon_spool_now(s), i) > 0)
			continue;
		(void)madvise(
		    s->bytes[i], 2 * (size_t)DAEMON_RING, MADV_DONTNEED);
		(void)fallocate(s->fd,
		    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		    daemon_spool_start(i) + DAEMON_RING_SURE,
		    DAEMON_RING - DAEMON_RING_SURE);
	}
	s->tight = 0;
}
