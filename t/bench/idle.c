/* SPDX-License-Identifier: ISC */
/*
 * Sections C and F: what a supervisor occupies while nothing happens, alone
 * and among many of its kind, and whether it ever runs then.
 */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "command.h"
#include "listen.h"
#include "process.h"
#include "spawn.h"
#include "table.h"

enum { STEPS = 3, PRIVATE = 0, SHARE = STEPS, SWITCHES = 2 * STEPS };
enum { BORN_MS = 3000, SETTLE_MS = 300, MOST = 1000 };
enum { CALM_MS = 1500 }; /* some pause for a second after each start */

static const int steps[STEPS] = { 1, 100, MOST };

/* Starts instance N of E.  The command's pid; 0: it was not executed. */
static pid_t
start(const struct bench *b, const struct entrant *e, int n)
{
	struct command c;
	struct record r;

	command_make(b, e->is->start, n, &c);
	listen_drain(b->fifo);
	(void)spawn(c.argv);
	return listen_for(b->fifo, RECORD_BORN, 0, BORN_MS, &r) ? r.pid : 0;
}

/* Who watches over COMMAND; -1 where it is nobody any more. */
static pid_t
supervisor(pid_t command)
{
	pid_t parent = process_parent(command);

	return parent == getpid() ? -1 : parent;
}

static void
nap(long ms)
{
	(void)usleep((useconds_t)ms * 1000);
}

/* Adds the mean of the N supervisors of COMMANDS to series of STEP. */
static const char *
weigh(struct entrant *e, const pid_t *commands, int n, int step)
{
	double own = 0, share = 0;
	pid_t pid;
	int i;

	for (i = 0; i < n; i++) {
		pid = supervisor(commands[i]);
		if (pid == -1)
			return "nobody supervises the command";
		own += process_private_kb(pid);
		share += process_share_kb(pid);
	}
	if (isnan(own) || isnan(share))
		return "its memory could not be read";
	samples_add(&e->series[PRIVATE + step], own / n);
	samples_add(&e->series[SHARE + step], share / n);
	return NULL;
}

/* One, then more, then most: those there are stay. */
static const char *
grow(const struct bench *b, struct entrant *e, bool counts)
{
	static pid_t commands[MOST];
	const char *wrong;
	int n = 0, step;

	(void)counts; /* there are no warm-ups */
	for (step = 0; step < STEPS && steps[step] <= b->count; step++) {
		for (; n < steps[step]; n++) {
			commands[n] = start(b, e, n);
			if (commands[n] == 0)
				return "the command was not executed";
		}
		nap(SETTLE_MS);
		wrong = weigh(e, commands, n, step);
		if (wrong != NULL)
			return wrong;
	}
	return NULL;
}

/* One of each, all of them at the same time. */
static void
watch(const struct bench *b, struct entrant *e, int n)
{
	pid_t commands[CONTENDERS_MAX];
	double before[CONTENDERS_MAX], more;
	int i;

	for (i = 0; i < n; i++)
		commands[i] = entrant_runs(&e[i]) ? start(b, &e[i], i) : 0;
	nap(CALM_MS);
	for (i = 0; i < n; i++)
		before[i] = process_switches(supervisor(commands[i]));
	nap(b->linger_ms);
	for (i = 0; i < n; i++) {
		more = process_switches(supervisor(commands[i])) - before[i];
		if (!isnan(more))
			samples_add(&e[i].series[SWITCHES], more);
	}
	spawn_end_all();
	scratch_empty(&b->scratch);
}

static void
report(const struct bench *b, struct entrant *e, int n)
{
	static const char *const head[] = { "supervisor", "x limit", "x runsv",
		"private of 1, kB", "of 100, each", "of 1000, each",
		"Pss of 1, kB", "of 100, each", "of 1000, each", "wake-ups",
		NULL };
	double limit = entrants_base(e, n, LIMIT, PRIVATE);
	double runsv = entrants_base(e, n, REFERENCE, PRIVATE);
	char title[160];
	struct table t = { .title = title, .head = head };
	struct samples *s;
	struct row *r;
	int i, k;

	(void)snprintf(title, sizeof title,
	    "C, F. Idle supervisors: medians of %d; wake-ups within %ld ms",
	    b->rounds, b->linger_ms);
	for (i = 0; i < n; i++) {
		s = e[i].series;
		r = table_row(&t, samples_median(s), e[i].is->kind == OURS);
		table_cell(r, "%s", e[i].is->name);
		table_ratio(r, samples_median(s), limit);
		table_ratio(r, samples_median(s), runsv);
		for (k = PRIVATE; k < SWITCHES; k++)
			table_number(r, samples_median(&s[k]), 0);
		table_number(r, samples_median(&s[SWITCHES]), 0);
	}
	table_print(&t, b->markdown);
}

static void
finish(const struct bench *b, struct entrant *e, int n)
{
	watch(b, e, n);
	report(b, e, n);
}

void
bench_idle(struct bench *b)
{
	entrants_measure(b, contenders_idle, 0, grow, finish);
}
