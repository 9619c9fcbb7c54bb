/* SPDX-License-Identifier: ISC */
/*
 * A file is read through one descriptor until another has its name, so that
 * nothing is lost or told twice when it is renamed.
 */
#include <sys/stat.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/at.h"
#include "ctl_output.h"
#include "ctl_stream.h"
#include "ctl_unzip.h"
#include "messages.h"

enum { US_IN_S = 1000000, TRIES = 1000 };

/* Behind the lines that are not asked for. */
static const char *
skip(struct stream *s, const char *p, const char *end)
{
	while (s->skip > 0 && p < end) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (p == NULL)
			return end;
		p++;
		s->skip--;
	}
	return p;
}

static int
take(struct stream *s, const char *p, size_t n)
{
	const char *from = skip(s, p, p + n);

	return daemon_bytes_add(&s->half, from, n - (size_t)(from - p)) == -1
	    ? -1
	    : stream_print_lines(s);
}

/* The others are not. */
static void
say_damaged(const struct stream *s)
{
	char name[PATH_MAX];
	const ssize_t n = daemon_at_path(s->fd, name, sizeof name);

	message("logs: %s: damaged", n > 0 ? name : s->path);
}

/* All of it, once. */
static int
read_zipped(struct stream *s)
{
	char buf[8192];
	struct unzip u;
	ssize_t n;

	if (s->at > 0)
		return 0;
	s->at = 1;
	if (unzip_open(&u, s->fd) == -1)
		return -1;
	while ((n = read(u.pipe, buf, sizeof buf)) > 0)
		if (take(s, buf, (size_t)n) == -1) {
			(void)unzip_close(&u, 0);
			return -1;
		}
	if (unzip_close(&u, 1) == -1) {
		say_damaged(s);
		s->damaged = 1;
	}
	return 0;
}

/* What has come since.  One that was cut is read from its beginning. */
static int
read_on(struct stream *s)
{
	char buf[8192];
	struct stat st;
	ssize_t n;

	if (s->fd == -1)
		return 0;
	if (s->zipped)
		return read_zipped(s);
	if (fstat(s->fd, &st) == 0 && st.st_size < s->at) {
		s->at = 0;
		if (stream_print_half(s, 1) == -1)
			return -1;
	}
	while ((n = pread(s->fd, buf, sizeof buf, s->at)) > 0) {
		s->at += n;
		if (take(s, buf, (size_t)n) == -1)
			return -1;
	}
	return 0;
}

/* Of a log with a keeper what comes after the one that is open.  All may be
 * moved meanwhile: it is that one if it still is when they have not been. */
static int
open_later(const struct stream *s, int *zipped)
{
	int fd, again, k, is, tries;

	for (tries = 0;; tries++) {
		k = output_number(s->path, s->fd);
		fd = output_open_next(s->path, s->fd, zipped);
		if (fd == -1 || k <= 0)
			return fd;
		again = output_open_next(s->path, s->fd, &is);
		is = again != -1 && output_is_same(fd, again) &&
		    output_number(s->path, s->fd) == k;
		if (again != -1)
			(void)close(again);
		if (is || tries == TRIES)
			return fd;
		(void)close(fd);
	}
}

/* That one is read from now on, from its beginning. */
static void
change_to(struct stream *s, int fd, int zipped)
{
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = fd;
	s->zipped = zipped;
	s->at = 0;
}

/* The file that follows, if there is one: 1; 0: not yet. */
static int
go_on(struct stream *s)
{
	int zipped = 0,
	    fd = s->rotates && s->fd != -1 ? open_later(s, &zipped)
					   : output_open(s->path);

	if (fd == -1)
		return 0;
	if (s->fd != -1 && output_is_same(fd, s->fd)) {
		(void)close(fd);
		return 0;
	}
	/* Who has the old one open may have gone on writing. */
	if (read_on(s) == -1 || stream_print_half(s, 1) == -1) {
		(void)close(fd);
		return -1;
	}
	change_to(s, fd, zipped);
	s->skip = 0;
	return 1;
}

/* All that came, in that file and in those after it. */
int
stream_read(struct stream *s)
{
	int more;

	do {
		if (read_on(s) == -1)
			return -1;
		more = go_on(s);
	} while (more == 1);
	return more;
}

/* 0: there is none of that number. */
static int
open_instead(struct stream *s, unsigned k)
{
	int zipped, fd = output_open_former(s->path, k, &zipped);

	if (fd == -1)
		return 0;
	change_to(s, fd, zipped);
	return 1;
}

/* Was it written last before that? */
static int
ended_before(const struct stream *s, int64_t us)
{
	struct stat st;

	return fstat(s->fd, &st) == 0 &&
	    (int64_t)(st.st_mtim.tv_sec + 1) * US_IN_S <= us;
}

/* Where its last lines begin: how many it has not. */
static long long
find_last(struct stream *s, long long lines)
{
	long long all;

	if (!s->zipped) {
		s->at = output_last(s->fd, lines);
		if (s->at > 0)
			return 0;
	}
	all = output_lines(s->fd, s->zipped);
	if (s->zipped && all > lines)
		s->skip = all - lines;
	return all < lines ? lines - all : 0;
}

/* The one before the file that is open, in its place; all may be moved
 * meanwhile.  0: there is none. */
static int
open_earlier(struct stream *s)
{
	int fd, k, zipped, tries;

	for (tries = 0;; tries++) {
		k = output_number(s->path, s->fd);
		if (k == -1)
			return 0;
		fd = output_open_before(s->path, (unsigned)k, &zipped);
		if (output_number(s->path, s->fd) == k || tries == TRIES)
			break;
		if (fd != -1)
			(void)close(fd);
	}
	if (fd == -1)
		return 0;
	change_to(s, fd, zipped);
	return 1;
}

static void
begin_with_last(struct stream *s)
{
	long long lines = s->how->lines;

	do
		lines = find_last(s, lines);
	while (lines > 0 && s->rotates && open_earlier(s));
}

/* The oldest that has what is asked for, if none was moved meanwhile. */
static int
open_oldest(struct stream *s)
{
	const unsigned oldest = output_oldest(s->path);
	unsigned k;

	for (k = oldest; k > 0; k--)
		if (open_instead(s, k) &&
		    (!s->waits || !ended_before(s, s->how->since_us)))
			break;
	if (k == 0)
		(void)open_instead(s, 0);
	return output_oldest(s->path) == oldest &&
	    output_number(s->path, s->fd) == (int)k;
}

void
stream_begin(struct stream *s)
{
	int tries;

	if (s->how->lines != -1)
		begin_with_last(s);
	else if (s->rotates)
		for (tries = 0; tries < TRIES && !open_oldest(s); tries++)
			continue;
}

void
stream_clear(struct stream *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	daemon_bytes_clear(&s->half);
	free(s->path);
	free(s->name);
}
