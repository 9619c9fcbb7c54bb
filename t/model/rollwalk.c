/* SPDX-License-Identifier: ISC */
/*
 * Every state that workers can be in together: up to three of an old
 * generation, three of a new one and some that leave, with whatever may happen
 * to each and be asked for meanwhile.  As walk.c does it.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "../../libdaemon/supervise/roll.h"
#include "seen.h"

enum { MOST = 3, LEAVERS = 3, STATES = DAEMON_WORKER_DONE + 1 };

/* What there is, whatever the machine thinks. */
struct crowd {
	struct daemon_roll r;
	unsigned is[2][STATES]; /* of the crew, and of the trial */
	unsigned leaving;
	unsigned chosen; /* to leave, and not told yet */
	unsigned size; /* how many were asked for last */
	unsigned tells; /* what the launcher has heard */
	unsigned asks, waits; /* for a reload that is under way, for another */
	unsigned frozen, finished, released;
};

static const struct daemon_rolling *policy;
static const char *broken;
static struct seen seen;
static size_t here;
static unsigned long long moves, crowds;

static void
must(int holds, const char *promise)
{
	if (!holds && broken == NULL)
		broken = promise;
}

static unsigned
living(const struct crowd *w, int trial)
{
	return w->is[trial][DAEMON_WORKER_STARTING] +
	    w->is[trial][DAEMON_WORKER_READY] +
	    w->is[trial][DAEMON_WORKER_DOWN];
}

static unsigned
all(const struct crowd *w, int trial)
{
	return living(w, trial) + w->is[trial][DAEMON_WORKER_DONE];
}

/* They are told to end. */
static void
dismiss(struct crowd *w, int trial)
{
	w->leaving += living(w, trial);
	memset(w->is[trial], 0, sizeof w->is[trial]);
}

static void
happen(struct crowd *w, const struct daemon_roll_event *e)
{
	unsigned *is = w->is[e->trial != 0];

	switch (e->kind) {
	case DAEMON_ROLL_READY:
		is[e->was]--;
		is[DAEMON_WORKER_READY]++;
		break;
	case DAEMON_ROLL_DOWN:
		is[DAEMON_WORKER_READY]--;
		is[DAEMON_WORKER_DOWN]++;
		break;
	case DAEMON_ROLL_DONE:
		is[e->was]--;
		is[DAEMON_WORKER_DONE]++;
		break;
	case DAEMON_ROLL_LEAVES:
		is[e->was]--;
		w->leaving += e->was != DAEMON_WORKER_DONE;
		w->chosen--;
		break;
	case DAEMON_ROLL_TRIED:
		is[e->was]--;
		is[DAEMON_WORKER_DOWN]++;
		break;
	case DAEMON_ROLL_GONE: w->leaving--; break;
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_SCALE: w->size = e->n; break;
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_RESTART:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_DRAIN:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_STOP:
	case DAEMON_ROLL_KINDS: break;
	}
}

static void
act_ends(struct crowd *w, const struct daemon_roll_move *to)
{
	const unsigned a = to->actions;

	if (a & DAEMON_ROLL_DO_RETIRE) {
		must(
		    all(w, 1) > 0 && w->is[1][DAEMON_WORKER_READY] == all(w, 1),
		    "the old ones leave when all the new ones are ready");
		dismiss(w, 0);
		memcpy(w->is[0], w->is[1], sizeof w->is[0]);
		memset(w->is[1], 0, sizeof w->is[1]);
	}
	if (a & DAEMON_ROLL_DO_REVERT) {
		must(all(w, 1) > 0, "there is something to go back from");
		dismiss(w, 1);
	}
	if (a & (DAEMON_ROLL_DO_END | DAEMON_ROLL_DO_DRAIN)) {
		dismiss(w, 0);
		dismiss(w, 1);
	}
	if (a & DAEMON_ROLL_DO_LET_GO) {
		must(all(w, 1) == 0 && w->leaving == 0,
		    "only who serves is released");
		w->released = 1;
	}
	if (a & DAEMON_ROLL_DO_DISMISS) {
		w->chosen = to->n;
		must(w->chosen > 0 && w->chosen < all(w, 0),
		    "some are dismissed, and some are kept");
	}
}

