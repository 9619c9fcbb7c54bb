/* SPDX-License-Identifier: ISC */
/*
 * logs: what services have written to files; with -f also what they will.  A
 * file is read through one descriptor until another has its name, so that
 * nothing is lost or told twice when it is renamed.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/output/lines.h"
#include "../libdaemon/utf8.h"
#include "ctl.h"
#include "ctl_options.h"
#include "ctl_output.h"
#include "ctl_unzip.h"
#include "ctl_watch.h"
#include "messages.h"

#define RED    "\033[31m"
#define YELLOW "\033[33m"

enum {
	US_IN_S = 1000000,
	TRIES = 1000,
	PIECE = 64 << 10, /* of a line that is longer */
	LOOK_MS = 1000 /* another directory may have come in the place of one */
};

/* A file that a service writes to. */
struct stream {
	char *path;
	int fd; /* -1: it is not there (yet) */
	int zipped; /* it is compressed */
	off_t at; /* what is before that was read */
	long long skip; /* lines that are not asked for */
	struct daemon_bytes half; /* of a line, so far */
	int rotates; /* what was in it before is in PATH.1, PATH.2 and so on */
	char *name; /* of the service, if there are others; NULL */
	const char *paint; /* NULL: none */
	struct daemon_layout layout; /* of its lines */
	int waits; /* for the first line that is late enough */
};

struct reader {
	const struct ctl *c;
	struct stream *v;
	size_t n;
	struct watch watch;
	int follows, terminal, paints;
	int damaged; /* a file of it was */
};

/* What a terminal would obey, or could not show, as \xHH. */
static void
print_safe(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + n;
	size_t len;

	while (p < end) {
		len = daemon_utf8_length(p);
		if (*p != '\t' && message_is_control(p))
			len = 0;
		if (len == 0)
			(void)printf("\\x%02x", *p++);
		for (; len > 0; len--)
			(void)putchar(*p++);
	}
}

static const char *
paint_of(
    const struct reader *r, const struct stream *s, const char *text, size_t n)
{
	int64_t us;
	size_t at = daemon_line_time(text, n, s->layout.stamps, &us);

	if (!r->paints || !s->layout.tags)
		return s->paint;
	at += at > 0;
	if (at + 1 >= n || text[at + 1] != ' ')
		return NULL;
	return text[at] == 'e' ? RED : text[at] == '!' ? YELLOW : NULL;
}

/* Nothing of a log without a beginning that is late enough. */
static int
is_wanted(const struct reader *r, struct stream *s, const char *text, size_t n)
{
	int64_t us;

	if (s->waits && daemon_line_time(text, n, s->layout.stamps, &us) > 0 &&
	    us >= r->c->since_us)
		s->waits = 0;
	return !s->waits;
}

/* n bytes, a NUL behind them. */
static void
print_line(const struct reader *r, const struct stream *s, const char *text,
    size_t n, int ends)
{
	const char *paint = paint_of(r, s, text, n);

	if (s->name != NULL)
		(void)printf("%s: ", s->name);
	if (paint != NULL)
		(void)fputs(paint, stdout);
	if (r->terminal)
		print_safe(text, n);
	else
		(void)fwrite(text, 1, n, stdout);
	if (paint != NULL)
		(void)fputs("\033[0m", stdout);
	if (ends || r->n > 1)
		(void)putchar('\n');
}

/* Of a line that has not ended what there is.  ends: there comes no more. */
static int
print_half(const struct reader *r, struct stream *s, int ends)
{
	if (s->half.n == 0)
		return 0;
	if (daemon_bytes_add(&s->half, "", 1) == -1)
		return -1;
	if (is_wanted(r, s, s->half.p, s->half.n - 1))
		print_line(r, s, s->half.p, s->half.n - 1, ends);
	s->half.n = 0;
	return 0;
}

/* The whole lines; the rest stays, if that is not too much. */
static int
print_lines(const struct reader *r, struct stream *s)
{
	char *p = s->half.p, *end;

	while (p != NULL &&
	    (end = memchr(p, '\n', s->half.n - (size_t)(p - s->half.p))) !=
		NULL) {
		*end = '\0';
		if (is_wanted(r, s, p, (size_t)(end - p)))
			print_line(r, s, p, (size_t)(end - p), 1);
		p = end + 1;
	}
	if (p != NULL) {
		s->half.n -= (size_t)(p - s->half.p);
		(void)memmove(s->half.p, p, s->half.n);
	}
	return s->half.n >= PIECE ? print_half(r, s, 0) : 0;
}

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
take(const struct reader *r, struct stream *s, const char *p, size_t n)
{
	const char *from = skip(s, p, p + n);

	return daemon_bytes_add(&s->half, from, n - (size_t)(from - p)) == -1
	    ? -1
	    : print_lines(r, s);
}

