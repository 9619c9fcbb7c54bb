/* SPDX-License-Identifier: ISC */
/*
 * Section B: from the death of a supervised command to the first instruction
 * of the next one, and what the supervisor occupies meanwhile.  Each round is
 * a new supervisor, so that its first restart is what is measured.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "command.h"
#include "listen.h"
#include "process.h"
#include "spawn.h"
#include "table.h"

enum { AGAIN, PRIVATE };
enum { BORN_MS = 3000, AGAIN_MS = 3000 };

static const char *
once(const struct bench *b, struct entrant *e, bool counts)
{
	struct command c;
	struct record r, next;
	uint64_t t0;
	double kb;
	pid_t pid;

	command_make(b, e->is->start, 0, &c);
	listen_drain(b->fifo);
	pid = spawn(c.argv);
	if (!listen_for(b->fifo, RECORD_BORN, 0, BORN_MS, &r))
		return "the command was not executed";
	(void)usleep((useconds_t)b->linger_ms * 1000);
	kb = process_private_kb(pid);
	t0 = clock_ns();
	if (kill(r.pid, SIGKILL) == -1)
		return "the command died too early";
	if (!listen_for(b->fifo, RECORD_BORN, 0, AGAIN_MS, &next))
		return "the command was not restarted";
	if (counts) {
		samples_add(&e->series[AGAIN], (double)(next.ns - t0) / 1e6);
		if (!isnan(kb))
			samples_add(&e->series[PRIVATE], kb);
	}
	return NULL;
}

static void
report(const struct bench *b, struct entrant *e, int n)
{
	static const char *const head[] = { "restart", "x limit", "x glibc",
		"again after, ms", "p10-p90", "private, kB", NULL };
	double limit = entrants_base(e, n, LIMIT, AGAIN);
	double glibc = entrants_base(e, n, REFERENCE, AGAIN);
	char title[160];
	struct table t = { .title = title, .head = head };
	struct samples *s;
	struct row *r;
	int i;

	(void)snprintf(title, sizeof title,
	    "B. Restart: medians of %d, SIGKILL %ld ms after its start",
	    b->rounds, b->linger_ms);
	for (i = 0; i < n; i++) {
		s = e[i].series;
		r = table_row(&t, samples_median(s), e[i].is->kind == OURS);
		table_cell(r, "%s", e[i].is->name);
		table_ratio(r, samples_median(s), limit);
		table_ratio(r, samples_median(s), glibc);
		table_number(r, samples_median(s), 2);
		table_cell(
		    r, "%.2f-%.2f", samples_at(s, 0.1), samples_at(s, 0.9));
		table_number(r, samples_median(&s[PRIVATE]), 0);
	}
	table_print(&t, b->markdown);
}

void
bench_restart(struct bench *b)
{
	entrants_measure(b, contenders_restart, WARMUPS, once, report);
}
