/* SPDX-License-Identifier: ISC */
/*
 * events: what the supervisors wrote of their services, in the order of time;
 * with -f also what they will.  A file is read through one descriptor until
 * another has its name, so that nothing is lost or told twice when it is
 * renamed.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "ctl_options.h"
#include "ctl_output.h"
#include "ctl_watch.h"
#include "messages.h"

/* One service's, as far as it was read. */
struct tail {
	char name[DAEMON_NAME_MAX + 1];
	int dir; /* -1: there is none (any more) */
	int fd; /* -1: nothing was written yet */
	struct daemon_bytes half; /* of a line, so far */
};

struct line {
	long long ms;
	size_t n; /* of those with the same time the first is first */
	char *text; /* within a list */
};

struct follower {
	const struct ctl *c;
	struct tail *v;
	size_t n;
	struct daemon_list lines; /* read, and not printed yet */
	struct watch watch;
	int rundir[DAEMON_RUNDIRS_MAX]; /* watched; -1 */
	int every; /* new services too */
	int follows;
};

static int
open_at(int dir, const char *file)
{
	return openat(
	    dir, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* Only the owner of the directory speaks for the service. */
static int
open_journal(int dir, const char *file)
{
	int fd = open_at(dir, file);
	struct stat st, d;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && fstat(dir, &d) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == d.st_uid)
		return fd;
	(void)close(fd);
	return -1;
}

/* The whole lines of it; the rest stays. */
static int
take_lines(struct tail *t, struct daemon_list *lines)
{
	char *p = t->half.p, *end;

	while (p != NULL &&
	    (end = memchr(p, '\n', t->half.n - (size_t)(p - t->half.p))) !=
		NULL) {
		if (daemon_list_addn(lines, p, (size_t)(end - p)) == -1)
			return -1;
		p = end + 1;
	}
	if (p != NULL) {
		t->half.n -= (size_t)(p - t->half.p);
		(void)memmove(t->half.p, p, t->half.n);
	}
	return 0;
}

static int
read_rest(struct tail *t, int fd, struct daemon_list *lines)
{
	char buf[4096];
	ssize_t n;

	while (fd != -1 && (n = read(fd, buf, sizeof buf)) > 0)
		if (daemon_bytes_add(&t->half, buf, (size_t)n) == -1)
			return -1;
	return take_lines(t, lines);
}

static void
replace(struct tail *t, int fd)
{
	if (t->fd != -1)
		(void)close(t->fd);
	t->fd = fd;
	t->half.n = 0;
}

/* What was renamed, unless it is what we have open. */
static int
read_before(struct tail *t, struct daemon_list *lines)
{
	int fd = open_journal(t->dir, DAEMON_JOURNAL_BEFORE), r = 0;

	if (fd == -1)
		return 0;
	if (t->fd == -1 || !output_is_same(fd, t->fd))
		r = read_rest(t, fd, lines);
	if (t->fd == -1)
		replace(t, fd);
	else
		(void)close(fd);
	return r;
}

/* And of what has its name now. */
static int
read_on(struct tail *t, struct daemon_list *lines)
{
	int fd;

	if (read_rest(t, t->fd, lines) == -1)
		return -1;
	fd = open_journal(t->dir, DAEMON_JOURNAL);
	if (fd == -1)
		return 0;
	if (t->fd != -1 && output_is_same(fd, t->fd)) {
		(void)close(fd);
		return 0;
	}
	/* Nobody writes to the old one once there is a new one. */
	if (read_rest(t, t->fd, lines) == -1)
		return -1;
	replace(t, fd);
	return read_rest(t, fd, lines);
}

/* It was forgotten: another may take the name. */
static void
let_go(struct tail *t)
{
	struct stat st;

	if (t->dir == -1 || (fstat(t->dir, &st) == 0 && st.st_nlink > 0))
		return;
	(void)close(t->dir);
	t->dir = -1;
	replace(t, -1);
}

static int
open_service(const char *place, const char *name)
{
	int rundir = daemon_rundir_open(place, 0, NULL);
	struct daemon_service s = DAEMON_SERVICE_NONE;

	if (rundir == -1)
		return -1;
	(void)daemon_service_open(&s, rundir, name, NULL);
	(void)close(rundir);
	return s.dir;
}

/* Find it, and open what it has. */
static int
find(struct follower *f, struct tail *t)
{
	const struct daemon_rundirs *places = &f->c->places;
	size_t i;

	for (i = 0; t->dir == -1 && i < places->n; i++)
		t->dir = open_service(places->path[i], t->name);
	if (t->dir == -1)
		return 0;
	if (f->follows)
		watch_directory(&f->watch, t->dir);
	t->fd = open_journal(t->dir, DAEMON_JOURNAL);
	return read_before(t, &f->lines);
}

static int
add(struct follower *f, const char *name)
{
	struct tail *v;
	size_t i;

	for (i = 0; i < f->n; i++)
		if (strcmp(f->v[i].name, name) == 0)
			return 0;
	v = reallocarray(f->v, f->n + 1, sizeof *v);
	if (v == NULL)
		return -1;
	f->v = v;
	v[f->n] = (struct tail){ .dir = -1, .fd = -1 };
	(void)snprintf(v[f->n].name, sizeof v->name, "%s", name);
	f->n++;
	return 0;
}

/* Those that have come. */
static int
add_every(struct follower *f, int rundir)
{
	int fd = rundir != -1 ? open_at(rundir, ".") : -1, r = 0;
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (d == NULL)
		return 0;
	while (r == 0 && (e = readdir(d)) != NULL)
		if (e->d_name[0] == '%' || daemon_name_ok(e->d_name))
			r = add(f, e->d_name);
	(void)closedir(d);
	return r;
}

/* Read what there is, and was not read before. */
static int
read_all(struct follower *f)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && f->every && i < f->c->places.n; i++)
		r = add_every(f, f->rundir[i]);
	for (i = 0; r == 0 && i < f->n; i++) {
		if (f->v[i].dir == -1)
			r = find(f, &f->v[i]);
		if (r == 0 && f->v[i].dir != -1)
			r = read_on(&f->v[i], &f->lines);
		let_go(&f->v[i]);
	}
	return r;
}

