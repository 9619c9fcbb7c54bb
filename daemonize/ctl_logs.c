/* SPDX-License-Identifier: ISC */
/* logs: what services have written to files; with -f also what they will. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/identity/workers.h"
#include "../libdaemon/spell.h"
#include "ctl.h"
#include "ctl_options.h"
#include "ctl_output.h"
#include "ctl_stream.h"
#include "ctl_watch.h"
#include "messages.h"

enum {
	LOOK_MS =
	    1000, /* another directory may have come in the place of one */
	MOMENT_US = 2000,
	PATIENCE = 200 /* moments */
};

struct reader {
	const struct ctl *c;
	struct stream_how how;
	struct stream *v;
	size_t n;
	struct watch watch;
	int follows;
};

static int
follow(struct reader *r)
{
	size_t i;

	while (watch_for_reader(&r->watch, LOOK_MS))
		for (i = 0; i < r->n; i++)
			if (stream_read(&r->v[i]) == -1)
				return -1;
	return 0;
}

static int
read_all(struct reader *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (stream_read(&r->v[i]) == -1)
			return -1;
		if (!r->follows && stream_print_half(&r->v[i], 0) == -1)
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

/* While one is moved out of the way there is none of that name. */
static int
open_live(const struct stream *s)
{
	int tries, fd;

	for (tries = 0; (fd = output_open(s->path)) == -1 && errno == ENOENT &&
	     s->rotates && tries < PATIENCE && output_oldest(s->path) > 0;
	     tries++)
		(void)usleep(MOMENT_US);
	return fd;
}

/* What is not there yet may come. */
static int
open_file(struct reader *r, struct stream *s, const struct target *t)
{
	s->fd = open_live(s);
	if (s->fd == -1 && (errno != ENOENT || !r->follows)) {
		message("logs: %s: %s: %s", t->shown, s->path,
		    errno == EPERM || errno == ELOOP ? "is no file of its own"
						     : strerror(errno));
		return CTL_FAILED;
	}
	if (s->fd != -1)
		stream_begin(s);
	if (r->follows)
		watch_place(r, s->path);
	return CTL_DONE;
}

/* label: NULL, or what its lines begin with. */
static int
add_file(struct reader *r, const struct target *t, const char *path,
    const char *label, int is_err)
{
	struct stream *v = reallocarray(r->v, r->n + 1, sizeof *v);
	struct stream s = { .fd = -1,
		.path = strdup(path),
		.rotates = t->d.captured != 0,
		.name = label != NULL ? strdup(label) : NULL,
		.is_err = is_err,
		.layout = { .tags = t->d.log_tags != 0 },
		.waits = (r->c->given & CTL_GIVEN(OPT_SINCE)) != 0,
		.how = &r->how };

	if (t->d.log_timestamps != NULL)
		(void)daemon_stamps_parse(
		    &s.layout.stamps, t->d.log_timestamps);

	if (v != NULL)
		r->v = v;
	if (v == NULL || s.path == NULL || (label != NULL && s.name == NULL)) {
		message("logs: %s: %s", t->shown, strerror(ENOMEM));
		free(s.path);
		free(s.name);
		return CTL_FAILED;
	}
	v[r->n] = s;
	return open_file(r, &v[r->n++], t);
}

/* Each worker's, by the number of it. */
static int
add_workers(
    struct reader *r, const struct target *t, const char *path, int is_err)
{
	char index[24], label[sizeof t->shown + 24], *one;
	int worst = CTL_DONE, status;
	long long i;

	for (i = 0; i < t->st.wanted; i++) {
		(void)snprintf(index, sizeof index, "%lld", i);
		(void)snprintf(label, sizeof label, "%s.%s", t->shown, index);
		one = daemon_spell(path, DAEMON_WORKER_TEXT, index);
		status = one != NULL ? add_file(r, t, one, label, is_err)
				     : CTL_FAILED;
		free(one);
		if (status > worst)
			worst = status;
	}
	return worst;
}

static int
add_output(struct reader *r, const struct target *t, const char *path, int many)
{
	const int is_err = path == t->d.err;

	return t->d.workers > 0 && daemon_worker_has_own(path)
	    ? add_workers(r, t, path, is_err)
	    : add_file(r, t, path, many ? t->shown : NULL, is_err);
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
		message("logs: %s: %s", t->shown,
		    t->d.captured && t->d.foreground
			? "its output is its supervisor's"
			: "keeps no output (-o, -e, or -r do)");
		return CTL_NO_FEATURE;
	}
	if (!have_times(r, t))
		return CTL_NO_FEATURE;
	if (out != NULL)
		a = add_output(r, t, out, many);
	if (err != NULL && (out == NULL || strcmp(out, err) != 0))
		b = add_output(r, t, err, many);
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

	for (i = 0; i < r->n; i++)
		stream_clear(&r->v[i]);
	free(r->v);
	watch_close(&r->watch);
}

static void
begin(struct reader *r, const struct ctl *c)
{
	const int terminal = isatty(STDOUT_FILENO);

	*r = (struct reader){
		.c = c,
		.how = { .lines = (c->given & CTL_GIVEN(OPT_LINES)) != 0
			? c->lines
			: -1,
		    .since_us = c->since_us,
		    .terminal = terminal,
		    .paints = terminal && getenv("NO_COLOR") == NULL },
		.follows = (c->given & CTL_GIVEN(OPT_FOLLOW)) != 0,
	};
	watch_open(&r->watch);
}

/* worst: of adding what is to be read. */
static int
finish(struct reader *r, int worst)
{
	size_t i;

	r->how.many = r->n > 1;
	if (r->n > 0 && read_all(r) == -1) {
		message("logs: %s", strerror(errno));
		worst = CTL_FAILED;
	}
	for (i = 0; i < r->n; i++)
		if (r->v[i].damaged && worst == CTL_DONE)
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
