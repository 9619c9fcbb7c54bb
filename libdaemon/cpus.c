/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpus.h"
#include "identity/cgroup.h"

/* Of a file of one number, or of two: how many there are. */
static int
read_two(const char *path, const char *file, long long *n)
{
	int fd = daemon_cgroup_file(path, file, 0), count;
	char buf[64];
	ssize_t len;

	if (fd == -1)
		return 0;
	len = read(fd, buf, sizeof buf - 1);
	(void)close(fd);
	buf[len > 0 ? len : 0] = '\0';
	count = strchr(buf, ' ') != NULL ? sscanf(buf, "%lld %lld", n, n + 1)
					 : sscanf(buf, "%lld", n);
	return count > 0 ? count : 0;
}

/* Of one group: processors, rounded up; 0: it has no quota. */
static long long
quota_of(const char *path)
{
	long long n[2] = { 0, 0 };

	/* Version 2: "max 100000" without one. */
	if (read_two(path, "cpu.max", n) != 2 &&
	    (read_two(path, "cpu.cfs_quota_us", n) != 1 ||
		read_two(path, "cpu.cfs_period_us", n + 1) != 1))
		return 0;
	return n[0] > 0 && n[1] > 0 ? (n[0] + n[1] - 1) / n[1] : 0;
}

static void
lower(long long *n, long long to)
{
	if (to > 0 && to < *n)
		*n = to;
}

/* Ours, and those it is in: up to where they are mounted. */
static void
lower_by(long long *n, const char *type, const char *controller)
{
	char *path = daemon_cgroup_here(controller),
	     *top = daemon_cgroup_mount(type, controller), *slash;

	while (path != NULL && top != NULL && strlen(path) > strlen(top)) {
		lower(n, quota_of(path));
		slash = strrchr(path, '/');
		*slash = '\0';
	}
	if (top != NULL)
		lower(n, quota_of(top)); /* in a namespace of its own */
	free(path);
	free(top);
}

unsigned
daemon_cpus_usable(void)
{
	long long n = sysconf(_SC_NPROCESSORS_ONLN);
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	lower_by(&n, "cgroup2", NULL);
	lower_by(&n, "cgroup", "cpu");
	return n > 0 ? (unsigned)n : 1;
}

/* "0-3,6", all of it; -1/EINVAL. */
static int
parse(cpu_set_t *set, const char *p)
{
	unsigned long first, last;
	char *end;

	CPU_ZERO(set);
	for (;;) {
		if (!isdigit((unsigned char)*p))
			return -1;
		first = last = strtoul(p, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtoul(end + 1, &end, 10);
		if (last >= CPU_SETSIZE || first > last)
			return -1;
		for (; first <= last; first++)
			CPU_SET(first, set);
		if (*end == '\0')
			return 0;
		if (*end != ',')
			return -1;
		p = end + 1;
	}
}

int
daemon_cpus_are(const char *text)
{
	cpu_set_t set;

	return strcmp(text, "auto") == 0 || parse(&set, text) == 0;
}

int
daemon_cpus_move(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	if (cpu >= 0)
		CPU_SET((unsigned)cpu, &one);
	return sched_setaffinity(0, sizeof one, &one);
}

int
daemon_cpus_try(const char *text, unsigned *cpu)
{
	cpu_set_t set, ours;
	int error = 0;

	if (strcmp(text, "auto") == 0 || parse(&set, text) == -1 ||
	    sched_getaffinity(0, sizeof ours, &ours) == -1)
		return 0;
	for (*cpu = 0; *cpu < CPU_SETSIZE; (*cpu)++)
		if (CPU_ISSET(*cpu, &set) &&
		    daemon_cpus_move((int)*cpu) == -1) {
			error = errno;
			break;
		}
	(void)sched_setaffinity(0, sizeof ours, &ours);
	errno = error;
	return error == 0 ? 0 : -1;
}

int
daemon_cpus_pick(const char *text, unsigned i)
{
	cpu_set_t set;
	unsigned at = 0;
	size_t cpu;
	int n;

	if (strcmp(text, "auto") == 0
		? sched_getaffinity(0, sizeof set, &set) == -1
		: parse(&set, text) == -1)
		return -1;
	n = CPU_COUNT(&set);
	for (cpu = 0; n > 0 && cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set) && at++ == i % (unsigned)n)
			return (int)cpu;
	return -1;
}