static int
compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->ms != y->ms)
		return x->ms < y->ms ? -1 : 1;
	return x->n < y->n ? -1 : 1;
}

/* It begins {"ms": N. */
static long long
ms_of(const char *text)
{
	const char *p = strchr(text, ':');

	return p != NULL ? strtoll(p + 1, NULL, 10) : 0;
}

static int
print(struct follower *f)
{
	struct line *v = calloc(f->lines.n + 1, sizeof *v);
	size_t i;

	if (v == NULL)
		return -1;
	for (i = 0; i < f->lines.n; i++)
		v[i] = (struct line){ ms_of(f->lines.v[i]), i, f->lines.v[i] };
	qsort(v, f->lines.n, sizeof *v, compare);
	for (i = 0; i < f->lines.n; i++)
		(void)printf("%s\n", v[i].text);
	free(v);
	daemon_list_clear(&f->lines);
	return 0;
}

static int
run(struct follower *f)
{
	do
		if (read_all(f) == -1 || print(f) == -1)
			return -1;
	while (f->follows && watch_for_reader(&f->watch, -1));
	return 0;
}

static void
open_places(struct follower *f)
{
	const struct daemon_rundirs *places = &f->c->places;
	size_t i;

	for (i = 0; i < places->n; i++) {
		f->rundir[i] = daemon_rundir_open(places->path[i], 0, NULL);
		if (f->follows && f->rundir[i] != -1)
			watch_directory(&f->watch, f->rundir[i]);
	}
}

static void
clear(struct follower *f)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		replace(&f->v[i], -1);
		if (f->v[i].dir != -1)
			(void)close(f->v[i].dir);
		daemon_bytes_clear(&f->v[i].half);
	}
	for (i = 0; i < f->c->places.n; i++)
		if (f->rundir[i] != -1)
			(void)close(f->rundir[i]);
	free(f->v);
	daemon_list_clear(&f->lines);
	watch_close(&f->watch);
}

/* A name that is none is told; the others' events are printed all the same. */
static int
add_known(struct follower *f, const struct daemon_list *names)
{
	struct target t;
	int worst = CTL_DONE, r;
	size_t i;

	for (i = 0; i < names->n; i++) {
		r = target_by_name(&t, f->c, names->v[i]);
		if (r == CTL_DONE && add(f, t.name) == -1)
			r = CTL_FAILED;
		if (r > worst)
			worst = r;
		target_close(&t);
	}
	return worst;
}

int
events_all(const struct ctl *c, const struct daemon_list *names, int every)
{
	struct follower f = {
		.c = c,
		.every = every,
		.follows = (c->given & CTL_GIVEN(OPT_FOLLOW)) != 0,
	};
	int r = CTL_DONE;

	watch_open(&f.watch);
	open_places(&f);
	if (!every)
		r = add_known(&f, names);
	if (f.n > 0 || every || names->n == 0) {
		if (run(&f) == -1) {
			message("events: %s", strerror(errno));
			r = CTL_FAILED;
		}
	}
	clear(&f);
	return r;
}
