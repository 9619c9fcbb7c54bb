/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "process.h"

char *
daemon_cgroup_mount(const char *type, const char *option)
{
	FILE *f = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;
	char *dir = NULL;

	while (f != NULL && dir == NULL && (m = getmntent(f)) != NULL)
		if (strcmp(m->mnt_type, type) == 0 &&
		    (option == NULL || hasmntopt(m, option) != NULL))
			dir = strdup(m->mnt_dir);
	if (f != NULL)
		(void)endmntent(f);
	return dir;
}

/* Of "N:CONTROLLERS:PATH" the path, if it is of that hierarchy. */
static char *
path_in(char *line, const char *controller)
{
	char head[32];
	const int n = snprintf(
	    head, sizeof head, ":%s:/", controller != NULL ? controller : "");
	char *path = strstr(line, head);

	line[strcspn(line, "\n")] = '\0';
	return path != NULL && (controller != NULL || path == line + 1)
	    ? path + n - 1
	    : NULL;
}

char *
daemon_cgroup_here(const char *controller)
{
	char *mount = daemon_cgroup_mount(
		 controller != NULL ? "cgroup" : "cgroup2", controller),
	     *own = NULL, *path = NULL, line[512];
	FILE *f = mount != NULL ? fopen("/proc/self/cgroup", "re") : NULL;

	while (f != NULL && own == NULL && fgets(line, sizeof line, f) != NULL)
		own = path_in(line, controller);
	if (f != NULL)
		(void)fclose(f);
	if (own != NULL &&
	    asprintf(&path, "%s%s", mount, strcmp(own, "/") == 0 ? "" : own) ==
		-1)
		path = NULL;
	free(mount);
	return path;
}

int
daemon_cgroup_file(const char *path, const char *file, int flags)
{
	char full[1024];

	if (snprintf(full, sizeof full, "%s/%s", path, file) >=
	    (int)sizeof full) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(full, flags | O_CLOEXEC);
}

static int
say(const char *path, const char *file, const char *text)
{
	int fd = daemon_cgroup_file(path, file, O_WRONLY), r;

	if (fd == -1)
		return -1;
	r = write(fd, text, strlen(text)) == -1 ? -1 : 0;
	(void)close(fd);
	return r;
}

static int
has_kill(const char *path)
{
	int fd = daemon_cgroup_file(path, "cgroup.kill", O_WRONLY);

	if (fd != -1)
		(void)close(fd);
	return fd != -1;
}

char *
daemon_cgroup_make(const char *mark)
{
	char *here = daemon_cgroup_here(NULL), *path = NULL;

	if (here == NULL ||
	    asprintf(&path, "%s/daemonize-%s", here, mark) == -1)
		path = NULL;
	free(here);
	if (path != NULL && mkdir(path, 0755) == 0) {
		if (has_kill(path))
			return path;
		(void)rmdir(path);
	}
	free(path);
	return NULL;
}

void
daemon_cgroup_remove_both(const char *own, const char *memory)
{
	if (memory != NULL) {
		/* Who is left in it, of nobody's, has no limit of ours. */
		(void)say(memory, "memory.limit_in_bytes", "-1");
		(void)say(memory, "memory.oom_control", "0");
		daemon_cgroup_remove(memory);
	}
	if (own != NULL)
		daemon_cgroup_remove(own);
}

/* By threads, as only version 1 lets us, nobody else is waited for. */
int
daemon_cgroup_enter(const char *path)
{
	return say(path, "tasks", "0") == 0 ? 0
					    : say(path, "cgroup.procs", "0");
}

/* Of "0::/PATH" that it is the group, or one below it. */
static int
is_within(const char *line, const char *path)
{
	const char *base = strrchr(path, '/'), *end = NULL;
	size_t n, length = strlen(path);

	if (strncmp(line, "0::/", 4) == 0 && base != NULL)
		end = strstr(line += 3, base);
	if (end == NULL)
		return 0;
	end += strlen(base);
	n = (size_t)(end - line);
	return (*end == '/' || *end == '\n') && n <= length &&
	    strncmp(line, path + length - n, n) == 0;
}

/* Does /proc say so?  That is quick; what it says not may be so yet. */
static int
is_said(const char *path, pid_t pid)
{
	struct daemon_proc_self self;
	char name[40], line[512];
	FILE *f = NULL;
	int r = 0;

	(void)snprintf(name, sizeof name, "/proc/%ld/cgroup", (long)pid);
	daemon_proc_self(&self);
	if (self.ours)
		f = fopen(name, "re");
	while (f != NULL && !r && fgets(line, sizeof line, f) != NULL)
		r = is_within(line, path);
	if (f != NULL)
		(void)fclose(f);
	return r;
}

static int
is(void *arg, pid_t pid)
{
	return pid == *(const pid_t *)arg;
}

int
daemon_cgroup_has(const char *path, pid_t pid)
{
	return is_said(path, pid) || daemon_cgroup_visit(path, is, &pid);
}

int
daemon_cgroup_tells(int events, const char *what)
{
	char buf[128];
	ssize_t n;

	if (events == -1)
		return 0;
	n = read(events, buf, sizeof buf - 1);
	(void)close(events);
	buf[n > 0 ? n : 0] = '\0';
	return strstr(buf, what) != NULL;
}

int
daemon_cgroup_lives(const char *path)
{
	return daemon_cgroup_tells(
	    daemon_cgroup_file(path, "cgroup.events", O_RDONLY), "populated 1");
}

int
daemon_cgroup_kill(const char *path)
{
	if (daemon_cgroup_has(path, getpid())) {
		errno = EDEADLK;
		return -1;
	}
	return say(path, "cgroup.kill", "1");
}

int
daemon_cgroup_freeze(const char *path, int on)
{
	return say(path, "cgroup.freeze", on ? "1" : "0");
}

int
daemon_cgroup_is_there(const char *path)
{
	int fd = daemon_cgroup_file(path, "cgroup.events", O_RDONLY);

	if (fd != -1)
		(void)close(fd);
	return fd != -1;
}
