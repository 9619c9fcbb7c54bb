/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "service.h"
#include "workers.h"

enum { NAME_ROOM = 32 };

static const char place[] = "workers";

static int
open_place(int dir)
{
	return openat(
	    dir, place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Modes are what they are under any umask. */
static int
make(int dir, const char *name)
{
	if (mkdirat(dir, name, 0755) == 0)
		return fchmodat(dir, name, 0755, 0);
	return errno == EEXIST ? 0 : -1;
}

static int
open_one(int in, const char *name, int create)
{
	if (create && make(in, name) == -1)
		return -1;
	return openat(
	    in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
daemon_workers_open(int dir, unsigned index, unsigned generation, int create)
{
	char name[NAME_ROOM];
	int in, fd, saved;

	if (create && make(dir, place) == -1)
		return -1;
	in = open_place(dir);
	if (in == -1)
		return -1;
	(void)snprintf(
	    name, sizeof name, DAEMON_WORKER_NAME, index, generation);
	fd = open_one(in, name, create);
	saved = errno;
	(void)close(in);
	errno = saved;
	return fd;
}

void
daemon_workers_remove(int dir, unsigned index, unsigned generation)
{
	static const char *const files[] = { DAEMON_RECORD_PUBLIC,
		DAEMON_RECORD_STATE, DAEMON_SERVICE_PID, "notify" };
	int fd = daemon_workers_open(dir, index, generation, 0);
	char path[sizeof place + NAME_ROOM];
	size_t i;

	if (fd == -1)
		return;
	for (i = 0; i < sizeof files / sizeof files[0]; i++)
		(void)unlinkat(fd, files[i], 0);
	(void)close(fd);
	(void)snprintf(path, sizeof path, "%s/" DAEMON_WORKER_NAME, place,
	    index, generation);
	(void)unlinkat(dir, path, AT_REMOVEDIR);
	(void)unlinkat(dir, place, AT_REMOVEDIR); /* of the last one */
}

static int
visit(int in, const char *name,
    int (*each)(void *arg, int worker, unsigned index, unsigned generation),
    void *arg)
{
	unsigned index, generation;
	int fd, r, n = 0;

	if (sscanf(name, DAEMON_WORKER_NAME "%n", &index, &generation, &n) !=
		2 ||
	    name[n] != '\0')
		return 0;
	fd = open_one(in, name, 0);
	if (fd == -1)
		return 0;
	r = each(arg, fd, index, generation);
	(void)close(fd);
	return r;
}

int
daemon_workers_each(int dir,
    int (*each)(void *arg, int worker, unsigned index, unsigned generation),
    void *arg)
{
	int fd = open_place(dir), r = 0;
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

static int
lives(void *arg, int worker, unsigned index, unsigned generation)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	pid_t *found = arg;

	(void)index;
	(void)generation;
	if (daemon_record_read(worker, DAEMON_RECORD_PUBLIC, &d, &st) == 0 &&
	    daemon_identity_prove(&st.id) == DAEMON_PROOF_ALIVE)
		*found = st.id.pid;
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return *found != 0;
}

pid_t
daemon_workers_live(int dir)
{
	pid_t pid = 0;

	(void)daemon_workers_each(dir, lives, &pid);
	return pid;
}
