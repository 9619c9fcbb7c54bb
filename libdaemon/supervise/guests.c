/* SPDX-License-Identifier: ISC */
/*
 * A hook, or the command, may start or adopt another service.  Whoever does is
 * gone soon, and we are the reaper: but it has a record of its own, and who is
 * on record in the place where we are is nobody's orphan.
 */
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "supervisor.h"

/* Who is on record. */
struct hall {
	struct daemon_supervisor *s;
	struct daemon_identity *known;
	size_t n, room;
};

/* Without memory nobody more is. */
static void
know(struct hall *h, const struct daemon_identity *id)
{
	struct daemon_identity *p;

	if (id->pid == 0)
		return;
	if (h->n == h->room) {
		p = reallocarray(h->known, h->room + 64, sizeof *p);
		if (p == NULL)
			return;
		h->known = p;
		h->room += 64;
	}
	h->known[h->n++] = *id;
}

/* A service's supervisor, and its main process; but in the foreground it is
 * what whoever started it had in mind. */
static void
read_record(struct hall *h, int rundir, const char *name)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_service service;

	if (daemon_service_open(&service, rundir, name, NULL) == -1)
		return;
	if (daemon_record_read(service.dir, DAEMON_RECORD_PUBLIC, &d, &st) ==
		0 &&
	    !d.foreground) {
		know(h, &st.supervisor);
		know(h, &st.id);
	}
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	daemon_service_close(&service);
}

static void
read_records(struct hall *h)
{
	int fd =
	    openat(h->s->service.dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.' &&
		    strcmp(e->d_name, h->s->d->name) != 0)
			read_record(h, dirfd(dir), e->d_name);
	if (dir != NULL)
		(void)closedir(dir);
	else if (fd != -1)
		(void)close(fd);
}

/* A child that is neither the command nor known to us. */
static int
is_unknown(void *arg, pid_t pid)
{
	const struct hall *h = arg;

	return pid != h->s->instance.pid && !daemon_helper_is(h->s, pid);
}

/* A place that is free, or one more.  0: there is no memory for it. */
static int
receive(struct daemon_supervisor *s, pid_t pid)
{
	size_t i = DAEMON_HELPERS;
	pid_t *place;

	while (i < s->spared && s->helper[i] != 0)
		i++;
	place = i < s->spared ? &s->helper[i] : daemon_helpers_extend(s);
	if (place == NULL)
		return 0;
	*place = pid;
	return 1;
}

static int
welcome(void *arg, pid_t pid)
{
	const struct hall *h = arg;
	size_t i;

	if (!is_unknown(arg, pid))
		return 0;
	for (i = 0; i < h->n && h->known[i].pid != pid; i++)
		continue;
	return i < h->n &&
	    daemon_identity_prove(&h->known[i]) == DAEMON_PROOF_ALIVE &&
	    receive(h->s, pid);
}

void
daemon_guests_welcome(struct daemon_supervisor *s)
{
	struct hall h = { .s = s };

	if (s->service.dir == -1 || s->d->name == NULL ||
	    daemon_supervisor_children(is_unknown, &h) <= 0)
		return;
	read_records(&h);
	(void)daemon_supervisor_children(welcome, &h);
	free(h.known);
}

void
daemon_guests_reap(struct daemon_supervisor *s)
{
	size_t i;
	pid_t r;

	for (i = DAEMON_HELPERS; i < s->spared; i++) {
		if (s->helper[i] == 0)
			continue;
		do
			r = waitpid(s->helper[i], NULL, WNOHANG);
		while (r == -1 && errno == EINTR);
		if (r != 0)
			s->helper[i] = 0;
	}
}
