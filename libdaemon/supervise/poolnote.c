/* SPDX-License-Identifier: ISC */
/* What is to be known of a service with workers: what becomes of each. */
#include <stdio.h>
#include <string.h>

#include "../clock.h"
#include "pool.h"
#include "publish.h"
#include "sayings.h"

/* What had to be killed, and the like: for who waits for an end. */
static void
note_killed(struct daemon_pool *p, const struct daemon_worker *w)
{
	char *to = p->killed;
	const size_t used = strlen(to), size = sizeof p->killed;
	const char *more = strchr(w->s.stopped, ';');
	char who[DAEMON_WORKER_TEXT_MAX];

	if (more != NULL)
		(void)snprintf(to + used, size - used, "; %s: %s",
		    daemon_worker_text(who, &w->s), more + strspn(more, "; "));
}

/* Of several that end together a failure says more. */
static void
note_status(struct daemon_pool *p, const struct daemon_supervisor *s)
{
	struct daemon_supervisor *head = p->head;

	if (head->machine.ending == DAEMON_ENDING_FAILURE &&
	    s->machine.ending == DAEMON_ENDING_SUCCESS)
		return;
	head->status = s->status;
	head->machine.ending = s->machine.ending;
}

/* "worker 2: status 1". */
static void
note_end(struct daemon_pool *p, const struct daemon_worker *w)
{
	const struct daemon_list *ends = &w->s.st.ends;
	const char *how = NULL;
	char text[200], who[DAEMON_WORKER_TEXT_MAX];
	long long ms;

	/* Who was told to end has; and an agent's end is its own. */
	if (ends->n == 0 || w->role >= DAEMON_WORKER_IS_AGENT)
		return;
	ms = daemon_end_read(ends->v[ends->n - 1], &how);
	(void)snprintf(text, sizeof text, "%lld %s: %s", ms,
	    daemon_worker_text(who, &w->s), how);
	daemon_supervisor_add_end(p->head, text);
	(void)snprintf(p->why, sizeof p->why, "%s: %s", who, how);
	p->head->stale = DAEMON_STALE;
}

static int
is_failure(const struct daemon_last_word *w)
{
	return w->step[0] != '\0';
}

/* It was ready, and has ended for good, but not because it was done. */
static int
is_lost(const struct daemon_worker *w)
{
	return w->s.machine.phase == DAEMON_PHASE_OVER &&
	    w->role == DAEMON_WORKER_OF_CREW &&
	    !daemon_supervised_finished(&w->s, w->s.machine.why);
}

static void
say_lost(struct daemon_pool *p, const struct daemon_worker *w)
{
	const int starts = !p->roll.told;
	struct daemon_last_word *word = &p->word;

	if (w->s.machine.why == DAEMON_WHY_TOO_OFTEN) {
		daemon_supervisor_explain(word, &w->s, &w->s.machine);
		return;
	}
	*word = (struct daemon_last_word){ .verdict = DAEMON_VERDICT_DIED };
	(void)strcpy(word->step, starts ? "ready" : "end");
	(void)snprintf(
	    word->object, sizeof word->object, "%s", p->head->d->command);
	(void)snprintf(word->reason, sizeof word->reason, "%.200s%s", p->why,
	    starts ? ", before the others were ready" : "");
}

/* What it could not be is its own affair; its limits are those of all. */
static void
say_who(struct daemon_last_word *word, const struct daemon_worker *w)
{
	char reason[sizeof word->reason], who[DAEMON_WORKER_TEXT_MAX];

	if (strcmp(word->step, "ready") != 0)
		return;
	(void)snprintf(reason, sizeof reason, "%s: %.900s",
	    daemon_worker_text(who, &w->s), word->reason);
	(void)strcpy(word->reason, reason);
}

/* Why one that had to begin did not, or one that was ready is lost. */
static void
note_failure(struct daemon_pool *p, const struct daemon_worker *w,
    const struct daemon_supervised *now)
{
	struct daemon_last_word *word = &p->word;
	char who[DAEMON_WORKER_TEXT_MAX];

	if (w->role >= DAEMON_WORKER_IS_AGENT)
		return;
	if (now->before.told && !daemon_supervised_is_vain(now)) {
		if (is_lost(w))
			say_lost(p, w);
		return;
	}
	daemon_supervisor_explain_end(word, &w->s, now);
	if (!is_failure(word))
		return;
	(void)snprintf(p->why, sizeof p->why, "%s: %s: %.200s: %.200s",
	    daemon_worker_text(who, &w->s), word->step, word->object,
	    word->reason);
	say_who(word, w);
}

/* It lives, but is to be no more: by its own word, or for what it does. */
static void
say_leaves(struct daemon_pool *p, const struct daemon_worker *w)
{
	const struct daemon_machine *m = &w->s.machine;
	const char *says = w->s.says;
	struct daemon_last_word word;
	char who[DAEMON_WORKER_TEXT_MAX];

	(void)daemon_worker_text(who, &w->s);
	if (m->phase == DAEMON_PHASE_LEAVING) {
		(void)snprintf(p->why, sizeof p->why,
		    "%s: says that it ends%s%s", who,
		    says[0] != '\0' ? ": " : "", says);
	} else if (m->why == DAEMON_WHY_WATCHDOG ||
	    m->why == DAEMON_WHY_MEMORY) {
		daemon_supervisor_explain(&word, &w->s, m);
		(void)snprintf(
		    p->why, sizeof p->why, "%s: %.500s", who, word.reason);
	} else if (m->why == DAEMON_WHY_RUNTIME) {
		(void)snprintf(p->why, sizeof p->why,
		    "%s: its time was up (--max-runtime)", who);
	}
}

/* Does one end that was ready, while the others of its generation are not? */
static int
leaves_early(const struct daemon_worker *w, const struct daemon_supervised *now)
{
	const enum daemon_phase phase = w->s.machine.phase;

	return w->role == DAEMON_WORKER_OF_TRIAL &&
	    now->before.phase == DAEMON_PHASE_READY &&
	    (phase == DAEMON_PHASE_LEAVING || phase == DAEMON_PHASE_STOPPING);
}

void
daemon_pool_note_reload(struct daemon_pool *p)
{
	char text[160];

	(void)snprintf(text, sizeof text, "%lld reload failed: %.120s",
	    daemon_clock_wall(), p->why);
	daemon_supervisor_add_end(p->head, text);
	p->head->stale = DAEMON_STALE;
}

/* Then this is another beginning. */
static int
has_ended(enum daemon_phase before)
{
	return before == DAEMON_PHASE_STOPPING ||
	    before == DAEMON_PHASE_BACKOFF;
}

void
daemon_pool_note(struct daemon_pool *p, const struct daemon_worker *w,
    const struct daemon_supervised *now)
{
	const int over = w->s.machine.phase == DAEMON_PHASE_OVER;

	if (daemon_supervised_begins(&w->s, now) &&
	    has_ended(now->before.phase) && w->role != DAEMON_WORKER_IS_AGENT)
		p->head->st.restarts++;
	if (over && w->role < DAEMON_WORKER_IS_AGENT)
		p->over = w->s.machine.why;
	if (now->actions & DAEMON_DO_HOOK_EXIT) {
		if (w->role != DAEMON_WORKER_IS_AGENT)
			note_status(p, &w->s);
		note_killed(p, w);
	}
	if (daemon_supervised_ends(now))
		note_end(p, w);
	if (daemon_supervised_ends(now) || over)
		note_failure(p, w, now);
	if (leaves_early(w, now))
		say_leaves(p, w);
}
