/* SPDX-License-Identifier: ISC */
/*
 * Every state the supervisor's machine can reach, with every policy, in a
 * world that does all a world can do: walked with the machine itself, each
 * move held against what a supervisor promises.  Prints the table of moves;
 * the one kept in table.txt makes a change of behaviour a difference to read.
 *
 * The world is what the machine does not know: what lives.  A promise is
 * checked against that, never against the machine's own opinion.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../libdaemon/supervise/machine.h"

enum process { NO_PROCESS, FORKED, RUNNING };

struct world {
	struct daemon_machine m;
	enum process process; /* the main one */
	int tree; /* something else of it lives */
	int hook; /* --before runs */
	int ending; /* a schedule is under way */
	int frozen;
	int tells; /* what the launcher has heard */
	int finished; /* the supervisor's work is done */
	int healthy; /* it was ready for long enough */
	unsigned deaths; /* restarts in a row without health, up to 4 */
	unsigned restarts; /* by the policy, since the window began */
	long long window; /* what is left of that */
};

static const struct daemon_policy *policy;
static const char *broken;
static unsigned long long moves, worlds, policies;

static void
must(int holds, const char *promise)
{
	if (!holds && broken == NULL)
		broken = promise;
}

/* ---- the promises ---- */

/* What is done must fit what is there; and it changes that. */
static void
act(struct world *w, unsigned actions)
{
	int lives = w->process != NO_PROCESS;

	must(!w->finished || actions == 0, "nothing is done after the end");
	if (actions & DAEMON_DO_THAW) {
		must(w->frozen, "only what is frozen is thawed");
		w->frozen = 0;
	}
	if (actions &
	    (DAEMON_DO_TELL_READY | DAEMON_DO_TELL_TRYING |
		DAEMON_DO_TELL_FAILED)) {
		must(w->tells == 0, "the launcher is told once");
		w->tells++;
	}
	if (actions & DAEMON_DO_TELL_READY)
		must(w->process == RUNNING, "ready is what runs");
	if (actions & DAEMON_DO_HOOK_READY)
		must(w->process == RUNNING, "the ready hook is of what runs");
	if (actions & DAEMON_DO_CANCEL) {
		must(w->hook, "only what runs is cancelled");
		w->ending = 1;
	}
	if (actions & DAEMON_DO_END) {
		must(lives, "no signal to nobody");
		w->ending = 1;
	}
	if (actions & DAEMON_DO_SWEEP) {
		must(!lives, "a sweep is of what the dead have left");
		w->ending = 1;
	}
	if (actions & DAEMON_DO_FREEZE) {
		must(w->process == RUNNING, "only what runs is frozen");
		w->frozen = 1;
	}
	if (actions & DAEMON_DO_RELOAD)
		must(w->process == RUNNING, "only what runs is reloaded");
	if (actions & (DAEMON_DO_BEFORE | DAEMON_DO_SPAWN)) {
		must(!lives && !w->tree && !w->hook,
		    "never two copies, nor the remains of one");
		must(!w->ending, "no start while something is being ended");
		must(!(actions & DAEMON_DO_BEFORE) ||
			!(actions & DAEMON_DO_SPAWN),
		    "before comes before");
	}
	if (actions & (DAEMON_DO_BEFORE | DAEMON_DO_SPAWN))
		w->healthy = 0;
	if (actions & DAEMON_DO_BEFORE)
		w->hook = 1;
	if (actions & DAEMON_DO_SPAWN)
		w->process = FORKED;
	if (actions & DAEMON_DO_FINISH)
		w->finished = 1;
}

/* What has a right to wait without a deadline of its own. */
static int
may_wait(const struct world *w)
{
	switch (w->m.phase) {
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_PAUSED:
	case DAEMON_PHASE_OVER: return 1;
	case DAEMON_PHASE_PREPARING: return w->hook; /* limited */
	case DAEMON_PHASE_STOPPING: return w->ending;
	case DAEMON_PHASE_STARTING:
		return policy->readiness == DAEMON_READY_TOLD &&
		    policy->ready_ms == -1;
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_BACKOFF: return 0;
	}
	return 0;
}

