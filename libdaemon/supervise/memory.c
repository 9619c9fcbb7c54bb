/* SPDX-License-Identifier: ISC */
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/cgroup.h"
#include "memory.h"

static int
put(int fd, const char *text)
{
	return pwrite(fd, text, strlen(text), 0) == -1 ? -1 : 0;
}

static int
put_number(int fd, long long n)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%lld", n);
	return put(fd, text);
}

/* In a directory, which the caller gives away; NULL/errno. */
static char *
make_in(char *dir, const char *mark)
{
	char *path = NULL;
	int r = -1, saved;

	errno = 0;
	if (dir != NULL && asprintf(&path, "%s/daemonize-%s", dir, mark) != -1)
		r = mkdir(path, 0755) == 0 || errno == EEXIST ? 0 : -1;
	saved = errno;
	free(dir);
	if (r == 0)
		return path;
	free(path);
	errno = saved;
	return NULL;
}

/* In a container's mount its own group is the root. */
static char *
make_first(const char *mark)
{
	char *path = make_in(daemon_cgroup_here("memory"), mark);

	return path != NULL || errno != ENOENT
	    ? path
	    : make_in(daemon_cgroup_mount("cgroup", "memory"), mark);
}

char *
daemon_memory_make(const char *mark, const char *group, struct daemon_fault *f)
{
	int fd = group != NULL
	    ? daemon_cgroup_file(group, "memory.max", O_WRONLY)
	    : -1;
	char *path;

	if (fd != -1) {
		(void)close(fd);
		return strdup(group);
	}
	path = make_first(mark);
	if (path == NULL)
		(void)daemon_fault_set(f, "max-memory", NULL,
		    "no memory control group can be made: %s",
		    errno != 0 ? strerror(errno) : "there is no controller");
	return path;
}

/* How often the kernel has ended somebody in it. */
static long long
kills(int fd)
{
	char buf[512];
	const char *p;
	ssize_t n = pread(fd, buf, sizeof buf - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	p = strstr(buf, "oom_kill ");
	return p != NULL ? atoll(p + strlen("oom_kill ")) : 0;
}

/* Version 1: the kernel does not kill, but says that it would have to. */
static int
watch_first(struct daemon_memory *m, const char *path)
{
	int oom = daemon_cgroup_file(path, "memory.oom_control", O_RDWR),
	    r = -1;
	int control =
	    daemon_cgroup_file(path, "cgroup.event_control", O_WRONLY);
	char text[32];

	m->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)snprintf(text, sizeof text, "%d %d", m->event, oom);
	if (oom != -1 && control != -1 && m->event != -1 &&
	    put(control, text) == 0 && put(oom, "1") == 0)
		r = put_number(m->limit, m->bytes);
	if (oom != -1)
		(void)close(oom);
	if (control != -1)
		(void)close(control);
	return r;
}

static int
watch_second(struct daemon_memory *m, const char *path)
{
	int fd = daemon_cgroup_file(path, "memory.max", O_WRONLY), r;

	r = fd != -1 ? put_number(fd, m->bytes) : -1;
	if (fd != -1)
		(void)close(fd);
	m->event =
	    r == 0 ? daemon_cgroup_file(path, "memory.events", O_RDONLY) : -1;
	if (m->event == -1)
		return -1;
	m->kills = kills(m->event);
	return 0;
}

int
daemon_memory_watch(struct daemon_memory *m, const char *path, long long bytes)
{
	*m = DAEMON_MEMORY_NONE;
	m->bytes = bytes;
	m->limit = daemon_cgroup_file(path, "memory.limit_in_bytes", O_RDWR);
	return m->limit != -1 ? watch_first(m, path) : watch_second(m, path);
}

int
daemon_memory_is_full(struct daemon_memory *m)
{
	long long n;

	if (m->event == -1)
		return 0;
	if (m->limit != -1) {
		if (read(m->event, &n, sizeof n) != (ssize_t)sizeof n)
			return 0;
		(void)put_number(m->limit, -1);
		return 1;
	}
	n = kills(m->event);
	if (n == m->kills)
		return 0;
	m->kills = n;
	return 1;
}

void
daemon_memory_arm(const struct daemon_memory *m)
{
	if (m->limit != -1)
		(void)put_number(m->limit, m->bytes);
}

void
daemon_memory_close(struct daemon_memory *m)
{
	if (m->event != -1)
		(void)close(m->event);
	if (m->limit != -1)
		(void)close(m->limit);
	*m = DAEMON_MEMORY_NONE;
}