/* The others are not. */
static void
say_damaged(const struct stream *s)
{
	char link[40], name[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", s->fd);
	n = readlink(link, name, sizeof name - 1);
	name[n > 0 ? n : 0] = '\0';
	message("logs: %s: damaged", n > 0 ? name : s->path);
}

/* All of it, once. */
static int
read_zipped(struct reader *r, struct stream *s)
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
		if (take(r, s, buf, (size_t)n) == -1) {
			(void)unzip_close(&u, 0);
			return -1;
		}
	if (unzip_close(&u, 1) == -1) {
		say_damaged(s);
		r->damaged = 1;
	}
	return 0;
}

/* What has come since.  One that was cut is read from its beginning. */
static int
read_on(struct reader *r, struct stream *s)
{
	char buf[8192];
	struct stat st;
	ssize_t n;

	if (s->fd == -1)
		return 0;
	if (s->zipped)
		return read_zipped(r, s);
	if (fstat(s->fd, &st) == 0 && st.st_size < s->at) {
		s->at = 0;
		if (print_half(r, s, 1) == -1)
			return -1;
	}
	while ((n = pread(s->fd, buf, sizeof buf, s->at)) > 0) {
		s->at += n;
		if (take(r, s, buf, (size_t)n) == -1)
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

/* The file that follows, if there is one: 1; 0: not yet. */
static int
go_on(struct reader *r, struct stream *s)
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
	if (read_on(r, s) == -1 || print_half(r, s, 1) == -1) {
		(void)close(fd);
		return -1;
	}
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = fd;
	s->zipped = zipped;
	s->at = s->skip = 0;
	return 1;
}

/* All that came, in that file and in those after it. */
static int
read_next(struct reader *r, struct stream *s)
{
	int more;

	do {
		if (read_on(r, s) == -1)
			return -1;
		more = go_on(r, s);
	} while (more == 1);
	return more;
}

static int
follow(struct reader *r)
{
	size_t i;

	while (watch_for_reader(&r->watch, LOOK_MS))
		for (i = 0; i < r->n; i++)
			if (read_next(r, &r->v[i]) == -1)
				return -1;
	return 0;
}

static int
read_all(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (read_next(r, &r->v[i]) == -1)
			return -1;
		if (!r->follows && print_half(r, &r->v[i], 0) == -1)
			return -1;
	}
	return r->follows ? follow(r) : 0;
}

static void
watch_place(struct reader *r, const char *path)
{
	char dir[PATH_MAX];
	int fd;

	(void)snprintf(
	    dir, sizeof dir, "%.*s/.", (int)(strrchr(path, '/') - path), path);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return;
	watch_directory(&r->watch, fd);
	(void)close(fd);
}

