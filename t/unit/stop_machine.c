/* SPDX-License-Identifier: ISC */
/*
 * Every state the stop machine can reach, for every schedule of up to four
 * items, every event that can answer each, against its invariants.
 */
#include "../../libdaemon/stop/machine.h"
#include "stop_unit.h"

static const struct daemon_schedule_item alphabet[] = {
	{ .signal = SIGTERM },
	{ .signal = SIGKILL },
	{ .wait_ms = 0 },
	{ .wait_ms = 10 },
	{ .wait_ms = -1 },
};

enum { ITEMS = sizeof alphabet / sizeof alphabet[0], LONGEST = 4 };

/* What may answer an action. */
static const enum daemon_stop_event answers[][3] = {
	[DAEMON_STOP_LOOK] = { DAEMON_STOP_SOME, DAEMON_STOP_NONE,
	    DAEMON_STOP_LATE },
	[DAEMON_STOP_SEND] = { DAEMON_STOP_SOME, DAEMON_STOP_NONE,
	    DAEMON_STOP_DENIED },
	[DAEMON_STOP_WAIT] = { DAEMON_STOP_NONE, DAEMON_STOP_LATE },
};

/* Invariants that were broken, by name; the walk goes on. */
static const char *broken;
static unsigned long long states;

static void
must(int holds, const char *name)
{
	if (!holds && broken == NULL)
		broken = name;
}

struct node {
	struct daemon_stop_move m;
	int wait_set; /* a deadline was set for the item at, and holds */
};

/* A look is late only when all had been dead. */
static size_t
n_answers(const struct node *n)
{
	switch (n->m.action.act) {
	case DAEMON_STOP_LOOK:
		return n->m.state.phase == DAEMON_STOP_RECHECKING ? 3 : 2;
	case DAEMON_STOP_SEND: return 3;
	case DAEMON_STOP_WAIT: return 2;
	case DAEMON_STOP_DONE:
	case DAEMON_STOP_GIVE_UP: break;
	}
	return 0;
}

enum { NODES_MAX = 200000 };

struct search {
	struct node node[NODES_MAX];
	int height[NODES_MAX]; /* longest way to an end; -1: on the way */
	size_t n;
	/* Nodes with the same number of rechecks, so that few are compared;
	 * an index and one, 0 ends. */
	size_t first[DAEMON_STOP_NEWCOMERS_MAX + 2], next[NODES_MAX];
};

static int
is_same(const struct node *a, const struct node *b)
{
	const struct daemon_stop_state *x = &a->m.state, *y = &b->m.state;
	const struct daemon_stop_action *p = &a->m.action, *q = &b->m.action;

	return x->round == y->round && x->phase == y->phase && x->at == y->at &&
	    x->signal == y->signal && x->rechecks == y->rechecks &&
	    p->act == q->act && p->signal == q->signal &&
	    p->wait_ms == q->wait_ms && p->again == q->again &&
	    a->wait_set == b->wait_set;
}

/* Does the deadline outlive this step?  It belongs to its item, and ends
 * also when newcomers have used up their number. */
static int
keeps(const struct node *from, enum daemon_stop_event e, const struct node *to)
{
	const struct daemon_stop_state *a = &from->m.state, *b = &to->m.state;

	return from->wait_set && e != DAEMON_STOP_LATE && a->at == b->at &&
	    a->round == b->round &&
	    !(a->phase == DAEMON_STOP_RECHECKING &&
		a->rechecks == DAEMON_STOP_NEWCOMERS_MAX);
}

static void
check(const struct daemon_schedule *s, const struct node *from,
    enum daemon_stop_event e, const struct node *to)
{
	const struct daemon_stop_state *a = &from->m.state, *b = &to->m.state;
	const struct daemon_stop_action *act = &to->m.action;

