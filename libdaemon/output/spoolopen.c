/* SPDX-License-Identifier: ISC */
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "spoolhead.h"

#define MAGIC UINT64_C(0x34656e6f6d656164) /* "daemone4" */

static void
make_anew(struct daemon_spool *s)
{
	struct daemon_moment m = { .outlets = 1u << DAEMON_TO_LOG };
	unsigned i;

	for (i = 0; i < DAEMON_STREAMS; i++)
		daemon_spool_empty(&m.ring[i], daemon_spool_start(i));
	s->head->magic = 0;
	s->head->moment[0] = m;
	atomic_store(&s->head->now, 0);
	s->head->magic = MAGIC;
}

static int
is_within(int64_t at, unsigned stream)
{
	return at >= daemon_spool_start(stream) &&
	    at <= daemon_spool_start(stream) + DAEMON_RING;
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
	int r = posix_fallocate(fd, 0, DAEMON_SPOOL_PAGE);

	for (i = 0; r == 0 && i < DAEMON_STREAMS; i++)
		r = posix_fallocate(
		    fd, daemon_spool_start(i), DAEMON_RING_SURE);
	if (r == 0 && ftruncate(fd, daemon_spool_start(DAEMON_STREAMS)) == -1)
		r = errno;
	errno = r;
	return r == 0 ? 0 : -1;
}

static int
map_head(struct daemon_spool *s)
{
	void *p = mmap(NULL, DAEMON_SPOOL_PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED, s->fd, 0);

	if (p == MAP_FAILED)
		return -1;
	s->head = p;
	return 0;
}

/* The same pages twice in a row: what goes over the end is in one piece. */
char *
daemon_spool_map(int fd, unsigned stream)
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
			daemon_spool_start(stream)) == MAP_FAILED) {
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
		if ((s->bytes[i] = daemon_spool_map(s->fd, i)) == NULL)
			return -1;
	return 0;
}

/* A memfd is opened once more: the lock is the opening's. */
static int
open_place(int place, int flags)
{
	struct stat st;
	char name[DAEMON_AT_NAME];

	if (fstat(place, &st) == -1)
		return -1;
	if (S_ISDIR(st.st_mode))
		return openat(
		    place, DAEMON_SPOOL, flags | O_NOFOLLOW | O_NONBLOCK, 0600);
	return open(daemon_at_name(place, name), flags & ~O_CREAT);
}

static int
open_ours(int place, int flags)
{
	struct stat st;
	int fd = open_place(place, O_RDWR | O_CLOEXEC | flags);

	if (fd == -1 || fstat(fd, &st) == -1)
		return fd;
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() && st.st_nlink <= 1)
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
daemon_spool_open(struct daemon_spool *s, int place, pid_t *keeper)
{
	int saved;

	*s = (struct daemon_spool){ .fd = open_ours(place, O_CREAT) };
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
	daemon_spool_tell(s, DAEMON_TO_LOG, 0);
	daemon_spool_tell(s, DAEMON_TO_SYSLOG, 0);
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
		(void)munmap(s->head, DAEMON_SPOOL_PAGE);
	if (s->fd != -1)
		(void)close(s->fd);
	*s = (struct daemon_spool){ .fd = -1 };
}

/* Its first page; 0: there is none. */
static int
look_at(struct daemon_spool *s, int place)
{
	struct stat st;

	*s = (struct daemon_spool){ .fd = open_ours(place, 0) };
	return s->fd != -1 && fstat(s->fd, &st) == 0 &&
	    st.st_size >= daemon_spool_start(DAEMON_STREAMS) &&
	    map_head(s) == 0;
}

ssize_t
daemon_spool_peek(int place)
{
	struct daemon_spool s;
	ssize_t n = -1;

	if (look_at(&s, place))
		n = is_sound(&s) ? (ssize_t)daemon_spool_backlog(&s) : 0;
	daemon_spool_close(&s);
	return n;
}

pid_t
daemon_spool_keeper(int place)
{
	struct daemon_spool s;
	pid_t pid = 0;

	if (look_at(&s, place) && flock(s.fd, LOCK_EX | LOCK_NB) == -1 &&
	    errno == EWOULDBLOCK)
		pid = (pid_t)s.head->keeper;
	daemon_spool_close(&s);
	return pid;
}

int
daemon_spool_trouble(int place, enum daemon_outlet to)
{
	struct daemon_spool s;
	int r = look_at(&s, place) && s.head->magic == MAGIC
	    ? (int)atomic_load(&s.head->trouble[to])
	    : 0;

	daemon_spool_close(&s);
	return r;
}

void
daemon_spool_tell(struct daemon_spool *s, enum daemon_outlet to, int error)
{
	atomic_store(&s->head->trouble[to], (uint32_t)error);
}

static long long
left(const struct daemon_spool *s, enum daemon_outlet to)
{
	const struct daemon_moment *m = daemon_spool_now(s);
	long long n = m->lost[to].bytes;
	unsigned i;

	for (i = 0; i < DAEMON_STREAMS; i++)
		n += (long long)daemon_spool_pending(s, to, i);
	return to == DAEMON_TO_LOG && m->intent.kind == DAEMON_INTENT_LINES &&
		m->intent.afloat != 0
	    ? n + m->intent.n
	    : n;
}

long long
daemon_spool_left(int place, enum daemon_outlet to)
{
	struct daemon_spool s;
	long long n = look_at(&s, place) && is_sound(&s) ? left(&s, to) : 0;

	daemon_spool_close(&s);
	return n;
}

/* What is not in the log yet is in the ring; of what was, the log knows. */
static int
ends_within(const struct daemon_spool *s, unsigned stream)
{
	const struct daemon_moment *m = daemon_spool_now(s);
	int64_t last = m->ring[stream].in - 1;
	char c = '\n';

	if (daemon_spool_occupied(m, stream) == 0)
		return m->middle == stream + 1;
	if (last < daemon_spool_start(stream))
		last += DAEMON_RING;
	return pread(s->fd, &c, 1, (off_t)last) == 1 && c != '\n';
}

int
daemon_spool_ends_within(int place, unsigned stream)
{
	struct daemon_spool s;
	int r = look_at(&s, place) && is_sound(&s) && ends_within(&s, stream);

	daemon_spool_close(&s);
	return r;
}
