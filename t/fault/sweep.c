/* SPDX-License-Identifier: ISC */
/*
 * Lists the points in one run, then strikes each.  A worker is a process with
 * a bench of its own; results come over one pipe, each in a single write.
 */
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alone.h"
#include "bench.h"
#include "faults.h"
#include "sweep.h"

struct result {
	size_t index;
	bool done, reached;
	struct verdict verdict;
};

struct sums {
	unsigned faults, unreached, violating, classes[CLASSES];
};

static double
now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* A bench in the directory NAME of its own below AT's. */
static int
open_bench(struct bench *b, const char *file, const struct places *at,
    unsigned number, char dir[200])
{
	struct places here = *at;

	(void)snprintf(dir, 200, "%s/%u", at->dir, number);
	here.dir = dir;
	return bench_open(b, file, &here);
}

static _Noreturn void
work(const struct sweep *how, const char *file, const struct places *at,
    const struct faults *made, unsigned number, int to)
{
	static struct bench b;
	struct result r;
	char dir[200];

	alone();
	if (open_bench(&b, file, at, number + 1, dir) == -1)
		_exit(125);
	for (size_t i = number * how->each; i < made->count;
	     i += how->jobs * how->each) {
		memset(&r, 0, sizeof r);
		r.index = i;
		r.done = true;
		r.reached = bench_round(&b, &made->all[i], NULL, &r.verdict);
		if (write(to, &r, sizeof r) != sizeof r)
			_exit(125);
	}
	_exit(0);
}

/* 0 if every worker did all of its share. */
static int
share(const struct sweep *how, const char *file, const struct places *at,
    const struct faults *made, struct result *results)
{
	struct result r;
	int ends[2], status, rc = 0;
	bool stop = false;
	pid_t pid;

	if (pipe(ends) == -1)
		err(125, "pipe");
	(void)fflush(NULL);
	for (unsigned i = 0; i < how->jobs; i++) {
		if ((pid = fork()) == -1)
			err(125, "fork");
		if (pid == 0) {
			(void)close(ends[0]);
			work(how, file, at, made, i, ends[1]);
		}
	}
	(void)close(ends[1]);
	(void)signal(SIGINT, SIG_IGN); /* it ends the workers, we clean up */
	while (read(ends[0], &r, sizeof r) == sizeof r)
		results[r.index] = r;
	(void)close(ends[0]);
	while ((pid = wait(&status)) > 0) {
		if (status != 0)
			rc = -1;
		if (WIFSIGNALED(status) ? WTERMSIG(status) == SIGINT
					: WEXITSTATUS(status) == 128 + SIGINT)
			stop = true;
	}
	(void)signal(SIGINT, SIG_DFL);
	if (stop)
		exit(130);
	return rc;
}

static void
print_violation(const struct sweep *how, const char *file,
    const struct fault *f, const struct verdict *v)
{
	char spec[SPEC_MAX];
	const char *comma = "";

	(void)printf("%s: ", spec_print(f, spec));
	for (int c = 0; c < CLASSES; c++) {
		if (!(v->classes & 1u << c))
			continue;
		(void)printf("%s%s", comma, class_names[c].sentence);
		comma = ", ";
	}
	(void)printf(": ");
	for (const char *p = v->why; *p != '\0'; p++)
		if (*p != '\n')
			(void)putchar(*p);
		else if (p[1] != '\0')
			(void)fputs(" / ", stdout);
	(void)printf("\n\t%s run %s '%s'\n", how->self, file, spec);
}

static void
add_up(const struct sweep *how, const char *file, const struct faults *made,
    const struct result *results, struct sums *sums)
{
	for (size_t i = 0; i < made->count; i += how->each) {
		const struct result *r = &results[i];

		sums->faults++;
		if (!r->reached)
			sums->unreached++;
		if (r->verdict.classes == 0)
			continue;
		sums->violating++;
		for (int c = 0; c < CLASSES; c++)
			if (r->verdict.classes & 1u << c)
				sums->classes[c]++;
		if (how->verbose)
			print_violation(how, file, &made->all[i], &r->verdict);
	}
}

static void
print_row(const char *name, const struct faults *made, const struct sums *sums,
    double seconds, bool head)
{
	unsigned out = made->startup + made->elsewhere + made->idle;

	if (head) {
		(void)printf(
		    "%-24s%7s%7s%6s", "scenario", "points", "faults", "bad");
		for (int c = 0; c < CLASSES; c++)
			(void)printf("%*s",
			    (int)strlen(class_names[c].word) + 1,
			    class_names[c].word);
		(void)printf("\n");
	}
	(void)printf("%-24s%7u%7u%6u", name, made->points - out, sums->faults,
	    sums->violating);
	for (int c = 0; c < CLASSES; c++)
		(void)printf("%*u", (int)strlen(class_names[c].word) + 1,
		    sums->classes[c]);
	(void)printf("\n  %.0f/s; left out: %u start-up, %u idle, %u other "
		     "roles; %u cannot fail; %u faults not reached\n",
	    sums->faults / seconds, made->startup, made->idle, made->elsewhere,
	    made->safe, sums->unreached);
	(void)fflush(stdout);
}

int
sweep(const struct sweep *how, const char *file, const struct places *at,
    bool head)
{
	static struct bench b;
	struct points points = { .all = NULL };
	struct sums sums = { .faults = 0 };
	struct faults made;
	struct result *results;
	struct verdict v;
	double start = now();
	char dir[200];
	int rc;

	memset(&b, 0, sizeof b);
	if (open_bench(&b, file, at, 0, dir) == -1)
		return -1;
	(void)bench_round(&b, NULL, &points, &v);
	points_sort(&points);
	if (faults_make(&made, &points, &b.sc, how->kinds) == -1)
		err(125, "memory");
	points_free(&points);
	bench_close(&b);
	if ((results = calloc(made.count + 1, sizeof *results)) == NULL)
		err(125, "memory");
	rc = share(how, file, at, &made, results);
	if (rc == -1)
		warnx("%s: a worker failed: not all has been tried", file);
	add_up(how, file, &made, results, &sums);
	print_row(b.sc.name, &made, &sums, now() - start, head);
	free(results);
	free(made.all);
	return rc == -1 ? -1 : sums.violating != 0;
}
