/* SPDX-License-Identifier: ISC */
/*
 * fault: strikes a program's system calls, one at a time, and judges what
 * comes of it.  This file reads the command line; README.md explains it.
 */
#define _GNU_SOURCE 1

#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alone.h"
#include "bare.h"
#include "bench.h"
#include "scratch.h"
#include "sweep.h"

static char root[100]; /* of all scratch directories */

static _Noreturn void
usage(void)
{
	(void)fprintf(stderr,
	    "usage: fault sweep [-v] [-b DIR] [-T FILE] [-j N] [-s N] "
	    "[-k eksc] SCENARIO...\n"
	    "       fault list [-b DIR] [-T FILE] SCENARIO\n"
	    "       fault run  [-b DIR] [-T FILE] SCENARIO FAULT\n"
	    "       fault points COMMAND...\n"
	    "       fault inject FAULT COMMAND...\n"
	    "       fault calls\n");
	exit(2);
}

static void
make_root(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(root, sizeof root, "%s/fault.XXXXXX",
	    tmp != NULL && strlen(tmp) < 80 ? tmp : "/tmp");
	if (mkdtemp(root) == NULL || chmod(root, 0755) == -1)
		err(125, "%s", root);
}

static char *
absolute(const char *path)
{
	char *full = realpath(path, NULL);

	if (full == NULL)
		err(125, "%s", path);
	return full;
}

/* Ours is beside us unless -T says otherwise. */
static char *
beside_us(const char *name)
{
	char self[PATH_MAX], *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n > 0 ? n : 0] = '\0';
	if (asprintf(&path, "%s/%s", dirname(self), name) == -1)
		err(125, "memory");
	return path;
}

static int
do_list(const char *file, const struct places *at)
{
	static struct bench b;
	struct points points = { .all = NULL };
	struct verdict v;

	if (bench_open(&b, file, at) == -1)
		return 125;
	(void)bench_round(&b, NULL, &points, &v);
	points_print(&points);
	points_free(&points);
	return 0;
}

static int
do_run(const char *file, const char *spec, const struct places *at)
{
	static struct bench b = { .tell = true };
	struct verdict v;
	struct fault f;
	bool reached;

	if (spec_parse(spec, &f) == -1)
		errx(2, "%s: not a fault", spec);
	if (bench_open(&b, file, at) == -1)
		return 125;
	reached = bench_round(&b, &f, NULL, &v);
	if (!reached)
		(void)printf("(the fault was not reached)\n");
	for (int c = 0; c < CLASSES; c++)
		if (v.classes & 1u << c)
			(void)printf("%s\n", class_names[c].sentence);
	if (v.classes != 0)
		(void)printf("first: %s\n", v.why);
	return v.classes != 0;
}

static int
do_sweep(struct sweep *how, char *const files[], const struct places *at)
{
	int rc = 0, one;
	char *file;

	for (int i = 0; files[i] != NULL; i++) {
		file = absolute(files[i]);
		one = sweep(how, file, at, i == 0 || how->verbose);
		if (one != 0 && rc != 125)
			rc = one == -1 ? 125 : 1;
		free(file);
	}
	return rc;
}

static int
do_calls(void)
{
	const struct call *c;

	for (unsigned i = 0; (c = call_row(i)) != NULL; i++) {
		(void)printf("%s", c->name);
		for (const int *e = c->errnos; *e != 0; e++)
			(void)printf(" %s", strerrorname_np(*e));
		(void)printf("\n");
	}
	return 0;
}

/* Everything started has ended by now; only the files remain. */
static void
clean_up(void)
{
	if (chdir("/") == 0)
		(void)scratch_empty(root, true);
}

static int
with_scratch(const char *verb, int argc, char *argv[])
{
	struct sweep how = { .kinds = "eksc", .each = 1 };
	char *bin = absolute("."), *target = beside_us("fault-target");
	struct places at = { root, bin, target };
	char self[PATH_MAX * 2];
	int c;

	how.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	while ((c = getopt(argc, argv, "+b:j:k:s:T:v")) != -1)
		switch (c) {
		case 'b': at.bin = absolute(optarg); break;
		case 'j': how.jobs = (unsigned)atoi(optarg); break;
		case 'k': how.kinds = optarg; break;
		case 's': how.each = (unsigned)atoi(optarg); break;
		case 'T': at.target = absolute(optarg); break;
		case 'v': how.verbose = true; break;
		default: usage();
		}
	argc -= optind;
	argv += optind;
	if (argc < 1 || how.jobs < 1 || how.each < 1)
		usage();
	(void)snprintf(self, sizeof self, "%s -b %s -T %s",
	    program_invocation_name, at.bin, at.target);
	how.self = self;
	make_root();
	(void)atexit(clean_up);
	alone();
	if (strcmp(verb, "sweep") == 0)
		return do_sweep(&how, argv, &at);
	if (strcmp(verb, "list") == 0 && argc == 1)
		return do_list(argv[0], &at);
	if (strcmp(verb, "run") == 0 && argc == 2)
		return do_run(argv[0], argv[1], &at);
	usage();
}

int
main(int argc, char *argv[])
{
	if (argc < 2)
		usage();
	if (strcmp(argv[1], "calls") == 0 && argc == 2)
		return do_calls();
	if (strcmp(argv[1], "points") == 0 && argc > 2)
		return bare_points(argv + 2);
	if (strcmp(argv[1], "inject") == 0 && argc > 3)
		return bare_inject(argv[2], argv + 3);
	return with_scratch(argv[1], argc - 1, argv + 1);
}
