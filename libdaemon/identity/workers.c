/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../spell.h"
#include "service.h"
#include "workers.h"

static int
open_place(int dir, const char *place)
{
	return openat(
	    dir, place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
open_one(int in, const char *name, int create)
{
	if (create && daemon_at_make(in, name) == -1)
		return -1;
	return openat(
	    in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
daemon_worker_name_read(const char *name, unsigned *index, unsigned *generation)
{
	unsigned again;
	int n = 0, more = 0;

	if (sscanf(name, DAEMON_WORKER_NAME "%n", index, generation, &n) != 2)
		return -1;
	if (sscanf(name + n, "-%u%n", &again, &more) == 1)
		n += more;
	return name[n] == '\0' ? 0 : -1;
}

int
daemon_workers_open(int dir, const char *place, const char *name, int create)
{
	int in, fd, saved;

	if (create && daemon_at_make(dir, place) == -1)
		return -1;
	in = open_place(dir, place);
	if (in == -1)
		return -1;
	fd = open_one(in, name, create);
	saved = errno;
	(void)close(in);
	errno = saved;
	return fd;
}

int
daemon_worker_has_own(const char *path)
{
	return path != NULL && strstr(path, DAEMON_WORKER_TEXT) != NULL;
}

/* -1: nothing was, or it is no file. */
static long long
written_ms(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return -1;
	return st.st_mtim.tv_sec * 1000LL + st.st_mtim.tv_nsec / 1000000;
}

char *
daemon_worker_latest(
    const char *path, long long first, long long n, long long since_ms)
{
	char *latest = NULL, *one, index[24];
	long long i, ms, best = since_ms;

	for (i = first; i < first + n; i++) {
		(void)snprintf(index, sizeof index, "%lld", i);
		one = daemon_spell(path, DAEMON_WORKER_TEXT, index);
		ms = one != NULL ? written_ms(one) : -1;
		if (ms >= best) {
			free(latest);
			latest = one;
			best = ms;
		} else {
			free(one);
		}
	}
	return latest;
}

long long
daemon_worker_named(const char *said)
{
	unsigned index;
	int n = 0;

	return sscanf(said, DAEMON_WORKER_SAID ":%n", &index, &n) == 1 && n > 0
	    ? (long long)index
	    : -1;
}

void
daemon_workers_remove(int dir, const char *place, const char *name)
{
	int fd = daemon_workers_open(dir, place, name, 0);
	char path[16 + DAEMON_WORKER_NAME_MAX];

	if (fd == -1)
		return;
	daemon_at_empty(fd, "");
	(void)close(fd);
	(void)snprintf(path, sizeof path, "%s/%s", place, name);
	(void)unlinkat(dir, path, AT_REMOVEDIR);
	(void)unlinkat(dir, place, AT_REMOVEDIR); /* of the last one */
}

static int
visit(int in, const char *name,
    int (*each)(void *arg, int one, const char *name), void *arg)
{
	int fd, r;

	if (name[0] == '.')
		return 0;
	fd = open_one(in, name, 0);
	if (fd == -1)
		return 0;
	r = each(arg, fd, name);
	(void)close(fd);
	return r;
}

int
daemon_workers_each(int dir, const char *place,
    int (*each)(void *arg, int one, const char *name), void *arg)
{
	int fd = open_place(dir, place), r = 0;
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (d == NULL && fd != -1)
		(void)close(fd);
	while (d != NULL && r == 0 && (e = readdir(d)) != NULL)
		r = visit(fd, e->d_name, each, arg);
	if (d != NULL)
		(void)closedir(d);
	return r;
}

struct place {
	int dir;
	const char *name;
};

static int
clear(void *arg, int one, const char *name)
{
	const struct place *p = arg;

	(void)one;
	daemon_workers_remove(p->dir, p->name, name);
	return 0;
}

void
daemon_workers_clear(int dir)
{
	struct place p[] = { { dir, DAEMON_PLACE_WORKERS },
		{ dir, DAEMON_PLACE_AGENTS } };
	size_t i;

	for (i = 0; i < sizeof p / sizeof p[0]; i++)
		(void)daemon_workers_each(dir, p[i].name, clear, &p[i]);
}

struct living {
	struct daemon_identity *id;
	size_t n, most;
};

static int
add_living(void *arg, int one, const char *name)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct living *l = arg;

	(void)name;
	if (l->n < l->most &&
	    daemon_record_read(one, DAEMON_RECORD_PUBLIC, &d, &st) == 0 &&
	    daemon_identity_prove(&st.id) == DAEMON_PROOF_ALIVE)
		l->id[l->n++] = st.id;
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return l->n == l->most;
}

pid_t
daemon_workers_live(int dir, struct daemon_identity *id)
{
	struct daemon_identity found = { .pid = 0 };
	struct living l = { .id = id != NULL ? id : &found, .most = 1 };

	(void)daemon_workers_each(dir, DAEMON_PLACE_WORKERS, add_living, &l);
	return l.n > 0 ? l.id->pid : 0;
}

size_t
daemon_workers_living(int dir, struct daemon_identity *id, size_t most)
{
	struct living l = { .id = id, .most = most };

	(void)daemon_workers_each(dir, DAEMON_PLACE_WORKERS, add_living, &l);
	(void)daemon_workers_each(dir, DAEMON_PLACE_AGENTS, add_living, &l);
	return l.n;
}