	must(b->at < s->n || b->phase == DAEMON_STOP_OVER, "at in range");
	must(b->round >= a->round, "the main process comes first, once");
	must(b->rechecks <= DAEMON_STOP_NEWCOMERS_MAX + 1,
	    "newcomers are bounded");
	if (act->act == DAEMON_STOP_SEND) {
		must(act->signal != 0, "a signal is one");
		must(from->m.action.act == DAEMON_STOP_LOOK &&
			e == DAEMON_STOP_SOME,
		    "a signal only after a look that saw a target");
		must(act->again || act->signal == s->item[b->at].signal,
		    "the schedule's signal");
		must(!act->again || act->signal == a->signal,
		    "newcomers get the last signal");
		must(!act->again || b->round == DAEMON_STOP_REST,
		    "newcomers are of the rest");
	}
	if (act->act == DAEMON_STOP_WAIT) {
		must(s->item[b->at].signal == 0 &&
			act->wait_ms == s->item[b->at].wait_ms,
		    "the schedule's wait");
		must(act->again == keeps(from, e, to),
		    "one deadline an item, kept");
		must(e != DAEMON_STOP_NONE, "no wait for nobody");
	}
	if (act->act == DAEMON_STOP_DONE)
		must(a->round == DAEMON_STOP_REST &&
			from->m.action.act == DAEMON_STOP_LOOK &&
			e == DAEMON_STOP_NONE,
		    "done only after a look at the rest that saw nobody");
	if (act->act == DAEMON_STOP_GIVE_UP)
		must(e == DAEMON_STOP_DENIED || s->repeat >= s->n,
		    "who repeats for ever never gives up");
	if (e == DAEMON_STOP_DENIED)
		must(act->act == DAEMON_STOP_GIVE_UP, "denied ends it");
	if (e == DAEMON_STOP_NONE)
		must(act->act == DAEMON_STOP_LOOK ||
			act->act == DAEMON_STOP_DONE,
		    "when nobody lives, look");
}

static struct node
follow(const struct daemon_schedule *s, const struct node *from,
    enum daemon_stop_event e)
{
	struct node to = { .m = daemon_stop_next(s, from->m.state, e) };

	to.wait_set =
	    to.m.action.act == DAEMON_STOP_WAIT || keeps(from, e, &to);
	if (from->m.state.phase != DAEMON_STOP_FRESH)
		check(s, from, e, &to);
	return to;
}

/* Depth first; a way back to a state that is on the way is a loop, which
 * only a repeating schedule may have. */
static void
visit(const struct daemon_schedule *s, struct search *q, struct node from)
{
	size_t i, me = q->n;
	enum daemon_stop_act act = from.m.action.act;
	struct node to;

	if (me == NODES_MAX) {
		must(0, "the search has room");
		return;
	}
	q->node[q->n++] = from;
	q->next[me] = q->first[from.m.state.rechecks];
	q->first[from.m.state.rechecks] = me + 1;
	q->height[me] = -1;
	if (act == DAEMON_STOP_DONE || act == DAEMON_STOP_GIVE_UP) {
		must(from.m.state.phase == DAEMON_STOP_OVER, "over is over");
		q->height[me] = 0;
		return;
	}
	for (i = 0; i < n_answers(&from); i++) {
		size_t k;

		to = follow(s, &from, answers[act][i]);
		k = q->first[to.m.state.rechecks];
		while (k != 0 && !is_same(&q->node[k - 1], &to))
			k = q->next[k - 1];
		if (k == 0)
			visit(s, q, to);
		else if (q->height[k - 1] == -1)
			must(s->repeat < s->n, "a schedule ends");
	}
	q->height[me] = 1;
}

static void
walk(const struct daemon_schedule *s, struct search *q)
{
	struct node begin = { .m = { .state = DAEMON_STOP_START } };

	q->n = 0;
	(void)memset(q->first, 0, sizeof q->first);
	visit(s, q, follow(s, &begin, DAEMON_STOP_BEGIN));
	states += q->n;
}

