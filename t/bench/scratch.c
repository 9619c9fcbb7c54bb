/* SPDX-License-Identifier: ISC */
/*
 * Making and emptying the scratch directory.  It is on /dev/shm, as a
 * pidfile belongs on /run: no disk is measured.
 */
#include <sys/stat.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "scratch.h"

enum { LEVEL_KEPT = 0, WALK_FDS = 8 };

int
scratch_make(struct scratch *s)
{
	*s = (struct scratch){ .top = "/dev/shm/daemonize-bench.XXXXXX" };
	/* Ours refuses a pidfile where others may write. */
	if (mkdtemp(s->top) == NULL || chmod(s->top, 0755) == -1)
		return -1;
	(void)snprintf(s->pids, sizeof s->pids, "%s/pids", s->top);
	(void)snprintf(s->run, sizeof s->run, "%s/run", s->top);
	(void)snprintf(s->fifo, sizeof s->fifo, "%s/fifo", s->top);
	if (mkdir(s->pids, 0755) == -1 || mkdir(s->run, 0755) == -1 ||
	    mkfifo(s->fifo, 0600) == -1)
		return -1;
	if (setenv("BENCH_FIFO", s->fifo, 1) == -1 ||
	    setenv("BENCH_LINGER_MS", "0", 1) == -1)
		return -1;
	return setenv("DAEMONIZE_RUNDIR", s->run, 1);
}

static int
drop_below(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > LEVEL_KEPT)
		(void)remove(path);
	return 0;
}

static int
drop(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	(void)remove(path);
	return 0;
}

void
scratch_empty(const struct scratch *s)
{
	(void)nftw(s->pids, drop_below, WALK_FDS, FTW_DEPTH | FTW_PHYS);
	(void)nftw(s->run, drop_below, WALK_FDS, FTW_DEPTH | FTW_PHYS);
}

void
scratch_remove(const struct scratch *s)
{
	(void)nftw(s->top, drop, WALK_FDS, FTW_DEPTH | FTW_PHYS);
}

void
scratch_pidfile(const struct scratch *s, int n, char *path, int size)
{
	/* daemon(1) makes the same of a directory and a name. */
	(void)snprintf(path, (size_t)size, "%s/b%d.pid", s->pids, n);
}
