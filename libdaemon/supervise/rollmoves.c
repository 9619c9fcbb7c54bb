/* SPDX-License-Identifier: ISC */
#include "rollmoves.h"

static const struct daemon_crew nobody;

struct daemon_roll_move
daemon_roll_stay(const struct daemon_roll *r)
{
	return (struct daemon_roll_move){ .roll = *r };
}

static struct daemon_roll_move
enter(const struct daemon_roll *r, enum daemon_roll_phase phase,
    unsigned actions, unsigned n)
{
	struct daemon_roll_move to = { .roll = *r, .actions = actions, .n = n };

	to.roll.phase = phase;
	return to;
}

static unsigned
size(const struct daemon_crew *c)
{
	return c->starting + c->ready + c->down + c->done;
}

/* Of those, some are on their way, or may be needed again. */
static unsigned
living(const struct daemon_crew *c)
{
	return c->starting + c->ready + c->down;
}

struct daemon_roll_move
daemon_roll_begin(const struct daemon_roll *r, unsigned n)
{
	struct daemon_roll to = *r;

	to.target = n;
	to.crew = nobody;
	to.crew.starting = n;
	return enter(&to, DAEMON_ROLL_STARTING, DAEMON_ROLL_DO_START, n);
}

/* The launcher learns its end once. */
static unsigned
tell(struct daemon_roll *r, enum daemon_roll_do what)
{
	if (r->told)
		return 0;
	r->told = 1;
	return what;
}

struct daemon_roll_move
daemon_roll_over(const struct daemon_roll *r, enum daemon_roll_why why)
{
	struct daemon_roll to = *r;
	unsigned actions = tell(&to, DAEMON_ROLL_DO_TELL_FAILED);

	to.why = why;
	return enter(&to, DAEMON_ROLL_OVER, actions | DAEMON_ROLL_DO_FINISH, 0);
}

/* Who waited for a reload waits no more. */
static unsigned
forget_reload(struct daemon_roll *r)
{
	const int asked = r->reload || r->phase == DAEMON_ROLL_TRYING ||
	    r->phase == DAEMON_ROLL_REPLACING ||
	    r->phase == DAEMON_ROLL_REVERTING;

	r->reload = 0;
	return asked ? DAEMON_ROLL_DO_NOT_RELOADED : 0;
}

struct daemon_roll_move
daemon_roll_leave(
    const struct daemon_roll *r, enum daemon_roll_phase phase, unsigned how)
{
	struct daemon_roll to = *r;
	unsigned actions = forget_reload(&to);

	to.leaving += living(&to.crew) + living(&to.trial);
	to.crew = to.trial = nobody;
	to.aim = 0;
	if (to.scale != 0)
		to.target = to.scale;
	to.scale = 0;
	return enter(&to, phase, actions | how, 0);
}

struct daemon_roll_move
daemon_roll_stop(const struct daemon_roll *r, enum daemon_roll_why why)
{
	struct daemon_roll_move to =
	    daemon_roll_leave(r, DAEMON_ROLL_STOPPING, DAEMON_ROLL_DO_END);
	struct daemon_roll_move over;

	to.roll.why = why;
	if (to.roll.leaving > 0)
		return to;
	over = daemon_roll_over(&to.roll, why);
	over.actions |= to.actions;
	return over;
}

struct daemon_roll_move
daemon_roll_try(const struct daemon_rolling *p, const struct daemon_roll *r)
{
	struct daemon_roll to = *r;
	const unsigned n = p->batch ? r->aim : 1;

	to.trial.starting += n;
	return enter(&to, DAEMON_ROLL_TRYING, DAEMON_ROLL_DO_TRY, n);
}

struct daemon_roll_move
daemon_roll_scale(const struct daemon_roll *r, unsigned n)
{
	struct daemon_roll to = *r;
	const unsigned have = size(&r->crew);

	to.target = n;
	to.scale = 0;
	if (n < have)
		return enter(&to, r->phase, DAEMON_ROLL_DO_DISMISS, have - n);
	if (n == have)
		return daemon_roll_stay(&to);
	to.crew.starting += n - have;
	return enter(&to, r->phase, DAEMON_ROLL_DO_START, n - have);
}

