/* SPDX-License-Identifier: ISC */
/*
 * Every state the supervisor's machine can reach, with every policy, in a
 * world that does all a world can do: walked with the machine itself, each
 * move held against what a supervisor promises.  Prints the table of moves;
 * the one kept in table.txt makes a change of behaviour a difference to read.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "seen.h"
#include "world.h"

static unsigned long long moves, worlds, policies;

/* ---- the table of moves ---- */

enum { ROW = 160 };

static const char *const action_words[] = { "thaw", "tell-ready", "tell-trying",
	"tell-failed", "hook-ready", "hook-exit", "hook-failed", "cancel",
	"end", "sweep", "freeze", "reload", "before", "spawn", "finish" };

static void
note(const struct daemon_machine *old, const struct daemon_event *e,
    const struct daemon_move *to)
{
	char text[ROW];
	size_t i, n;

	if (to->actions == 0 && to->machine.phase == old->phase &&
	    to->machine.why == old->why)
		return;
	n = (size_t)snprintf(text, sizeof text, "%-10s %-10s -> %s",
	    daemon_phase_word(old->phase), daemon_event_word(e->kind),
	    daemon_phase_word(to->machine.phase));
	if (to->machine.why != DAEMON_WHY_NONE)
		n += (size_t)snprintf(text + n, sizeof text - n, "(%s)",
		    daemon_why_word(to->machine.why));
	for (i = 0; i < sizeof action_words / sizeof *action_words; i++)
		if (to->actions & 1u << i)
			n += (size_t)snprintf(
			    text + n, sizeof text - n, " %s", action_words[i]);
	row_note(text);
}

/* ---- the walk ---- */

enum { PASS = 1 };
static struct seen seen;
static size_t here; /* whose moves are tried */

/* The way to the world at i. */
static void
print_way(size_t i)
{
	const struct daemon_event *e = seen_event(&seen, i);
	const struct world *w = seen_world(&seen, i);

	if (i == 0)
		return;
	print_way(seen.from[i]);
	fprintf(stderr, "  %s (%lld ms passed, ending %d)\n    %s(%s)\n",
	    daemon_event_word(e->kind), e->passed_ms, (int)e->ending,
	    daemon_phase_word(w->m.phase), daemon_why_word(w->m.why));
}

static void
complain(const struct daemon_event *e)
{
	fprintf(stderr, "broken: %s\n", broken);
	fprintf(stderr,
	    "restart %d, readiness %d, keep_trying %d, before %d, "
	    "max_restarts %u, constant %d, ready_ms %lld, watchdog_ms %lld\n",
	    (int)policy->restart, (int)policy->readiness, policy->keep_trying,
	    policy->has_before, policy->max_restarts, policy->backoff.constant,
	    policy->ready_ms, policy->watchdog_ms);
	print_way(here);
	errx(1, "%s (%lld ms passed, ending %d)", daemon_event_word(e->kind),
	    e->passed_ms, (int)e->ending);
}

static void
try(const struct world *from, const struct daemon_event *e, int leaves)
{
	struct world w = *from;
	struct daemon_move to;

	moves++;
	to = daemon_machine_next(policy, from->m, e);
	note(&from->m, e, &to);
	world_go(&w, e, leaves, &to);
	if (broken != NULL)
		complain(e);
	seen_meet(&seen, &w, here, e);
}

/* A death has a status, and leaves something or nothing; a stop may come with
 * a schedule. */
static void
try_variants(const struct world *w, struct daemon_event e)
{
	int ending, leaves;

	e.ending = DAEMON_ENDING_NONE;
	e.otherwise = 0;
	if (e.kind != DAEMON_EVENT_DIED) {
		try(w, &e, 0);
		if (e.kind == DAEMON_EVENT_STOP ||
		    e.kind == DAEMON_EVENT_RESTART) {
			e.otherwise = 1;
			try(w, &e, 0);
		}
		return;
	}
	for (ending = DAEMON_ENDING_SUCCESS; ending <= DAEMON_ENDING_UNKNOWN;
	     ending++)
		for (leaves = 0; leaves < 2; leaves++) {
			e.ending = (enum daemon_ending)ending;
			try(w, &e, leaves);
		}
}

static void
try_all(const struct world *w)
{
	struct daemon_event e = { .ms = 2 };
	int kind, passed;

	for (kind = 0; kind < DAEMON_EVENTS; kind++) {
		e.kind = (enum daemon_event_kind)kind;
		if (!world_can(w, e.kind))
			continue;
		for (passed = 0; passed <= PASS; passed++) {
			e.passed_ms = passed;
			try_variants(w, e);
		}
	}
}

static void
walk(void)
{
	static const struct daemon_event none;
	struct world first;

	memset(&first, 0, sizeof first);
	first.m = daemon_machine_new();
	seen_empty(&seen);
	seen_meet(&seen, &first, 0, &none);
	for (here = 0; here < seen.known; here++) {
		const struct world *w = seen_world(&seen, here);

		if (!w->finished)
			try_all(w);
	}
	worlds += seen.known;
	policies++;
}

/* Every policy there is, with times as small as will do. */
static void
walk_policies(void)
{
	static const struct daemon_backoff backoffs[] = {
		{ .first_ms = 1, .most_ms = 2 },
		{ .first_ms = 0, .constant = 1 },
		{ .first_ms = 1, .constant = 1 },
	};
	struct daemon_policy p;
	int i;

	for (i = 0; i < 3 * 3 * 2 * 2 * 2 * 2 * 2 * 3; i++) {
		int n = i;

		p = (struct daemon_policy){ .spawn_ms = 1,
			.alive_ms = 1,
			.reload_ms = 1,
			.retry_ms = 1,
			.leave_ms = 1,
			.healthy_ms = 1,
			.window_ms = 3 };
		p.restart = (enum daemon_restart)(n % 3), n /= 3;
		p.readiness = (enum daemon_readiness)(n % 3), n /= 3;
		p.keep_trying = n % 2, n /= 2;
		p.has_before = n % 2, n /= 2;
		p.ready_ms = n % 2 ? 2 : -1, n /= 2;
		p.watchdog_ms = n % 2 ? 2 : -1;
		p.runtime_ms = n % 2 ? 3 : -1, n /= 2;
		p.max_restarts = n % 2 ? 2 : 0, n /= 2;
		p.backoff = backoffs[n];
		policy = &p;
		walk();
	}
}

int
main(void)
{
	seen_make(&seen, sizeof(struct world), sizeof(struct daemon_event));
	walk_policies();
	rows_print();
	fprintf(stderr,
	    "%llu policies, %llu worlds, %llu moves: no promise broken\n",
	    policies, worlds, moves);
	return 0;
}
