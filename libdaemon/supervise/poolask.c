/* SPDX-License-Identifier: ISC */
/* What people want of a service with workers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../identity/handling.h"
#include "../signame.h"
#include "hooks.h"
#include "pool.h"

static void
happens(struct daemon_pool *p, enum daemon_roll_kind kind, unsigned n)
{
	const struct daemon_roll_event e = { .kind = kind, .n = n };

	daemon_pool_happens(p, &e);
}

/* Is it one that may be reloaded, now or when what is under way has ended? */
static int
is_reloadable(const struct daemon_pool *p)
{
	switch (p->roll.phase) {
	case DAEMON_ROLL_STARTING:
	case DAEMON_ROLL_SERVING:
	case DAEMON_ROLL_TRYING:
	case DAEMON_ROLL_REPLACING:
	case DAEMON_ROLL_REVERTING:
	case DAEMON_ROLL_RESTARTING: return 1;
	case DAEMON_ROLL_IDLE:
	case DAEMON_ROLL_FROZEN:
	case DAEMON_ROLL_DRAINING:
	case DAEMON_ROLL_DRAINED:
	case DAEMON_ROLL_STOPPING:
	case DAEMON_ROLL_OVER: break;
	}
	return 0;
}

static void
answer(struct daemon_pool *p, enum daemon_answer_kind k, const char *text)
{
	if (k == DAEMON_ANSWER_FAILED)
		daemon_pool_note_reload(p);
	daemon_control_reloaded(
	    &p->head->control, DAEMON_TURN_SOON, DAEMON_TURN_SOON, k, text);
}

static void
reloaded(struct daemon_pool *p)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%u", p->generation);
	answer(p, DAEMON_ANSWER_DONE, text);
}

/* By now, or as soon as what is under way has ended. */
static void
roll(struct daemon_pool *p)
{
	const unsigned begun = p->turn;

	happens(p, DAEMON_ROLL_RELOAD, 0);
	daemon_control_pass(&p->head->control, DAEMON_TURN_SOON,
	    p->turn > begun ? p->turn : begun + 1);
}

static int
run(struct daemon_pool *p, enum daemon_helper role)
{
	const pid_t pid = daemon_hook_run(p->head, role);

	if (pid != -1)
		return pid != 0;
	(void)snprintf(p->why, sizeof p->why, "fork: %s", strerror(errno));
	answer(p, DAEMON_ANSWER_FAILED, p->why);
	return 1;
}

/* Whom the signal would end gets none, nor do the others.  -1: said why. */
static int
can_signal(struct daemon_pool *p, int sig)
{
	const struct daemon_supervisor *s;
	char who[DAEMON_WORKER_TEXT_MAX];
	size_t i;

	for (i = 0; i < p->n; i++) {
		s = &p->worker[i]->s;
		if (p->worker[i]->role != DAEMON_WORKER_OF_CREW ||
		    s->instance.pid == 0 ||
		    daemon_handling_of(s->instance.pid, sig) !=
			DAEMON_HANDLING_DIES)
			continue;
		(void)snprintf(p->why, sizeof p->why,
		    "%s does not handle %s, it would die",
		    daemon_worker_text(who, s), daemon_signal_name(sig));
		return -1;
	}
	return 0;
}

/* Whatever had to be checked was. */
static void
change(struct daemon_pool *p)
{
	const int sig = daemon_reload_signal(p->head->d->reload);

	if (daemon_reload_command(p->head->d->reload) != NULL) {
		(void)run(p, DAEMON_HELPER_RELOADER);
	} else if (sig != 0 && can_signal(p, sig) == -1) {
		answer(p, DAEMON_ANSWER_FAILED, p->why);
	} else if (sig != 0) {
		daemon_pool_signal(p, sig);
		reloaded(p);
	} else {
		roll(p);
	}
}

static int
is_preparing(const struct daemon_pool *p)
{
	return p->head->helper[DAEMON_HELPER_CHECK] != 0 ||
	    p->head->helper[DAEMON_HELPER_RELOADER] != 0;
}

/* The program itself checks, and changes what its functions see. */
static void
prepare_here(struct daemon_pool *p)
{
	if (p->head->mastery->reload(p->head) == 0) {
		roll(p);
		return;
	}
	(void)snprintf(p->why, sizeof p->why, "reload: %s", strerror(errno));
	answer(p, DAEMON_ANSWER_FAILED, p->why);
}

static void
prepare(struct daemon_pool *p)
{
	p->again = 0;
	p->why[0] = '\0';
	daemon_control_pass(
	    &p->head->control, DAEMON_TURN_ASKED, DAEMON_TURN_SOON);
	if (p->head->mastery != NULL)
		prepare_here(p);
	else if (!run(p, DAEMON_HELPER_CHECK))
		change(p);
}