/* 0: there is none of that number. */
static int
open_instead(struct stream *s, unsigned k)
{
	int zipped, fd = output_open_former(s->path, k, &zipped);

	if (fd == -1)
		return 0;
	(void)close(s->fd);
	s->fd = fd;
	s->zipped = zipped;
	s->at = 0;
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

/* Where the lines that are asked for begin, which may be in a former file. */
static void
find_beginning(const struct reader *r, struct stream *s)
{
	const unsigned oldest = s->rotates ? output_oldest(s->path) : 0;
	long long lines = r->c->lines;
	unsigned k;

	if ((r->c->given & CTL_GIVEN(OPT_LINES)) == 0) {
		for (k = oldest; k > 0; k--)
			if (open_instead(s, k) &&
			    (!s->waits || !ended_before(s, r->c->since_us)))
				return;
		(void)open_instead(s, 0);
		return;
	}
	for (k = 0; k == 0 || (k <= oldest && lines > 0); k++)
		if (k == 0 || open_instead(s, k))
			lines = find_last(s, lines);
}

/* What is not there yet may come. */
static int
open_file(struct reader *r, struct stream *s, const struct target *t)
{
	s->fd = output_open(s->path);
	if (s->fd == -1 && (errno != ENOENT || !r->follows)) {
		message("logs: %s: %s: %s", t->shown, s->path,
		    errno == EPERM || errno == ELOOP ? "is no file of its own"
						     : strerror(errno));
		return CTL_FAILED;
	}
	if (s->fd != -1)
		find_beginning(r, s);
	if (r->follows)
		watch_place(r, s->path);
	return CTL_DONE;
}

static int
add_file(struct reader *r, const struct target *t, const char *path, int many)
{
	struct stream *v = reallocarray(r->v, r->n + 1, sizeof *v);
	struct stream s = { .fd = -1,
		.path = strdup(path),
		.rotates = t->d.captured != 0,
		.name = many ? strdup(t->shown) : NULL,
		.paint = r->paints && path == t->d.err ? RED : NULL,
		.layout = { .tags = t->d.log_tags != 0 },
		.waits = (r->c->given & CTL_GIVEN(OPT_SINCE)) != 0 };

	if (t->d.log_timestamps != NULL)
		(void)daemon_stamps_parse(
		    &s.layout.stamps, t->d.log_timestamps);

	if (v != NULL)
		r->v = v;
	if (v == NULL || s.path == NULL || (many && s.name == NULL)) {
		message("logs: %s: %s", t->shown, strerror(ENOMEM));
		free(s.path);
		free(s.name);
		return CTL_FAILED;
	}
	v[r->n] = s;
	return open_file(r, &v[r->n++], t);
}

/* Are they what was asked for? */
static int
have_times(const struct reader *r, const struct target *t)
{
	if ((r->c->given & CTL_GIVEN(OPT_SINCE)) == 0 ||
	    t->d.log_timestamps != NULL)
		return 1;
	message("logs: %s: its lines have no times (daemonize "
		"--log-timestamps): not with --since",
	    t->shown);
	return 0;
}

/* Its standard output, and its standard error if that goes elsewhere. */
static int
add_service(struct reader *r, const struct target *t, int many)
{
	const char *out = t->d.out, *err = t->d.err;
	int a = CTL_DONE, b = CTL_DONE;

	if (out == NULL && err == NULL) {
		message(
		    "logs: %s: keeps no output (-o, -e, or -r do)", t->shown);
		return CTL_NO_FEATURE;
	}
	if (!have_times(r, t))
		return CTL_NO_FEATURE;
	if (out != NULL)
		a = add_file(r, t, out, many);
	if (err != NULL && (out == NULL || strcmp(out, err) != 0))
		b = add_file(r, t, err, many);
	return a > b ? a : b;
}

static int
add_all(struct reader *r, const struct daemon_list *names)
{
	int worst = CTL_DONE, one;
	struct target t;
	size_t i;

	for (i = 0; i < names->n; i++) {
		one = target_by_name(&t, r->c, names->v[i]);
		if (one == CTL_DONE)
			one = add_service(r, &t, names->n > 1);
		target_close(&t);
		if (one > worst)
			worst = one;
	}
	return worst;
}

static void
clear(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->v[i].fd != -1)
			(void)close(r->v[i].fd);
		daemon_bytes_clear(&r->v[i].half);
		free(r->v[i].path);
		free(r->v[i].name);
	}
	free(r->v);
	watch_close(&r->watch);
}

static void
begin(struct reader *r, const struct ctl *c)
{
	*r = (struct reader){
		.c = c,
		.follows = (c->given & CTL_GIVEN(OPT_FOLLOW)) != 0,
		.terminal = isatty(STDOUT_FILENO),
	};
	r->paints = r->terminal && getenv("NO_COLOR") == NULL;
	watch_open(&r->watch);
}

/* worst: of adding what is to be read. */
static int
finish(struct reader *r, int worst)
{
	if (r->n > 0 && read_all(r) == -1) {
		message("logs: %s", strerror(errno));
		worst = CTL_FAILED;
	}
	if (r->damaged && worst == CTL_DONE)
		worst = CTL_FAILED;
	clear(r);
	return worst;
}

int
verb_logs(const struct ctl *c, const struct target *t)
{
	struct reader r;

	begin(&r, c);
	return finish(&r, add_service(&r, t, 0));
}

int
logs_all(const struct ctl *c, const struct daemon_list *names)
{
	struct reader r;

	begin(&r, c);
	return finish(&r, add_all(&r, names));
}
