/* SPDX-License-Identifier: ISC */
/* Looking at strangers: only to compare, never to prove. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "proc.h"
#include "process.h"

static long long
started(unsigned long long ticks)
{
	struct timespec wall, boot;
	long hz = sysconf(_SC_CLK_TCK);

	(void)clock_gettime(CLOCK_REALTIME, &wall);
	(void)clock_gettime(CLOCK_BOOTTIME, &boot);
	return ((long long)wall.tv_sec - boot.tv_sec) * 1000 +
	    (wall.tv_nsec - boot.tv_nsec) / 1000000 +
	    (long long)(ticks * 1000 / (unsigned long long)hz);
}

size_t
daemon_proc_arguments(char *buf, size_t size, pid_t pid)
{
	char path[40];
	ssize_t n;
	int fd;

	buf[0] = '\0';
	(void)snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	n = read(fd, buf, size - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	buf[n] = '\0';
	return (size_t)n;
}

static void
arguments(struct daemon_proc_view *v, pid_t pid)
{
	char buf[2 * PATH_MAX + 1];
	const char *second;
	const size_t n = daemon_proc_arguments(buf, sizeof buf, pid);

	v->argv[0][0] = v->argv[1][0] = '\0';
	if (n == 0)
		return;
	(void)snprintf(
	    v->argv[0], sizeof v->argv[0], "%.*s", PATH_MAX - 1, buf);
	second = buf + strlen(buf) + 1;
	if (second < buf + n)
		(void)snprintf(v->argv[1], sizeof v->argv[1], "%.*s",
		    PATH_MAX - 1, second);
}

int
daemon_proc_view(struct daemon_proc_view *v, pid_t pid)
{
	struct daemon_proc_self self;
	struct daemon_process_stat ps;
	struct stat st;
	char path[40];
	ssize_t n;

	daemon_proc_self(&self);
	if (!self.ours) {
		errno = ENOENT;
		return -1;
	}
	if (daemon_process_stat(pid, &ps) == -1)
		return -1;
	if (ps.state == 'Z' || ps.state == 'X') {
		errno = ESRCH;
		return -1;
	}
	(void)snprintf(path, sizeof path, "/proc/%ld", (long)pid);
	if (stat(path, &st) == -1) {
		if (errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	v->uid = st.st_uid;
	(void)snprintf(path, sizeof path, "/proc/%ld/exe", (long)pid);
	n = readlink(path, v->exe, sizeof v->exe - 1);
	v->exe[n > 0 ? n : 0] = '\0';
	arguments(v, pid);
	if (v->argv[0][0] == '\0' && v->exe[0] == '\0') {
		errno = ESRCH; /* the kernel's own */
		return -1;
	}
	v->started_ms = started(ps.start);
	return 0;
}