static void
act_begins(struct crowd *w, const struct daemon_roll_move *to)
{
	const unsigned a = to->actions;

	if (a & DAEMON_ROLL_DO_START) {
		if (to->roll.phase == DAEMON_ROLL_STARTING)
			memset(w->is[0], 0, sizeof w->is[0]); /* those done */
		w->is[0][DAEMON_WORKER_STARTING] += to->n;
	}
	if (a & DAEMON_ROLL_DO_TRY)
		w->is[1][DAEMON_WORKER_STARTING] += to->n;
	if (a & (DAEMON_ROLL_DO_START | DAEMON_ROLL_DO_TRY))
		must(to->n > 0 && to->n <= MOST, "somebody is begun");
	must(!(a & DAEMON_ROLL_DO_START) || !(a & DAEMON_ROLL_DO_TRY),
	    "one number is of one thing");
}

/* A reload is answered: the one that was under way, or all, when nothing
 * comes of any. */
static void
act_answers(struct crowd *w, const struct daemon_roll_move *to)
{
	const unsigned yes = to->actions & DAEMON_ROLL_DO_RELOADED,
		       no = to->actions & DAEMON_ROLL_DO_NOT_RELOADED;

	if (!yes && !no)
		return;
	must(!yes || !no, "a reload is done, or is not");
	must(w->asks > 0 || (no && w->waits > 0), "who is answered has asked");
	must(!yes || w->leaving == 0,
	    "it returns when the last old one is gone");
	w->asks = 0;
	if (no && !to->roll.reload && to->roll.phase != DAEMON_ROLL_TRYING)
		w->waits = 0;
}

static void
act(struct crowd *w, const struct daemon_roll_move *to)
{
	const unsigned a = to->actions;

	must(!w->finished || a == 0, "nothing is done after the end");
	if (a &
	    (DAEMON_ROLL_DO_TELL_READY | DAEMON_ROLL_DO_TELL_TRYING |
		DAEMON_ROLL_DO_TELL_FAILED)) {
		must(w->tells == 0, "the launcher is told once");
		w->tells++;
	}
	if (a & DAEMON_ROLL_DO_TELL_READY)
		must(w->is[0][DAEMON_WORKER_STARTING] == 0,
		    "ready is when all were");
	if (a & DAEMON_ROLL_DO_FREEZE) {
		must(w->is[0][DAEMON_WORKER_READY] == living(w, 0),
		    "only who serves is frozen");
		w->frozen = 1;
	}
	if (a & DAEMON_ROLL_DO_THAW) {
		must(w->frozen == 1, "only what is frozen is thawed");
		w->frozen = 0;
	}
	act_ends(w, to);
	act_answers(w, to);
	act_begins(w, to);
	if (w->waits > 0 && w->asks == 0 &&
	    to->roll.phase == DAEMON_ROLL_TRYING) {
		w->asks = 1;
		w->waits = 0;
	}
	if (a & DAEMON_ROLL_DO_FINISH)
		w->finished = 1;
}

/* There is somebody who is waited for, and has a deadline. */
static int
has_end(const struct crowd *w)
{
	switch (w->r.phase) {
	case DAEMON_ROLL_STARTING: return w->is[0][DAEMON_WORKER_STARTING] > 0;
	case DAEMON_ROLL_TRYING: return w->is[1][DAEMON_WORKER_STARTING] > 0;
	case DAEMON_ROLL_REPLACING:
	case DAEMON_ROLL_REVERTING:
	case DAEMON_ROLL_DRAINING:
	case DAEMON_ROLL_RESTARTING:
	case DAEMON_ROLL_STOPPING: return w->leaving > 0;
	case DAEMON_ROLL_IDLE:
	case DAEMON_ROLL_SERVING:
	case DAEMON_ROLL_FROZEN:
	case DAEMON_ROLL_DRAINED:
	case DAEMON_ROLL_OVER: break;
	}
	return 1;
}

static int
is_counted(const struct daemon_crew *c, const unsigned is[STATES])
{
	return c->starting == is[DAEMON_WORKER_STARTING] &&
	    c->ready == is[DAEMON_WORKER_READY] &&
	    c->down == is[DAEMON_WORKER_DOWN] &&
	    c->done == is[DAEMON_WORKER_DONE];
}

