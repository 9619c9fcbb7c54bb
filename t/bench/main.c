/* SPDX-License-Identifier: ISC */
/*
 * bench: measures one section and prints its table.  run.sh runs them all
 * with sensible counts; contenders.c says who takes part.
 */
#include <sys/resource.h>

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "keeper.h"
#include "listen.h"
#include "spawn.h"

static const struct section {
	const char *name;
	void (*run)(struct bench *);
} sections[] = {
	{ "start", bench_start },
	{ "calls", bench_calls },
	{ "restart", bench_restart },
	{ "idle", bench_idle },
	{ "stop", bench_stop },
	{ "fan", bench_fan },
	{ "sizes", bench_sizes },
};

enum { SECTIONS = sizeof sections / sizeof *sections };

static void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: bench [-m] [-b BUILD] [-l LEAN_BUILD] [-n ROUNDS]\n"
	    "    [-N COUNT] [-w LINGER_MS] [-f NOFILE] [-o PATTERN]\n"
	    "    start|calls|restart|idle|stop|fan|sizes\n");
	exit(2);
}

static const struct section *
find(const char *name)
{
	int i;

	for (i = 0; i < SECTIONS; i++)
		if (name != NULL && strcmp(name, sections[i].name) == 0)
			return &sections[i];
	usage();
	return NULL;
}

/* The directory we are in. */
static const char *
own_directory(void)
{
	static char path[PATH_MAX];
	char *slash;

	if (readlink("/proc/self/exe", path, sizeof path - 1) == -1)
		err(1, "/proc/self/exe");
	slash = strrchr(path, '/');
	*slash = '\0';
	return path;
}

/* What is started inherits it; ours, too, but we need few. */
static void
limit_files(struct bench *b)
{
	struct rlimit r;

	(void)getrlimit(RLIMIT_NOFILE, &r);
	if (b->nofile > 0) {
		r.rlim_cur = (rlim_t)b->nofile;
		r.rlim_max = r.rlim_max > r.rlim_cur ? r.rlim_max : r.rlim_cur;
		if (setrlimit(RLIMIT_NOFILE, &r) == -1)
			warn("RLIMIT_NOFILE stays as it is");
		(void)getrlimit(RLIMIT_NOFILE, &r);
	}
	b->nofile = (long)r.rlim_cur;
}

static const char *
options(struct bench *b, int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "mb:l:n:N:w:f:o:")) != -1)
		switch (o) {
		case 'm': b->markdown = true; break;
		case 'b': b->ordinary = optarg; break;
		case 'l': b->lean = optarg; break;
		case 'n': b->rounds = atoi(optarg); break;
		case 'N': b->count = atoi(optarg); break;
		case 'w': b->linger_ms = atol(optarg); break;
		case 'f': b->nofile = atol(optarg); break;
		case 'o': b->only = optarg; break;
		default: usage();
		}
	if (b->rounds < 1 || b->count < 1 || b->linger_ms < 0)
		usage();
	return argv[optind];
}

int
main(int argc, char **argv)
{
	struct bench b = { .ordinary = "build", .rounds = 50, .count = 1000 };
	const struct section *s = find(options(&b, argc, argv));

	b.built = own_directory();
	limit_files(&b);
	if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == -1)
		err(1, "close_range");
	if (scratch_make(&b.scratch) == -1)
		err(1, "%s", b.scratch.top);
	spawn_init();
	keeper_start(&b.scratch);
	b.fifo = listen_open(b.scratch.fifo);
	if (b.fifo == -1)
		err(1, "%s", b.scratch.fifo);
	s->run(&b);
	return 0;
}
