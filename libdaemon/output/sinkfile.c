/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "../start/asuser.h"
#include "rotate.h"
#include "sinkparts.h"
#include "sole.h"

int
daemon_sink_fails(struct daemon_sink *k)
{
	k->error = errno != 0 ? errno : EIO;
	return -1;
}

void
daemon_sink_leave(const struct daemon_sink *k)
{
	if (k->leave != NULL)
		k->leave(k->arg);
}

void
daemon_sink_back(const struct daemon_sink *k)
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

void
daemon_sink_shut(struct daemon_sink *k)
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
	daemon_sink_leave(k);
	daemon_sink_shut(k);
	daemon_sink_back(k);
}

int
daemon_sink_status(const struct daemon_sink *k, int fd, struct stat *st)
{
	int r;

	daemon_sink_leave(k);
	r = fstat(fd, st);
	daemon_sink_back(k);
	return r;
}

int
daemon_sink_claim(struct daemon_sink *k)
{
	const int r = daemon_sole_claim(k->fd);

	k->claimed = r == 1;
	if (r != -1)
		return 0;
	daemon_sink_shut(k);
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
	if (k->fd != -1 && daemon_sink_claim(k) == 0)
		(void)fcntl(
		    k->fd, F_SETFL, fcntl(k->fd, F_GETFL) & ~O_NONBLOCK);
}

/* Of the standard output others have a part: it is left as it is. */
int
daemon_sink_reopen(struct daemon_sink *k)
{
	daemon_sink_leave(k);
	daemon_sink_shut(k);
	k->claimed = 1;
	if (strcmp(k->path, DAEMON_LOG_STDOUT) == 0)
		k->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		open_file(k);
	daemon_sink_back(k);
	if (k->fd == -1)
		return daemon_sink_fails(k);
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

int
daemon_sink_make_way(
    struct daemon_sink *k, struct daemon_spool *s, int64_t size)
{
	struct daemon_moment m = daemon_spool_copy(s);
	int r;

	m.rotates = 1;
	daemon_spool_commit(s, &m);
	daemon_sink_leave(k);
	r = daemon_do_as(k->h, k->path, rotate, k);
	daemon_sink_back(k);
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
	return r == -1 ? -1 : daemon_sink_reopen(k);
}

/* What is written now was made by us, or lies where nobody else may put it. */
int
daemon_sink_moved(const struct daemon_sink *k, const struct daemon_intent i)
{
	const char *base;
	int dir, fd = -1;

	daemon_sink_leave(k);
	dir = daemon_rotate_dir(k->path, &base);
	if (dir != -1) {
		fd = daemon_rotate_find(dir, base, i.dev, i.ino);
		(void)close(dir);
	}
	daemon_sink_back(k);
	return fd;
}

int
daemon_sink_takes_more(int fd, int ms)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	return poll(&room, 1, ms) != 0;
}

void
daemon_sink_await(const struct daemon_sink *k)
{
	daemon_sink_leave(k);
	(void)daemon_sink_takes_more(k->fd, -1);
	daemon_sink_back(k);
}

/* Also where it is not to wait, but somebody else may have said so. */
static ssize_t
write_some(int fd, const char *p, size_t n)
{
	ssize_t w;

	while (
	    (w = write(fd, p, n)) == -1 && (errno == EINTR || errno == EAGAIN))
		(void)daemon_sink_takes_more(fd, -1);
	return w;
}

size_t
daemon_sink_put(struct daemon_sink *k, const char *p, size_t n)
{
	size_t done = 0;
	ssize_t w;

	while (done < n) {
		daemon_sink_leave(k);
		w = write_some(k->fd, p + done, n - done);
		daemon_sink_back(k);
		if (w <= 0) {
			(void)daemon_sink_fails(k);
			break;
		}
		done += (size_t)w;
	}
	return done;
}
