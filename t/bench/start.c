/* SPDX-License-Identifier: ISC */
/*
 * Section A: from the call of a contender to its return and to the first
 * instruction of the command, the CPU time of everything until the end of
 * the command, and whether the pidfile was right when it returned.
 */
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "command.h"
#include "listen.h"
#include "spawn.h"
#include "table.h"

enum { RETURNED, BORN, CPU };
enum { RETURN_MS = 10000, BORN_MS = 3000, END_MS = 400 };

static pid_t
read_pid(const struct bench *b, int n)
{
	char path[PATH_SIZE], text[16] = "";
	int fd;

	scratch_pidfile(&b->scratch, n, path, sizeof path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	if (read(fd, text, sizeof text - 1) <= 0)
		*text = '\0';
	(void)close(fd);
	return atoi(text);
}

/* One start.  What was wrong with it, or NULL. */
static const char *
once(const struct bench *b, struct entrant *e, bool counts)
{
	struct command c;
	struct record r;
	uint64_t t0, t1;
	double cpu = spawn_cpu_ms();
	pid_t pid;
	int status;

	command_make(b, e->is->start, 0, &c);
	listen_drain(b->fifo);
	t0 = clock_ns();
	status = spawn_wait(spawn(c.argv), RETURN_MS, &t1);
	pid = read_pid(b, 0);
	if (status != 0)
		return "did not return 0";
	if (!listen_for(b->fifo, RECORD_BORN, 0, BORN_MS, &r))
		return "the command was not executed";
	(void)kill(r.pid, SIGKILL);
	spawn_settle(END_MS);
	if (!counts)
		return NULL;
	samples_add(&e->series[RETURNED], (double)(t1 - t0) / 1e6);
	samples_add(&e->series[BORN], (double)(r.ns - t0) / 1e6);
	samples_add(&e->series[CPU], spawn_cpu_ms() - cpu);
	e->right += pid == r.pid;
	return NULL;
}

static void
report(const struct bench *b, struct entrant *e, int n)
{
	static const char *const head[] = { "start", "x limit", "x old",
		"returns, ms", "p10-p90", "command runs, ms", "CPU, ms",
		"pidfile right", NULL };
	double limit = entrants_base(e, n, LIMIT, RETURNED);
	double old = entrants_base(e, n, REFERENCE, RETURNED);
	char title[160];
	struct table t = { .title = title, .head = head };
	struct samples *s;
	struct row *r;
	double ms;
	int i;

	(void)snprintf(title, sizeof title,
	    "A. Start: medians of %d, RLIMIT_NOFILE %ld", b->rounds, b->nofile);
	for (i = 0; i < n; i++) {
		s = e[i].series;
		ms = samples_median(&s[RETURNED]);
		r = table_row(&t, ms, e[i].is->kind == OURS);
		table_cell(r, "%s", e[i].is->name);
		table_ratio(r, ms, limit);
		table_ratio(r, ms, old);
		table_number(r, ms, 2);
		table_cell(r, "%.2f-%.2f", samples_at(&s[RETURNED], 0.1),
		    samples_at(&s[RETURNED], 0.9));
		table_number(r, samples_median(&s[BORN]), 2);
		table_number(r, samples_median(&s[CPU]), 2);
		if (e[i].is->no_pidfile || s[CPU].n == 0)
			table_cell(r, "-");
		else
			table_cell(r, "%d%%", e[i].right * 100 / s[CPU].n);
	}
	table_print(&t, b->markdown);
}

void
bench_start(struct bench *b)
{
	entrants_measure(b, contenders_start, WARMUPS, once, report);
}