/* Does the phase agree with the world? */
static void
check_world(const struct world *w)
{
	const struct daemon_machine *m = &w->m;
	int lives = w->process != NO_PROCESS;

	must(may_wait(w) || m->left[DAEMON_TIMER_PHASE] != -1,
	    "every wait has a deadline");
	must(m->lives == lives, "it is known whether it lives");
	must(
	    w->frozen == (m->phase == DAEMON_PHASE_PAUSED), "frozen is paused");
	must((m->phase == DAEMON_PHASE_OVER) == w->finished,
	    "the end is the end");
	must(m->told == w->tells, "it is known what the launcher knows");
	switch (m->phase) {
	case DAEMON_PHASE_OVER:
		must(w->tells == 1, "at the end the launcher knows");
		must(m->why == DAEMON_WHY_RELEASED ||
			(!lives && !w->tree && !w->hook),
		    "at the end nothing is left");
		break;
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_BACKOFF:
		must(!lives && !w->tree && !w->hook, "nothing lives here");
		break;
	case DAEMON_PHASE_PREPARING: must(!lives, "not yet"); break;
	case DAEMON_PHASE_SPAWNING:
		must(w->process == FORKED, "forked, no more");
		break;
	case DAEMON_PHASE_STARTING:
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_PAUSED:
		must(w->process == RUNNING, "this needs a command that runs");
		break;
	case DAEMON_PHASE_STOPPING: break;
	}
	if (m->phase == DAEMON_PHASE_READY || m->phase == DAEMON_PHASE_PAUSED ||
	    m->phase == DAEMON_PHASE_RELOADING) {
		must(w->tells == 1, "who is ready has said so");
		must((m->left[DAEMON_TIMER_WATCHDOG] != -1) ==
			(policy->watchdog_ms != -1),
		    "a watchdog watches");
		must((m->left[DAEMON_TIMER_RUNTIME] != -1) ==
			(policy->runtime_ms != -1),
		    "a time limit runs");
	}
}

/* A stop is obeyed at once, and nothing but the end follows. */
static void
check_stop(const struct daemon_machine *old, const struct world *w,
    const struct daemon_event *e)
{
	int stopping = w->m.why == DAEMON_WHY_STOP &&
	    (w->m.phase == DAEMON_PHASE_STOPPING ||
		w->m.phase == DAEMON_PHASE_OVER);

	if (e->kind == DAEMON_EVENT_STOP && old->phase != DAEMON_PHASE_OVER)
		must(
		    stopping && (w->ending || w->finished), "a stop is obeyed");
	if (old->phase == DAEMON_PHASE_STOPPING && old->why == DAEMON_WHY_STOP)
		must(stopping, "nothing but the end follows a stop");
	if (old->phase == DAEMON_PHASE_STOPPING &&
	    old->why == DAEMON_WHY_STOP && e->kind == DAEMON_EVENT_GONE)
		must(w->finished, "a stop ends");
}

static int
is_restart(const struct daemon_machine *old, const struct daemon_event *e)
{
	return e->kind == DAEMON_EVENT_UNPREPARED ||
	    e->kind == DAEMON_EVENT_UNEXECUTED ||
	    (e->kind == DAEMON_EVENT_GONE && old->why != DAEMON_WHY_STOP &&
		old->why != DAEMON_WHY_RESTART);
}

/* Somebody wants it now: what was before does not count. */
static int
is_afresh(const struct daemon_machine *old, const struct daemon_event *e)
{
	return (old->phase == DAEMON_PHASE_BACKOFF &&
		   (e->kind == DAEMON_EVENT_START ||
		       e->kind == DAEMON_EVENT_RESTART)) ||
	    (e->kind == DAEMON_EVENT_GONE && old->why == DAEMON_WHY_RESTART);
}

/* The wait before a restart is what was promised: none, none, 1, 2, 2... */
static long long
promised(const struct world *w)
{
	static const long long ms[] = { 0, 0, 1, 2, 2 };

	if (policy->backoff.constant)
		return policy->backoff.first_ms;
	return ms[w->deaths];
}

static int
was_failure(const struct daemon_machine *old, const struct daemon_event *e)
{
	return e->kind != DAEMON_EVENT_GONE || old->why != DAEMON_WHY_ENDED ||
	    old->ending != DAEMON_ENDING_SUCCESS;
}