/* All schedules that begin with s's n items. */
static void
enumerate(struct daemon_schedule *s, struct search *q, unsigned *schedules)
{
	size_t i;

	if (s->n > 0) {
		for (s->repeat = 0; s->repeat <= s->n; s->repeat++) {
			walk(s, q);
			(*schedules)++;
		}
	}
	if (s->n == LONGEST)
		return;
	for (i = 0; i < ITEMS; i++) {
		s->item[s->n++] = alphabet[i];
		enumerate(s, q, schedules);
		s->n--;
	}
}

/* The actions of one stop, as text, for the events given. */
static void
play(char *buf, size_t size, const char *schedule, const char *events)
{
	static const char *const acts[] = { "look", "send", "wait", "done",
		"give-up" };
	struct daemon_stop_move m = { .state = DAEMON_STOP_START };
	struct daemon_schedule s;
	size_t n = 0;

	if (daemon_schedule_parse(&s, schedule, NULL) == -1)
		err(2, "%s", schedule);
	m = daemon_stop_next(&s, m.state, DAEMON_STOP_BEGIN);
	for (; *events != '\0'; events++) {
		m = daemon_stop_next(&s, m.state,
		    *events == 's'	 ? DAEMON_STOP_SOME
			: *events == 'n' ? DAEMON_STOP_NONE
			: *events == 'd' ? DAEMON_STOP_DENIED
					 : DAEMON_STOP_LATE);
		n += (size_t)snprintf(buf + n, size - n, "%s%s%s",
		    n > 0 ? " " : "", acts[m.action.act],
		    m.action.again ? "-again" : "");
		if (m.action.signal != 0)
			n += (size_t)snprintf(
			    buf + n, size - n, ":%d", m.action.signal);
		if (m.action.act == DAEMON_STOP_WAIT)
			n += (size_t)snprintf(
			    buf + n, size - n, ":%d", m.action.wait_ms);
	}
}

static const struct {
	const char *promise, *schedule, *events, *actions;
} plays[] = {
	{ "a polite daemon alone", "TERM/30/KILL/5", "ssnn",
	    "send:15 wait:30000 look done" },
	{ "a deaf one alone", "TERM/30/KILL/5", "sslssnn",
	    "send:15 wait:30000 look send:9 wait:5000 look done" },
	{ "one that nothing kills", "TERM/30/KILL/5", "sslssl",
	    "send:15 wait:30000 look send:9 wait:5000 give-up" },
	{ "one that dies as it is looked at", "TERM/30/KILL/5", "nn",
	    "look done" },
	{ "one we may not signal", "TERM/30/KILL/5", "sd", "send:15 give-up" },
	{ "a polite one with a deaf child", "TERM/30/KILL/5", "ssnsslssnn",
	    "send:15 wait:30000 look send:15 wait:30000 look send:9 "
	    "wait:5000 look done" },
	{ "children that fork as they die", "TERM/30/KILL/5", "ssnssnssnn",
	    "send:15 wait:30000 look send:15 wait:30000 look "
	    "send-again:15 wait-again:30000 look done" },
	{ "children that fork as they die, for too long", "TERM/30/KILL/5",
	    "ssnssnlssnn",
	    "send:15 wait:30000 look send:15 wait:30000 look look send:9 "
	    "wait:5000 look done" },
	{ "repeating", "forever/KILL/1", "sslssl",
	    "send:9 wait:1000 look send:9 wait:1000 look" },
};

int
main(void)
{
	struct search *q = calloc(1, sizeof *q);
	struct daemon_schedule s = { .n = 0 };
	unsigned schedules = 0;
	char text[512];
	size_t i;

	if (q == NULL)
		err(2, "calloc");
	enumerate(&s, q, &schedules);
	ok(broken == NULL, "%s", broken != NULL ? broken : "all invariants");
	printf("# %u schedules, %llu states\n", schedules, states);
	free(q);
	for (i = 0; i < sizeof plays / sizeof plays[0]; i++) {
		play(text, sizeof text, plays[i].schedule, plays[i].events);
		ok(strcmp(text, plays[i].actions) == 0, "%s: %s",
		    plays[i].promise, text);
	}
	return finish();
}
