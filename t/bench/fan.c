/* SPDX-License-Identifier: ISC */
/*
 * Section G: many starts, one after the other, then as many stops.  The
 * children tell how many of them ran, and whether each was dead when its
 * stop returned.
 */
#include <math.h>
#include <stdio.h>

#include "bench.h"
#include "command.h"
#include "listen.h"
#include "spawn.h"
#include "table.h"

enum { TOTAL, STARTS, STOPS, CPU };
enum { EACH_MS = 10000, BORN_MS = 3000, LATE_MS = 1000, END_MS = 2000 };

struct tally {
	int born, died;
	int confirmed; /* stops that returned after the death */
	int wrong; /* commands that did not return 0 */
};

static void
count(const struct bench *b, struct tally *t)
{
	struct record r;

	while (listen_next(b->fifo, &r))
		*(r.what == RECORD_BORN ? &t->born : &t->died) += 1;
}

/* Runs WORDS for every instance; seconds. */
static double
each(const struct bench *b, const char *const *words, bool stops,
    struct tally *t)
{
	struct command c;
	uint64_t t0 = clock_ns(), at = t0;
	int i;

	for (i = 0; i < b->count && t->wrong < FAILURES_MAX; i++) {
		command_make(b, words, i, &c);
		t->wrong += spawn_wait(spawn(c.argv), EACH_MS, &at) != 0;
		count(b, t);
		t->confirmed += stops && t->died > i;
	}
	return (double)(at - t0) / 1e9;
}

/* Waits for those who are born after the return. */
static void
late(const struct bench *b, struct tally *t)
{
	struct record r;

	while (t->born < b->count &&
	    listen_for(b->fifo, RECORD_BORN, 0, BORN_MS, &r))
		t->born++;
}

static const char *
once(const struct bench *b, struct entrant *e, bool counts)
{
	struct tally t = { 0 };
	double cpu = spawn_cpu_ms(), starts, stops;

	(void)counts; /* there are no warm-ups */
	listen_drain(b->fifo);
	starts = each(b, e->is->start, false, &t);
	late(b, &t);
	if (t.wrong > 0 || t.born < b->count)
		return "not all were started";
	stops = each(b, e->is->stop, true, &t);
	if (t.wrong > 0)
		return "not all were stopped";
	spawn_settle(END_MS);
	samples_add(&e->series[TOTAL], starts + stops);
	samples_add(&e->series[STARTS], starts);
	samples_add(&e->series[STOPS], stops);
	samples_add(&e->series[CPU], (spawn_cpu_ms() - cpu) / 1e3);
	e->right += t.confirmed;
	return NULL;
}

static void
report(const struct bench *b, struct entrant *e, int n)
{
	static const char *const head[] = { "starts, stops", "x limit", "x old",
		"total, s", "starts, s", "stops, s", "CPU, s",
		"deaths confirmed", NULL };
	double limit = entrants_base(e, n, LIMIT, TOTAL);
	double old = entrants_base(e, n, REFERENCE, TOTAL);
	char title[160];
	struct table t = { .title = title, .head = head };
	struct samples *s;
	struct row *r;
	double total;
	int i;

	(void)snprintf(title, sizeof title,
	    "G. Fan: %d starts, then %d stops; medians of %d", b->count,
	    b->count, b->rounds);
	for (i = 0; i < n; i++) {
		s = e[i].series;
		total = samples_median(&s[TOTAL]);
		r = table_row(&t, total, e[i].is->kind == OURS);
		table_cell(r, "%s", e[i].is->name);
		table_ratio(r, total, limit);
		table_ratio(r, total, old);
		table_number(r, total, 2);
		table_number(r, samples_median(&s[STARTS]), 2);
		table_number(r, samples_median(&s[STOPS]), 2);
		table_number(r, samples_median(&s[CPU]), 2);
		table_cell(r, "%d%%",
		    s->n > 0 ? e[i].right * 100 / (s->n * b->count) : 0);
	}
	table_print(&t, b->markdown);
}

void
bench_fan(struct bench *b)
{
	entrants_measure(b, contenders_fan, 0, once, report);
}