static void
check_crowd(const struct crowd *w)
{
	const struct daemon_roll *r = &w->r;
	const int over = r->phase == DAEMON_ROLL_OVER;

	must(w->released ||
		(is_counted(&r->crew, w->is[0]) &&
		    is_counted(&r->trial, w->is[1]) &&
		    r->leaving == w->leaving),
	    "it is known who there is");
	must(has_end(w), "what is waited for will come");
	must(over == (int)w->finished, "the end is the end");
	must((unsigned)r->told == w->tells,
	    "it is known what the launcher knows");
	must(w->frozen == (r->phase == DAEMON_ROLL_FROZEN), "frozen is paused");
	must(r->phase == DAEMON_ROLL_TRYING || all(w, 1) == 0,
	    "a new generation is tried, or is none");
	must(!over || w->tells == 1, "at the end the launcher knows");
	must(r->phase != DAEMON_ROLL_DRAINED || w->tells == 1,
	    "nobody waits for what has been drained");
	must(!over || w->released ||
		(living(w, 0) + living(w, 1) + w->leaving == 0),
	    "at the end nothing is left");
	if (r->phase == DAEMON_ROLL_SERVING || over ||
	    r->phase == DAEMON_ROLL_DRAINED)
		must(w->asks == 0 && w->waits == 0,
		    "who asked for a reload is answered");
	if (r->phase == DAEMON_ROLL_SERVING && w->chosen == 0)
		must(all(w, 0) == w->size,
		    "there are as many as were asked for last");
}

/* ---- the walk ---- */

static const char *const action_words[] = { "tell-ready", "tell-trying",
	"tell-failed", "freeze", "thaw", "let-go", "end", "drain", "dismiss",
	"retire", "revert", "reloaded", "not-reloaded", "start", "try",
	"finish" };

static void
note(const struct daemon_roll *old, const struct daemon_roll_event *e,
    const struct daemon_roll_move *to)
{
	char text[160];
	size_t i, n;

	if (to->actions == 0 && to->roll.phase == old->phase)
		return;
	n = (size_t)snprintf(text, sizeof text, "%-10s %-8s%s -> %s",
	    daemon_roll_phase_word(old->phase), daemon_roll_kind_word(e->kind),
	    e->trial ? " of-trial" : "",
	    daemon_roll_phase_word(to->roll.phase));
	if (to->roll.why != DAEMON_ROLL_NONE)
		n += (size_t)snprintf(text + n, sizeof text - n, "(%s)",
		    daemon_roll_why_word(to->roll.why));
	for (i = 0; i < sizeof action_words / sizeof *action_words; i++)
		if (to->actions & 1u << i)
			n += (size_t)snprintf(
			    text + n, sizeof text - n, " %s", action_words[i]);
	row_note(text);
}

static void
print_way(size_t i)
{
	const struct daemon_roll_event *e = seen_event(&seen, i);
	const struct crowd *w = seen_world(&seen, i);

	if (i == 0)
		return;
	print_way(seen.from[i]);
	fprintf(stderr, "  %s%s (was %d, looping %u, n %u)\n    %s\n",
	    daemon_roll_kind_word(e->kind), e->trial ? " of the trial" : "",
	    (int)e->was, e->looping, e->n, daemon_roll_phase_word(w->r.phase));
}

/* A start in which it had its part goes on. */
static void
check_done(const struct daemon_roll *old, const struct daemon_roll_event *e,
    const struct daemon_roll *new)
{
	if (e->kind == DAEMON_ROLL_DONE && e->well &&
	    e->was != DAEMON_WORKER_STARTING &&
	    old->phase == DAEMON_ROLL_STARTING)
		must(new->why != DAEMON_ROLL_FAILED,
		    "who was ready and is done has not failed");
}

static void
try(const struct crowd *from, const struct daemon_roll_event *e)
{
	struct crowd w = *from;
	struct daemon_roll_move to = daemon_roll_next(policy, from->r, e);

	moves++;
	note(&from->r, e, &to);
	if (e->kind == DAEMON_ROLL_RELOAD &&
	    (to.roll.reload || to.roll.phase == DAEMON_ROLL_TRYING)) {
		if (from->r.phase == DAEMON_ROLL_SERVING)
			w.asks = 1;
		else
			w.waits = 1;
	}
	happen(&w, e);
	act(&w, &to);
	w.r = to.roll;
	check_crowd(&w);
	check_done(&from->r, e, &w.r);
	if (broken != NULL) {
		fprintf(stderr, "broken: %s\nbatch %d, gives_up %d\n", broken,
		    policy->batch, policy->gives_up);
		print_way(here);
		errx(1, "%s -> %s", daemon_roll_kind_word(e->kind),
		    daemon_roll_phase_word(to.roll.phase));
	}
	seen_meet(&seen, &w, here, e);
}

