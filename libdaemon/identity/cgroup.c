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

const char *
daemon_cgroup_own(char buf[DAEMON_CGROUP_OWN])
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	int found = 0;

	while (f != NULL && !found && fgets(buf, DAEMON_CGROUP_OWN, f) != NULL)
		found = strncmp(buf, "0::/", 4) == 0;
	if (f != NULL)
		(void)fclose(f);
	if (!found)
		return NULL;
	buf[strcspn(buf, "\n")] = '\0';
	return strcmp(buf + 3, "/") == 0 ? "" : buf + 3;
}

char *
daemon_cgroup_here(void)
{
	char *mount = daemon_cgroup_mount("cgroup2", NULL), *path = NULL;
	char buf[DAEMON_CGROUP_OWN];
	const char *own = daemon_cgroup_own(buf);

	if (mount != NULL && own != NULL &&
	    asprintf(&path, "%s%s", mount, own) == -1)
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
	char *here = daemon_cgroup_here(), *path = NULL;

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
	if (memory != NULL)
		daemon_cgroup_remove(memory);
	if (own != NULL)
		daemon_cgroup_remove(own);
}

int
daemon_cgroup_enter(const char *path)
{
	return say(path, "cgroup.procs", "0");
}

static int
is(void *arg, pid_t pid)
{
	return pid == *(const pid_t *)arg;
}

int
daemon_cgroup_has(const char *path, pid_t pid)
{
	return daemon_cgroup_visit(path, is, &pid);
}

int
daemon_cgroup_lives(const char *path)
{
	int fd = daemon_cgroup_file(path, "cgroup.events", O_RDONLY);
	char buf[128];
	ssize_t n;

	if (fd == -1)
		return 0;
	n = read(fd, buf, sizeof buf - 1);
	(void)close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return strstr(buf, "populated 1") != NULL;
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
