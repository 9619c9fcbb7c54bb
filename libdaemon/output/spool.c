/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "spool.h"

#define MAGIC UINT64_C(0x34656e6f6d656164) /* "daemone4" */

enum {
	PAGE = 4096,
	HEAD = 64 << 10, /* pages may be large */
	AT_ONCE = 256 << 10 /* bytes: they stay in a processor's cache */
};

struct daemon_head {
	uint64_t magic;
	int64_t keeper; /* who has it locked */
	_Atomic uint32_t stuck; /* his log does not answer */
	_Atomic uint32_t now;
	struct daemon_moment moment[2];
};

_Static_assert(sizeof(struct daemon_head) <= PAGE, "a page");

static int64_t
start_of(unsigned stream)
{
	return HEAD + (int64_t)stream * DAEMON_RING;
}

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

static void
empty(struct daemon_ring *r, int64_t at)
{
	int i;

	r->in = at;
	for (i = 0; i < DAEMON_OUTLETS; i++)
		r->out[i] = at;
}

static void
make_anew(struct daemon_spool *s)
{
	struct daemon_moment m = { .outlets = 1u << DAEMON_TO_LOG };
	unsigned i;

	for (i = 0; i < DAEMON_STREAMS; i++)
		empty(&m.ring[i], start_of(i));
	s->head->magic = 0;
	s->head->moment[0] = m;
	atomic_store(&s->head->now, 0);
	s->head->magic = MAGIC;
}

static int
is_within(int64_t at, unsigned stream)
{
	return at >= start_of(stream) && at <= start_of(stream) + DAEMON_RING;
}

static int
is_sound_ring(const struct daemon_ring *r, unsigned stream)
{
	int i;

	for (i = 0; i < DAEMON_OUTLETS; i++)
		if (!is_within(r->out[i], stream))
			return 0;
	return is_within(r->in, stream);
}

static int
is_sound(const struct daemon_spool *s)
{
	const struct daemon_moment *m = daemon_spool_now(s);
	unsigned i;

	if (s->head->magic != MAGIC)
		return 0;
	for (i = 0; i < DAEMON_STREAMS; i++)
		if (!is_sound_ring(&m->ring[i], i))
			return 0;
	return m->intent.kind != DAEMON_INTENT_LINES ||
	    (m->intent.stream < DAEMON_STREAMS && m->intent.n >= 0 &&
		(m->intent.afloat != 0 ||
		    (size_t)m->intent.n <= daemon_spool_pending(s,
					       DAEMON_TO_LOG,
					       m->intent.stream)));
}

/* Its length is known, its first pages are there, and those of each ring that
 * it must not lack. */
static int
make_room(int fd)
{
	unsigned i;
	int r = posix_fallocate(fd, 0, PAGE);

	for (i = 0; r == 0 && i < DAEMON_STREAMS; i++)
		r = posix_fallocate(fd, start_of(i), DAEMON_RING_SURE);
	if (r == 0 && ftruncate(fd, start_of(DAEMON_STREAMS)) == -1)
		r = errno;
	errno = r;
	return r == 0 ? 0 : -1;
}

static int
map_head(struct daemon_spool *s)
{
	void *p =
	    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);

	if (p == MAP_FAILED)
		return -1;
	s->head = p;
	return 0;
}

/* The same pages twice in a row: what goes over the end is in one piece. */
static char *
map_ring(int fd, unsigned stream)
{
	const size_t n = DAEMON_RING;
	char *p =
	    mmap(NULL, 2 * n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	if (p == MAP_FAILED)
		return NULL;
	for (i = 0; i < 2; i++)
		if (mmap(p + (size_t)i * n, n, PROT_READ,
			MAP_SHARED | MAP_FIXED, fd,
			start_of(stream)) == MAP_FAILED) {
			(void)munmap(p, 2 * n);
			return NULL;
		}
	return p;
}

static int
map_rings(struct daemon_spool *s)
{
	unsigned i;

	for (i = 0; i < DAEMON_STREAMS; i++)
		if ((s->bytes[i] = map_ring(s->fd, i)) == NULL)
			return -1;
	return 0;
}

static int
open_ours(int dir, int flags)
{
	struct stat st;
	int fd = openat(dir, DAEMON_SPOOL,
	    O_RDWR | flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd == -1 || fstat(fd, &st) == -1)
		return fd;
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_nlink == 1)
		return fd;
	(void)close(fd);
	errno = EPERM;
	return -1;
}

static pid_t
keeper_of(struct daemon_spool *s)
{
	return map_head(s) == 0 && s->head->magic == MAGIC
	    ? (pid_t)s->head->keeper
	    : 0;
}

int
daemon_spool_open(struct daemon_spool *s, int dir, pid_t *keeper)
{
	int saved;

	*s = (struct daemon_spool){ .fd = open_ours(dir, O_CREAT) };
	if (s->fd == -1)
		return -1;
	if (flock(s->fd, LOCK_EX | LOCK_NB) == -1) {
		saved = errno;
		*keeper = keeper_of(s);
		daemon_spool_close(s);
		errno = saved;
		return -1;
	}
	if (make_room(s->fd) == -1 || map_head(s) == -1 || map_rings(s) == -1) {
		saved = errno;
		daemon_spool_close(s);
		errno = saved;
		return -1;
	}
	if (!is_sound(s))
		make_anew(s);
	s->head->keeper = getpid();
	daemon_spool_stick(s, 0);
	return 0;
}