struct daemon_roll_move
daemon_roll_serve(
    const struct daemon_rolling *p, const struct daemon_roll *r, unsigned also)
{
	struct daemon_roll to = *r;
	const unsigned told = tell(&to, DAEMON_ROLL_DO_TELL_READY);
	struct daemon_roll_move m;

	to.phase = DAEMON_ROLL_SERVING;
	if (to.reload) {
		to.reload = 0;
		to.aim = to.scale != 0 ? to.scale : to.target;
		m = daemon_roll_try(p, &to);
	} else if (daemon_roll_is_done(&to)) {
		m = daemon_roll_stop(&to, DAEMON_ROLL_ENDED);
	} else if (to.scale != 0) {
		m = daemon_roll_scale(&to, to.scale);
	} else {
		m = daemon_roll_stay(&to);
	}
	m.actions |= told | also;
	return m;
}

struct daemon_roll_move
daemon_roll_replace(const struct daemon_rolling *p, const struct daemon_roll *r)
{
	struct daemon_roll to = *r;

	to.leaving += living(&to.crew);
	to.crew = to.trial;
	to.trial = nobody;
	to.target = to.aim;
	to.aim = 0;
	if (to.scale == to.target)
		to.scale = 0;
	if (to.leaving == 0)
		return daemon_roll_serve(
		    p, &to, DAEMON_ROLL_DO_RETIRE | DAEMON_ROLL_DO_RELOADED);
	return enter(&to, DAEMON_ROLL_REPLACING, DAEMON_ROLL_DO_RETIRE, 0);
}

struct daemon_roll_move
daemon_roll_revert(const struct daemon_rolling *p, const struct daemon_roll *r)
{
	struct daemon_roll to = *r;

	to.leaving += living(&to.trial);
	to.trial = nobody;
	to.aim = 0;
	if (to.leaving == 0)
		return daemon_roll_serve(p, &to,
		    DAEMON_ROLL_DO_REVERT | DAEMON_ROLL_DO_NOT_RELOADED);
	return enter(&to, DAEMON_ROLL_REVERTING, DAEMON_ROLL_DO_REVERT, 0);
}

unsigned *
daemon_crew_place(struct daemon_crew *c, enum daemon_worker_is is)
{
	switch (is) {
	case DAEMON_WORKER_STARTING: return &c->starting;
	case DAEMON_WORKER_READY: return &c->ready;
	case DAEMON_WORKER_DOWN: return &c->down;
	case DAEMON_WORKER_DONE: break;
	}
	return &c->done;
}

struct daemon_roll
daemon_roll_count(
    const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	struct daemon_roll to = *r;
	struct daemon_crew *c = e->trial ? &to.trial : &to.crew;

	switch (e->kind) {
	case DAEMON_ROLL_READY:
		(*daemon_crew_place(c, e->was))--;
		c->ready++;
		break;
	case DAEMON_ROLL_DOWN:
		c->ready--;
		c->down++;
		break;
	case DAEMON_ROLL_DONE:
		(*daemon_crew_place(c, e->was))--;
		c->done++;
		break;
	case DAEMON_ROLL_LEAVES:
		(*daemon_crew_place(c, e->was))--;
		to.leaving += e->was != DAEMON_WORKER_DONE;
		break;
	case DAEMON_ROLL_TRIED:
		(*daemon_crew_place(c, e->was))--;
		c->down++;
		break;
	case DAEMON_ROLL_GONE: to.leaving--; break;
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_SCALE:
	case DAEMON_ROLL_RESTART:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_DRAIN:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_STOP:
	case DAEMON_ROLL_KINDS: break;
	}
	return to;
}

int
daemon_roll_is_done(const struct daemon_roll *r)
{
	return living(&r->crew) == 0;
}

int
daemon_roll_loops(const struct daemon_rolling *p, const struct daemon_roll *r,
    const struct daemon_roll_event *e)
{
	return p->gives_up && e->looping > 0 && e->looping >= living(&r->crew);
}