/* Restarted, and when, as the policy says. */
static void
check_restart(const struct daemon_machine *old, struct world *w,
    const struct daemon_event *e)
{
	int waits = w->m.phase == DAEMON_PHASE_BACKOFF;
	int again = waits || w->m.phase == DAEMON_PHASE_PREPARING ||
	    w->m.phase == DAEMON_PHASE_SPAWNING;
	int final = e->kind == DAEMON_EVENT_GONE &&
	    old->why == DAEMON_WHY_ENDED && old->ending == DAEMON_ENDING_FINAL;
	int limit =
	    policy->max_restarts != 0 && w->restarts >= policy->max_restarts;
	int wanted = !final &&
	    (policy->restart == DAEMON_RESTART_ALWAYS ||
		(policy->restart == DAEMON_RESTART_ON_FAILURE &&
		    was_failure(old, e)));

	if (!old->told && !policy->keep_trying)
		wanted = 0;
	if (w->healthy)
		w->deaths = 0;
	must(again == (wanted && !limit), "restarted as the policy says");
	if (wanted && limit)
		must(w->m.why == DAEMON_WHY_TOO_OFTEN, "given up, and told so");
	if (!again)
		return;
	must((waits ? w->m.left[DAEMON_TIMER_PHASE] : 0) == promised(w),
	    "the wait is what was promised");
	if (w->deaths < 4)
		w->deaths++;
	if (policy->max_restarts != 0 && w->restarts++ == 0)
		w->window = policy->window_ms;
}

/* ---- the world ---- */

/* May this happen now? */
static int
can(const struct world *w, enum daemon_event_kind kind)
{
	int runs = w->process == RUNNING && !w->frozen;

	switch (kind) {
	case DAEMON_EVENT_BEGIN: return w->m.phase == DAEMON_PHASE_IDLE;
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED: return w->hook && !w->ending;
	case DAEMON_EVENT_EXECUTED:
	case DAEMON_EVENT_UNEXECUTED:
		return w->m.phase == DAEMON_PHASE_SPAWNING;
	case DAEMON_EVENT_GONE: return w->ending && w->process == NO_PROCESS;
	case DAEMON_EVENT_STUCK:
		return w->ending && (w->process != NO_PROCESS || w->tree);
	case DAEMON_EVENT_DIED: return w->process != NO_PROCESS;
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_HEAVY: return runs;
	case DAEMON_EVENT_TIME:
	case DAEMON_EVENT_STOP:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RESTART:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE: return w->m.phase != DAEMON_PHASE_IDLE;
	case DAEMON_EVENTS: break;
	}
	return 0;
}

/* What the event says has happened. */
static void
happen(struct world *w, const struct daemon_event *e, int leaves)
{
	switch (e->kind) {
	case DAEMON_EVENT_PREPARED:
	case DAEMON_EVENT_UNPREPARED: w->hook = 0; break;
	case DAEMON_EVENT_EXECUTED: w->process = RUNNING; break;
	case DAEMON_EVENT_UNEXECUTED: w->process = NO_PROCESS; break;
	case DAEMON_EVENT_DIED:
		w->process = NO_PROCESS;
		w->tree = leaves;
		break;
	case DAEMON_EVENT_GONE: w->ending = w->tree = w->hook = 0; break;
	case DAEMON_EVENT_STUCK: w->ending = 0; break;
	case DAEMON_EVENT_BEGIN:
	case DAEMON_EVENT_READY:
	case DAEMON_EVENT_RELOADING:
	case DAEMON_EVENT_LEAVING:
	case DAEMON_EVENT_SIGN:
	case DAEMON_EVENT_EXTEND:
	case DAEMON_EVENT_HUNG:
	case DAEMON_EVENT_HEAVY:
	case DAEMON_EVENT_TIME:
	case DAEMON_EVENT_STOP:
	case DAEMON_EVENT_START:
	case DAEMON_EVENT_RESTART:
	case DAEMON_EVENT_RELOAD:
	case DAEMON_EVENT_PAUSE:
	case DAEMON_EVENT_RESUME:
	case DAEMON_EVENT_RELEASE:
	case DAEMON_EVENTS: break;
	}
}

/* Time passes, here too. */
static void
age(struct world *w, long long passed)
{
	if (passed > 0 &&
	    (w->m.phase == DAEMON_PHASE_READY ||
		w->m.phase == DAEMON_PHASE_RELOADING))
		w->healthy = 1;
	w->window = w->window > passed ? w->window - passed : 0;
	if (w->window == 0)
		w->restarts = 0;
}

