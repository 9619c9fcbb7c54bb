/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "at.h"
#include "decimal.h"

const char *
daemon_at_name(int fd, char buf[DAEMON_AT_NAME])
{
	(void)daemon_decimal(
	    stpcpy(buf, "/proc/self/fd/"), (unsigned long long)fd);
	return buf;
}

ssize_t
daemon_at_path(int fd, char *buf, size_t size)
{
	char name[DAEMON_AT_NAME];
	ssize_t n = readlink(daemon_at_name(fd, name), buf, size);

	if (n == (ssize_t)size) {
		errno = ENAMETOOLONG;
		n = -1;
	}
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

int
daemon_at(int dir, int (*act)(void *arg), void *arg)
{
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), r = -1, saved;

	if (fchdir(dir) == 0)
		r = act(arg);
	saved = errno;
	if (here == -1 || fchdir(here) == -1)
		r = chdir("/") == -1 ? -1 : r;
	if (here != -1)
		(void)close(here);
	errno = saved;
	return r;
}

/* A socket, and its place. */
struct binding {
	const char *name;
	int fd;
	mode_t mode;
};

static int
bind_here(void *arg)
{
	const struct binding *b = arg;
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	mode_t mask = umask(~b->mode & 0777);
	int r;

	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s", b->name);
	(void)unlink(a.sun_path);
	r = bind(b->fd, (const struct sockaddr *)&a, sizeof a);
	(void)umask(mask);
	return r;
}

int
daemon_at_bind(int dir, const char *name, int fd, mode_t mode)
{
	struct binding b = { name, fd, mode };

	return daemon_at(dir, bind_here, &b);
}

static int
connect_here(void *arg)
{
	const struct binding *b = arg;
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s", b->name);
	return connect(b->fd, (const struct sockaddr *)&a, sizeof a);
}

int
daemon_at_connect(int dir, const char *name, int fd)
{
	struct binding b = { name, fd, 0 };

	return daemon_at(dir, connect_here, &b);
}

DIR *
daemon_at_list(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), saved;
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;

	if (d == NULL && fd != -1) {
		saved = errno;
		(void)close(fd);
		errno = saved;
	}
	return d;
}

void
daemon_at_empty(int dir, const char *but)
{
	DIR *d = daemon_at_list(dir, ".");
	const struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, but) != 0)
			(void)unlinkat(dir, e->d_name, 0);
	if (d != NULL)
		(void)closedir(d);
}

int
daemon_at_make(int dir, const char *name)
{
	if (mkdirat(dir, name, 0755) == 0)
		return fchmodat(dir, name, 0755, 0);
	return errno == EEXIST ? 0 : -1;
}
