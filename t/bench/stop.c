/* SPDX-License-Identifier: ISC */
/*
 * Section E: from the call of a stop to its return, and how much of that was
 * after the last instruction of what it stopped.  Whoever returns while
 * that still runs did not wait, and is not compared.
 */
#include <sys/syscall.h>
#include <sys/wait.h>

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "command.h"
#include "listen.h"
#include "spawn.h"
#include "table.h"

enum { RETURNED, AFTER };
enum { LAST = 1000000 }; /* as a key, puts a row below all others */
enum { RETURN_MS = 10000, BORN_MS = 3000, DIED_MS = 5000, REST_US = 10000 };

/* Whether the process of PIDFD is dead; a zombie is. */
static bool
dead(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Starts what is to be stopped.  What was wrong, or NULL. */
static const char *
begin(const struct bench *b, const struct contender *is, struct record *r)
{
	struct command c;
	uint64_t at;

	command_make(b, is->start, 0, &c);
	listen_drain(b->fifo);
	if (spawn_wait(spawn(c.argv), RETURN_MS, &at) != 0)
		return "the start did not return 0";
	if (!listen_for(b->fifo, RECORD_BORN, 0, BORN_MS, r))
		return "the command was not executed";
	/* Those who wrote their pidfile after their return have by then. */
	(void)usleep(REST_US);
	return NULL;
}

static const char *
once(const struct bench *b, struct entrant *e, bool counts)
{
	struct command c;
	struct record born, died;
	uint64_t t0, t1;
	const char *wrong = begin(b, e->is, &born);
	bool was_dead;
	int status, pidfd;

	if (wrong != NULL)
		return wrong;
	pidfd = (int)syscall(SYS_pidfd_open, born.pid, 0);
	if (pidfd == -1)
		return "the command died too early";
	command_make(b, e->is->stop, 0, &c);
	t0 = clock_ns();
	status = spawn_wait(spawn(c.argv), RETURN_MS, &t1);
	was_dead = dead(pidfd);
	(void)close(pidfd);
	if (status != 0)
		return "did not return 0";
	if (!listen_for(b->fifo, RECORD_DIED, born.pid, DIED_MS, &died))
		return "the command did not end";
	if (counts) {
		samples_add(&e->series[RETURNED], (double)(t1 - t0) / 1e6);
		samples_add(
		    &e->series[AFTER], ((double)t1 - (double)died.ns) / 1e6);
		e->right += was_dead;
	}
	return NULL;
}

static void
report(const struct bench *b, struct entrant *e, int n)
{
	static const char *const head[] = { "stop", "x limit", "x ssd",
		"returns, ms", "after the death, ms", "p10-p90", "x limit",
		"dead at return", NULL };
	double limit = entrants_base(e, n, LIMIT, RETURNED);
	double after = entrants_base(e, n, LIMIT, AFTER);
	double ssd = entrants_base(e, n, REFERENCE, RETURNED);
	char title[160];
	struct table t = { .title = title, .head = head };
	struct samples *s;
	struct row *r;
	bool waits;
	int i;

	(void)snprintf(title, sizeof title,
	    "E. Stop: medians of %d, the command takes %ld ms to die",
	    b->rounds, b->linger_ms);
	for (i = 0; i < n; i++) {
		s = e[i].series;
		/* Some are dead by chance; "stopped means gone" is always. */
		waits = s->n > 0 && e[i].right == s->n;
		r = table_row(
		    &t, waits ? samples_median(s) : NAN, e[i].is->kind == OURS);
		table_cell(r, "%s", e[i].is->name);
		table_ratio(r, waits ? samples_median(s) : NAN, limit);
		table_ratio(r, waits ? samples_median(s) : NAN, ssd);
		table_number(r, samples_median(s), 2);
		table_number(r, waits ? samples_median(&s[AFTER]) : NAN, 2);
		if (waits)
			table_cell(r, "%.2f-%.2f", samples_at(&s[AFTER], 0.1),
			    samples_at(&s[AFTER], 0.9));
		else
			table_cell(r, "does not wait");
		table_ratio(r, waits ? samples_median(&s[AFTER]) : NAN, after);
		table_cell(r, "%d of %d", e[i].right, s->n);
	}
	table_print(&t, b->markdown);
}

void
bench_stop(struct bench *b)
{
	char linger[32];

	(void)snprintf(linger, sizeof linger, "%ld", b->linger_ms);
	(void)setenv("BENCH_LINGER_MS", linger, 1);
	entrants_measure(b, contenders_stop, WARMUPS, once, report);
}