/* ---- the table of moves ---- */

enum { ROWS = 4096, ROW = 160 };
static char row[ROWS][ROW];
static size_t rows;

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
	for (i = 0; i < rows; i++)
		if (strcmp(row[i], text) == 0)
			return;
	if (rows == ROWS)
		errx(1, "more than %d rows", ROWS);
	memcpy(row[rows++], text, ROW);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
print_table(void)
{
	size_t i;

	qsort(row, rows, ROW, by_text);
	for (i = 0; i < rows; i++)
		puts(row[i]);
}

/* ---- the walk ---- */

enum { SLOTS = 1 << 20, PASS = 1 };
static struct world *seen; /* in the order they were met */
static struct step {
	size_t from; /* of which this came */
	struct daemon_event event;
} * step;
static size_t here; /* whose moves are tried */
static unsigned *slot; /* index and one */
static size_t known;

/* By words: the size is a multiple of theirs, and no byte is left unset. */
static size_t
hash(const struct world *w)
{
	unsigned long long word, h = 0;
	size_t i;

	for (i = 0; i < sizeof *w; i += sizeof word) {
		memcpy(&word, (const char *)w + i, sizeof word);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return (size_t)h % SLOTS;
}

static void
meet(const struct world *w, const struct daemon_event *e)
{
	size_t h = hash(w);

	for (; slot[h] != 0; h = (h + 1) % SLOTS)
		if (memcmp(&seen[slot[h] - 1], w, sizeof *w) == 0)
			return;
	if (known == SLOTS / 2)
		errx(1, "more than %d worlds", SLOTS / 2);
	step[known] = (struct step){ here, *e };
	seen[known++] = *w;
	slot[h] = (unsigned)known;
}

/* The way to the world at i. */
static void
print_way(size_t i)
{
	const struct step *s = &step[i];

	if (i == 0)
		return;
	print_way(s->from);
	fprintf(stderr, "  %s (%lld ms passed, ending %d)\n    %s(%s)\n",
	    daemon_event_word(s->event.kind), s->event.passed_ms,
	    (int)s->event.ending, daemon_phase_word(seen[i].m.phase),
	    daemon_why_word(seen[i].m.why));
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
	age(&w, e->passed_ms);
	happen(&w, e, leaves);
	w.m = to.machine;
	if (is_afresh(&from->m, e))
		w.deaths = 0;
	if (is_restart(&from->m, e))
		check_restart(&from->m, &w, e);
	act(&w, to.actions);
	check_stop(&from->m, &w, e);
	if (e->kind == DAEMON_EVENT_TIME)
		must(daemon_machine_wait(&w.m) != 0, "time moves on");
	check_world(&w);
	if (broken != NULL)
		complain(e);
	meet(&w, e);
}

static void
try_all(const struct world *w)
{
	struct daemon_event e = { .ms = 2 };
	int kind, passed, ending, leaves;

	for (kind = 0; kind < DAEMON_EVENTS; kind++) {
		e.kind = (enum daemon_event_kind)kind;
		if (!can(w, e.kind))
			continue;
		for (passed = 0; passed <= PASS; passed++) {
			e.passed_ms = passed;
			e.ending = DAEMON_ENDING_NONE;
			if (e.kind != DAEMON_EVENT_DIED) {
				try(w, &e, 0);
				continue;
			}
			for (ending = DAEMON_ENDING_SUCCESS;
			     ending <= DAEMON_ENDING_UNKNOWN; ending++)
				for (leaves = 0; leaves < 2; leaves++) {
					e.ending = (enum daemon_ending)ending;
					try(w, &e, leaves);
				}
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
	memset(slot, 0, SLOTS * sizeof *slot);
	known = 0;
	meet(&first, &none);
	for (here = 0; here < known; here++) {
		struct world w = seen[here];

		if (!w.finished)
			try_all(&w);
	}
	worlds += known;
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
	seen = calloc(SLOTS / 2, sizeof *seen);
	slot = calloc(SLOTS, sizeof *slot);
	step = calloc(SLOTS / 2, sizeof *step);
	if (seen == NULL || slot == NULL || step == NULL)
		err(1, NULL);
	walk_policies();
	print_table();
	fprintf(stderr,
	    "%llu policies, %llu worlds, %llu moves: no promise broken\n",
	    policies, worlds, moves);
	return 0;
}
