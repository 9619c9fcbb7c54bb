/* SPDX-License-Identifier: ISC */
/*
 * Close, or mark close-on-exec, everything above stderr: by close_range(2)
 * in the gaps between what is kept, else by reading /proc/self/fd, and only
 * without both by walking the numbers.  Never "3 to 1023", never the soft
 * limit alone: descriptors live above a limit that was lowered.
 */
#include <sys/resource.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "../step.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1u << 2)
#endif

static int
kept(int fd, const int *keep, size_t nkeep)
{
	size_t i;

	for (i = 0; i < nkeep; i++)
		if (keep[i] == fd)
			return 1;
	return 0;
}

/* The lowest kept descriptor that is at least fd, or -1. */
static int
next_kept(int fd, const int *keep, size_t nkeep)
{
	int best = -1;
	size_t i;

	for (i = 0; i < nkeep; i++)
		if (keep[i] >= fd && (best == -1 || keep[i] < best))
			best = keep[i];
	return best;
}

static int
range(unsigned first, unsigned last, unsigned flags)
{
#ifdef SYS_close_range
	return (int)syscall(SYS_close_range, first, last, flags);
#else
	(void)first;
	(void)last;
	(void)flags;
	errno = ENOSYS;
	return -1;
#endif
}

static int
by_range(const int *keep, size_t nkeep, unsigned flags)
{
	int fd = 3, stop;

	while ((stop = next_kept(fd, keep, nkeep)) != -1) {
		if (stop > fd &&
		    range((unsigned)fd, (unsigned)stop - 1, flags) == -1)
			return -1;
		if (stop == INT_MAX)
			return 0;
		fd = stop + 1;
	}
	return range((unsigned)fd, ~0u, flags);
}

static void
drop(int fd, unsigned flags)
{
	if (flags == CLOSE_RANGE_CLOEXEC)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	else
		(void)close(fd);
}

#ifdef SYS_getdents64
struct entry {
	unsigned long long ino, off;
	unsigned short len;
	unsigned char type;
	char name[];
};

static int
number(const char *s)
{
	int n = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (*s - '0');
	return n;
}

/* opendir(3) allocates, which is not allowed after fork. */
static int
by_proc(const int *keep, size_t nkeep, unsigned flags)
{
	_Alignas(struct entry) char buf[2048];
	const struct entry *e;
	long n, i;
	int dir, fd, dropped;

	dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return -1;
	/* Closing while reading may hide entries: go on until a whole pass
	 * found nothing to close.  Marking changes nothing: one pass. */
	do {
		dropped = 0;
		(void)lseek(dir, 0, SEEK_SET);
		while ((n = syscall(SYS_getdents64, dir, buf, sizeof buf)) > 0)
			for (i = 0; i < n; i += e->len) {
				e = (const void *)(buf + i);
				fd = number(e->name);
				if (fd < 3 || fd == dir ||
				    kept(fd, keep, nkeep))
					continue;
				drop(fd, flags);
				dropped = 1;
			}
	} while (dropped && flags == 0);
	(void)close(dir);
	return n == 0 ? 0 : -1;
}
#else
static int
by_proc(const int *keep, size_t nkeep, unsigned flags)
{
	(void)keep;
	(void)nkeep;
	(void)flags;
	errno = ENOSYS;
	return -1;
}
#endif

static int
by_number(const int *keep, size_t nkeep, unsigned flags)
{
	struct rlimit rl;
	int fd, end;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		return -1;
	end = rl.rlim_max > INT_MAX ? INT_MAX : (int)rl.rlim_max;
	for (fd = 3; fd < end; fd++)
		if (!kept(fd, keep, nkeep))
			drop(fd, flags);
	return 0;
}

static int
sweep(const int *keep, size_t nkeep, unsigned flags)
{
	if (by_range(keep, nkeep, flags) == 0)
		return 0;
	if (by_proc(keep, nkeep, flags) == 0)
		return 0;
	return by_number(keep, nkeep, flags);
}

int
daemon_descriptors_close(const int *keep, size_t nkeep)
{
	return sweep(keep, nkeep, 0);
}

int
daemon_descriptors_seal(const int *keep, size_t nkeep)
{
	size_t i;

	if (sweep(keep, nkeep, CLOSE_RANGE_CLOEXEC) == -1)
		return -1;
	for (i = 0; i < nkeep; i++)
		if (fcntl(keep[i], F_SETFD, 0) == -1)
			return -1;
	return 0;
}