/* Those that may loop are those who die. */
static void
try_deaths(const struct crowd *w, struct daemon_roll_event e)
{
	for (e.looping = 0; e.looping <= living(w, e.trial); e.looping++)
		try(w, &e);
}

static void
try_workers(const struct crowd *w, int trial)
{
	struct daemon_roll_event e = { .trial = trial };
	const unsigned *is = w->is[trial];
	int was;

	for (was = 0; was < DAEMON_WORKER_DONE; was++) {
		if (is[was] == 0)
			continue;
		e.was = (enum daemon_worker_is)was;
		e.kind = DAEMON_ROLL_DONE;
		for (e.well = 0; e.well <= 1; e.well++)
			try(w, &e);
		e.well = 0;
		e.kind = DAEMON_ROLL_READY;
		if (was != DAEMON_WORKER_READY)
			try(w, &e);
		e.kind = DAEMON_ROLL_TRIED;
		if (was != DAEMON_WORKER_READY && !trial)
			try_deaths(w, e);
		e.kind = DAEMON_ROLL_DOWN;
		if (was == DAEMON_WORKER_READY)
			try_deaths(w, e);
	}
}

/* What can be asked for again and again is not, here, without end. */
static int
may_leave(const struct crowd *w)
{
	return w->leaving + living(w, 0) + living(w, 1) <= MOST + LEAVERS;
}

static void
try_people(const struct crowd *w)
{
	struct daemon_roll_event e = { .kind = DAEMON_ROLL_BEGIN };

	for (e.n = 1; e.n <= MOST; e.n++) {
		e.kind = DAEMON_ROLL_BEGIN;
		if (w->r.phase == DAEMON_ROLL_IDLE)
			try(w, &e);
		e.kind = DAEMON_ROLL_SCALE;
		if (w->r.phase != DAEMON_ROLL_IDLE && may_leave(w))
			try(w, &e);
	}
	for (e.n = 0, e.kind = DAEMON_ROLL_RELOAD; e.kind < DAEMON_ROLL_KINDS;
	     e.kind++)
		if (e.kind != DAEMON_ROLL_SCALE &&
		    (e.kind != DAEMON_ROLL_DRAIN || may_leave(w)))
			try(w, &e);
}

static void
try_all(const struct crowd *w)
{
	struct daemon_roll_event e = { .kind = DAEMON_ROLL_LEAVES };
	int was;

	for (was = 0; w->chosen > 0 && was < STATES; was++)
		if (w->is[0][was] > 0) {
			e.was = (enum daemon_worker_is)was;
			try(w, &e);
		}
	if (w->chosen > 0)
		return;
	try_workers(w, 0);
	try_workers(w, 1);
	e = (struct daemon_roll_event){ .kind = DAEMON_ROLL_GONE };
	if (w->leaving > 0)
		try(w, &e);
	try_people(w);
}

static void
walk(void)
{
	static const struct daemon_roll_event none;
	struct crowd first;

	memset(&first, 0, sizeof first);
	seen_empty(&seen);
	seen_meet(&seen, &first, 0, &none);
	for (here = 0; here < seen.known; here++) {
		const struct crowd *w = seen_world(&seen, here);

		if (!w->finished)
			try_all(w);
	}
	crowds += seen.known;
}

int
main(void)
{
	static struct daemon_rolling p;
	int i;

	_Static_assert(sizeof(struct crowd) % 4 == 0, "by words");
	seen_make(
	    &seen, sizeof(struct crowd), sizeof(struct daemon_roll_event));
	policy = &p;
	for (i = 0; i < 4; i++) {
		p.batch = i % 2;
		p.gives_up = i / 2;
		walk();
	}
	rows_print();
	fprintf(stderr,
	    "4 policies, %llu crowds, %llu moves: no promise broken\n", crowds,
	    moves);
	return 0;
}