void
daemon_spool_close(struct daemon_spool *s)
{
	unsigned i;

	for (i = 0; i < DAEMON_STREAMS; i++)
		if (s->bytes[i] != NULL)
			(void)munmap(s->bytes[i], 2 * (size_t)DAEMON_RING);
	daemon_spool_land(s);
	if (s->head != NULL)
		(void)munmap(s->head, PAGE);
	if (s->fd != -1)
		(void)close(s->fd);
	*s = (struct daemon_spool){ .fd = -1 };
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
static size_t
occupied(const struct daemon_moment *m, unsigned stream)
{
	const size_t log = pending(m, DAEMON_TO_LOG, stream),
		     syslog = pending(m, DAEMON_TO_SYSLOG, stream);

	return log > syslog ? log : syslog;
}

size_t
daemon_spool_backlog(const struct daemon_spool *s)
{
	return occupied(daemon_spool_now(s), 0) +
	    occupied(daemon_spool_now(s), 1);
}

const char *
daemon_spool_bytes(
    const struct daemon_spool *s, enum daemon_outlet to, unsigned stream)
{
	int64_t at =
	    daemon_spool_now(s)->ring[stream].out[to] - start_of(stream);

	return s->bytes[stream] + (at == DAEMON_RING ? 0 : at);
}

void
daemon_spool_skip(
    struct daemon_moment *m, enum daemon_outlet to, unsigned stream, size_t n)
{
	struct daemon_ring *r = &m->ring[stream];
	const int64_t start = start_of(stream);

	r->out[to] = start + (r->out[to] - start + (int64_t)n) % DAEMON_RING;
	if (r->in == start + DAEMON_RING)
		r->in = start;
	/* Of an empty one the first pages are used again. */
	if (occupied(m, stream) == 0)
		empty(r, start);
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
	const int64_t end = start_of(stream) + DAEMON_RING_SURE;

	return r->in >= start_of(stream) +
			(int64_t)occupied(daemon_spool_now(s), stream) &&
		r->in < end
	    ? (size_t)(end - r->in)
	    : 0;
}

/* A ring that is full is not empty: a page is never used. */
size_t
daemon_spool_room(const struct daemon_spool *s, unsigned stream)
{
	const size_t n = occupied(daemon_spool_now(s), stream);

	if (s->tight)
		return sure_room(s, stream);
	return n + PAGE < DAEMON_RING ? DAEMON_RING - PAGE - n : 0;
}

/* How many more in one piece; where that is none because the end is reached,
 * the beginning is next. */
static size_t
piece(struct daemon_spool *s, unsigned stream)
{
	struct daemon_moment m;
	const struct daemon_ring *r = &daemon_spool_now(s)->ring[stream];
	const int64_t start = start_of(stream), end = start + DAEMON_RING;
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
	char *anew = map_ring(s->fd, stream);

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
		if (occupied(daemon_spool_now(s), i) > 0)
			continue;
		(void)madvise(
		    s->bytes[i], 2 * (size_t)DAEMON_RING, MADV_DONTNEED);
		(void)fallocate(s->fd,
		    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		    start_of(i) + DAEMON_RING_SURE,
		    DAEMON_RING - DAEMON_RING_SURE);
	}
	s->tight = 0;
}

/* Its first page; 0: there is none. */
static int
look_at(struct daemon_spool *s, int dir)
{
	struct stat st;

	*s = (struct daemon_spool){ .fd = open_ours(dir, 0) };
	return s->fd != -1 && fstat(s->fd, &st) == 0 &&
	    st.st_size >= start_of(DAEMON_STREAMS) && map_head(s) == 0;
}

ssize_t
daemon_spool_peek(int dir)
{
	struct daemon_spool s;
	ssize_t n = -1;

	if (look_at(&s, dir))
		n = is_sound(&s) ? (ssize_t)daemon_spool_backlog(&s) : 0;
	daemon_spool_close(&s);
	return n;
}

pid_t
daemon_spool_keeper(int dir)
{
	struct daemon_spool s;
	pid_t pid = 0;

	if (look_at(&s, dir) && flock(s.fd, LOCK_EX | LOCK_NB) == -1 &&
	    errno == EWOULDBLOCK)
		pid = (pid_t)s.head->keeper;
	daemon_spool_close(&s);
	return pid;
}

int
daemon_spool_is_stuck(int dir)
{
	struct daemon_spool s;
	int r = look_at(&s, dir) && s.head->magic == MAGIC &&
	    atomic_load(&s.head->stuck) != 0;

	daemon_spool_close(&s);
	return r;
}

void
daemon_spool_stick(struct daemon_spool *s, int stuck)
{
	atomic_store(&s->head->stuck, (uint32_t)stuck);
}
