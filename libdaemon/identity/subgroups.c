/* SPDX-License-Identifier: ISC */
/*
 * A control group and those below it: a service that may make some for its
 * own purposes has no other way out of sight.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"

enum { DEPTH = 200 };

/* Byte by byte: between two of them others may be born, and a line is short.
 * 0: somebody of another pid namespace; -1: that was the last. */
static pid_t
next(int fd)
{
	pid_t pid = 0;
	char c;

	while (read(fd, &c, 1) == 1) {
		if (c == '\n')
			return pid;
		if (c >= '0' && c <= '9')
			pid = pid * 10 + (c - '0');
	}
	return -1;
}

/* Those of one group; what each() returned, when that was not 0. */
static int
visit_members(int dir, int (*each)(void *arg, pid_t pid), void *arg)
{
	int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC), r = 0;
	pid_t pid;

	while (fd != -1 && r == 0 && (pid = next(fd)) != -1)
		if (pid != 0)
			r = each(arg, pid);
	if (fd != -1)
		(void)close(fd);
	return r;
}

struct visit {
	int (*each)(void *arg, pid_t pid); /* NULL: remove what is empty */
	void *arg;
};

static int
visit(int above, const char *name, const struct visit *v, int depth)
{
	const struct dirent *e;
	int dir, r = 0;
	DIR *d;

	dir = openat(
	    above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir == -1)
		return 0;
	if (v->each != NULL)
		r = visit_members(dir, v->each, v->arg);
	d = r == 0 && depth < DEPTH ? fdopendir(dir) : NULL;
	while (d != NULL && r == 0 && (e = readdir(d)) != NULL)
		if (e->d_type == DT_DIR && strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0)
			r = visit(dir, e->d_name, v, depth + 1);
	if (d != NULL)
		(void)closedir(d);
	else
		(void)close(dir);
	if (v->each == NULL)
		(void)unlinkat(above, name, AT_REMOVEDIR);
	return r;
}

int
daemon_cgroup_visit(
    const char *path, int (*each)(void *arg, pid_t pid), void *arg)
{
	return visit(
	    AT_FDCWD, path, &(struct visit){ .each = each, .arg = arg }, 0);
}

void
daemon_cgroup_remove(const char *path)
{
	(void)visit(AT_FDCWD, path, &(struct visit){ .each = NULL }, 0);
}