void
daemon_pool_prepared(struct daemon_pool *p, int checked, int status,
    const struct daemon_last_word *w)
{
	if (status != 0) {
		(void)snprintf(p->why, sizeof p->why, "%s: %.200s: %.200s",
		    w->step, w->object, w->reason);
		answer(p, DAEMON_ANSWER_FAILED, p->why);
	} else if (checked && !is_reloadable(p)) {
		(void)snprintf(p->why, sizeof p->why,
		    "it was paused, drained or stopped meanwhile");
		answer(p, DAEMON_ANSWER_FAILED, p->why);
	} else if (checked) {
		change(p);
	} else {
		reloaded(p);
	}
	if (p->again && !is_preparing(p))
		prepare(p);
}

static void
reload(struct daemon_pool *p)
{
	if (!is_reloadable(p))
		daemon_control_reloaded(&p->head->control, DAEMON_TURN_ASKED,
		    DAEMON_TURN_ASKED, DAEMON_ANSWER_FAILED,
		    "not while it is paused or drained (daemonctl resume)");
	else if (is_preparing(p))
		p->again = 1;
	else
		prepare(p);
}

/* Those who have begun and wait to be tried again are, at once. */
static void
hurry(struct daemon_pool *p)
{
	struct daemon_worker *w;
	size_t i;

	p->in_vain = 0;
	for (i = 0; i < p->n; i++) {
		w = p->worker[i];
		if (w->role != DAEMON_WORKER_OF_CREW ||
		    w->s.machine.phase != DAEMON_PHASE_BACKOFF)
			continue;
		daemon_worker_ask(w, DAEMON_EVENT_START);
		w->awaited = 1;
	}
}

static void
scale(struct daemon_pool *p, unsigned n)
{
	if (p->roll.phase == DAEMON_ROLL_FROZEN) {
		daemon_control_refuse(&p->head->control, DAEMON_REQUEST_SCALE,
		    "not while it is paused");
		return;
	}
	p->in_vain = 0;
	if (n == p->roll.target)
		hurry(p); /* so many are to be: what is missing is tried */
	happens(p, DAEMON_ROLL_SCALE, n);
}

/* Who is not there yet is waited for. */
static void
resume(struct daemon_pool *p)
{
	if (p->roll.phase != DAEMON_ROLL_FROZEN)
		daemon_control_turn(&p->head->control, DAEMON_REQUEST_RESUME,
		    DAEMON_REQUEST_START);
	if (p->roll.phase == DAEMON_ROLL_DRAINED ||
	    p->roll.phase == DAEMON_ROLL_DRAINING) {
		p->in_vain = 0;
		daemon_control_refuse(&p->head->control, DAEMON_REQUEST_DRAIN,
		    "was resumed meanwhile");
	}
	happens(p, DAEMON_ROLL_RESUME, 0);
}

/* Of workers none may be left, and agents be all that is waited for. */
static void
stop(struct daemon_pool *p)
{
	const int only_agents = p->roll.phase == DAEMON_ROLL_OVER;

	happens(p, DAEMON_ROLL_STOP, 0);
	if (only_agents)
		daemon_pool_end_agents(p, daemon_pool_asked(p));
}

static void
serve(struct daemon_pool *p, const struct daemon_request *r)
{
	if (!r->has_schedule)
		p->head->asked.n = 0;
	p->in_peace = 0;
	switch (r->kind) {
	case DAEMON_REQUEST_STOP: stop(p); break;
	case DAEMON_REQUEST_START: hurry(p); break;
	case DAEMON_REQUEST_RESTART:
		p->in_vain = 0;
		happens(p, DAEMON_ROLL_RESTART, 0);
		break;
	case DAEMON_REQUEST_RELEASE: happens(p, DAEMON_ROLL_RELEASE, 0); break;
	case DAEMON_REQUEST_PAUSE: happens(p, DAEMON_ROLL_PAUSE, 0); break;
	case DAEMON_REQUEST_RESUME: resume(p); break;
	case DAEMON_REQUEST_RELOAD: reload(p); break;
	case DAEMON_REQUEST_SCALE: scale(p, r->n); break;
	case DAEMON_REQUEST_DRAIN: happens(p, DAEMON_ROLL_DRAIN, 0); break;
	case DAEMON_REQUEST_UPGRADE:
	case DAEMON_REQUEST_AWAIT:
	case DAEMON_REQUESTS: break;
	}
}

static int
hear_signal(struct daemon_pool *p, int *child)
{
	const enum daemon_sign sign = daemon_supervisor_sign(p->head, child);

	switch (sign) {
	case DAEMON_SIGN_NONE: return 0;
	case DAEMON_SIGN_STOP:
	case DAEMON_SIGN_QUIT:
		p->head->asked.n = 0;
		p->in_peace = sign == DAEMON_SIGN_QUIT;
		stop(p);
		break;
	case DAEMON_SIGN_RELOAD: reload(p); break;
	case DAEMON_SIGN_DRAIN: happens(p, DAEMON_ROLL_DRAIN, 0); break;
	}
	return 1;
}

int
daemon_pool_hear(struct daemon_pool *p, int *child)
{
	struct daemon_request r;
	int n = hear_signal(p, child);

	if (daemon_supervisor_request(p->head, &r)) {
		serve(p, &r);
		n = 1;
	}
	if (daemon_pool_rescales(p)) {
		scale(p, p->rescale);
		p->rescale = 0;
		n = 1;
	}
	return n;
}
