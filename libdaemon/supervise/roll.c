/* SPDX-License-Identifier: ISC */
/*
 * Workers together.  One function a phase, each of them answering every event
 * by name; the moves themselves are in rollmoves.c.
 */
#include "rollmoves.h"

static struct daemon_roll_move
also(struct daemon_roll_move m, unsigned actions)
{
	m.actions |= actions;
	return m;
}

static struct daemon_roll_move
counted(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	const struct daemon_roll now = daemon_roll_count(r, e);

	return daemon_roll_stay(&now);
}

/* One less to wait for. */
static struct daemon_roll_move
started(const struct daemon_rolling *p, const struct daemon_roll *now)
{
	return now->crew.starting == 0 ? daemon_roll_serve(p, now, 0)
				       : daemon_roll_stay(now);
}

static struct daemon_roll_move
tired(const struct daemon_rolling *p, const struct daemon_roll *now,
    const struct daemon_roll_event *e)
{
	return daemon_roll_loops(p, now, e)
	    ? daemon_roll_stop(now, DAEMON_ROLL_LOOPED)
	    : daemon_roll_stay(now);
}

/* Who fails at first is waited for no longer. */
static struct daemon_roll_move
tried(const struct daemon_rolling *p, const struct daemon_roll *now,
    const struct daemon_roll_event *e)
{
	struct daemon_roll r = *now;
	const unsigned telling = r.told ? 0 : DAEMON_ROLL_DO_TELL_TRYING;

	r.told = 1;
	return also(daemon_roll_loops(p, &r, e)
		? daemon_roll_stop(&r, DAEMON_ROLL_LOOPED)
		: started(p, &r),
	    telling);
}

static struct daemon_roll_move
proved(const struct daemon_rolling *p, const struct daemon_roll *now)
{
	if (now->trial.starting > 0)
		return daemon_roll_stay(now);
	return now->trial.ready < now->aim ? daemon_roll_try(p, now)
					   : daemon_roll_replace(p, now);
}

static struct daemon_roll_move
reload(const struct daemon_rolling *p, const struct daemon_roll *r)
{
	struct daemon_roll to = *r;

	to.aim = to.target;
	return daemon_roll_try(p, &to);
}

/* When this is over. */
static struct daemon_roll_move
later(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	struct daemon_roll to = *r;

	if (e->kind == DAEMON_ROLL_RELOAD)
		to.reload = 1;
	else
		to.scale = e->n;
	return daemon_roll_stay(&to);
}

static struct daemon_roll_move
aim(const struct daemon_roll *r, unsigned n)
{
	struct daemon_roll to = *r;

	to.target = n;
	return daemon_roll_stay(&to);
}

static struct daemon_roll_move
restart(const struct daemon_roll *r)
{
	struct daemon_roll_move m =
	    daemon_roll_leave(r, DAEMON_ROLL_RESTARTING, DAEMON_ROLL_DO_END);

	if (m.roll.leaving > 0)
		return m;
	return also(daemon_roll_begin(&m.roll, m.roll.target), m.actions);
}

static struct daemon_roll_move
drain(const struct daemon_roll *r)
{
	struct daemon_roll_move m =
	    daemon_roll_leave(r, DAEMON_ROLL_DRAINING, DAEMON_ROLL_DO_DRAIN);

	/* The launcher waits for something else. */
	if (!r->told)
		return daemon_roll_stay(r);
	if (m.roll.leaving == 0)
		m.roll.phase = DAEMON_ROLL_DRAINED;
	return m;
}

static struct daemon_roll_move
emptied(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	struct daemon_roll now = daemon_roll_count(r, e);

	if (now.leaving == 0)
		now.phase = DAEMON_ROLL_DRAINED;
	return daemon_roll_stay(&now);
}

static struct daemon_roll_move
again(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	struct daemon_roll now = daemon_roll_count(r, e);

	if (now.leaving > 0)
		return daemon_roll_stay(&now);
	if (now.scale != 0)
		now.target = now.scale;
	now.scale = 0;
	return daemon_roll_begin(&now, now.target);
}

/* Perhaps by another schedule. */
static struct daemon_roll_move
insist(const struct daemon_roll *r)
{
	return also(daemon_roll_stay(r), DAEMON_ROLL_DO_END);
}

static struct daemon_roll_move
freeze(const struct daemon_roll *r)
{
	struct daemon_roll to = *r;

	/* Who is on his way has a deadline. */
	if (r->crew.starting + r->crew.down + r->leaving > 0)
		return daemon_roll_stay(r);
	to.phase = DAEMON_ROLL_FROZEN;
	return also(daemon_roll_stay(&to), DAEMON_ROLL_DO_FREEZE);
}

static struct daemon_roll_move
thawed(struct daemon_roll_move m)
{
	return also(m, DAEMON_ROLL_DO_THAW);
}

static struct daemon_roll_move
thaw(const struct daemon_rolling *p, const struct daemon_roll *r)
{
	return daemon_roll_serve(p, r, DAEMON_ROLL_DO_THAW);
}

static struct daemon_roll_move
release(const struct daemon_roll *r)
{
	if (r->crew.starting + r->crew.down + r->leaving > 0)
		return daemon_roll_stay(r);
	return also(
	    daemon_roll_over(r, DAEMON_ROLL_RELEASED), DAEMON_ROLL_DO_LET_GO);
}

static struct daemon_roll_move
idle(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	switch (e->kind) {
	case DAEMON_ROLL_BEGIN: return daemon_roll_begin(r, e->n);
	case DAEMON_ROLL_STOP: return daemon_roll_over(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED:
	case DAEMON_ROLL_DONE:
	case DAEMON_ROLL_LEAVES:
	case DAEMON_ROLL_GONE:
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_SCALE:
	case DAEMON_ROLL_RESTART:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_DRAIN:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

/* Who was ready, and had nothing more to do, has not failed. */
static int
has_worked(const struct daemon_roll_event *e)
{
	return e->well && e->was != DAEMON_WORKER_STARTING;
}

/* Whoever fails before all were ready fails the start; later ones, begun by a
 * restart, are begun again. */
static struct daemon_roll_move
starting(const struct daemon_rolling *p, const struct daemon_roll *r,
    const struct daemon_roll_event *e)
{
	const struct daemon_roll now = daemon_roll_count(r, e);

	switch (e->kind) {
	case DAEMON_ROLL_READY: return started(p, &now);
	case DAEMON_ROLL_DOWN: return tired(p, &now, e);
	case DAEMON_ROLL_TRIED: return tried(p, &now, e);
	case DAEMON_ROLL_DONE:
		return r->told || has_worked(e)
		    ? started(p, &now)
		    : daemon_roll_stop(&now, DAEMON_ROLL_FAILED);
	case DAEMON_ROLL_GONE:
	case DAEMON_ROLL_LEAVES: return daemon_roll_stay(&now);
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_SCALE: return later(r, e);
	case DAEMON_ROLL_RESTART: return restart(r);
	case DAEMON_ROLL_DRAIN: return drain(r);
	case DAEMON_ROLL_STOP: return daemon_roll_stop(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

static struct daemon_roll_move
serving(const struct daemon_rolling *p, const struct daemon_roll *r,
    const struct daemon_roll_event *e)
{
	const struct daemon_roll now = daemon_roll_count(r, e);

	switch (e->kind) {
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_GONE:
	case DAEMON_ROLL_LEAVES: return daemon_roll_stay(&now);
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED: return tired(p, &now, e);
	case DAEMON_ROLL_DONE:
		return daemon_roll_is_done(&now)
		    ? daemon_roll_stop(&now, DAEMON_ROLL_ENDED)
		    : daemon_roll_stay(&now);
	case DAEMON_ROLL_RELOAD: return reload(p, r);
	case DAEMON_ROLL_SCALE: return daemon_roll_scale(r, e->n);
	case DAEMON_ROLL_PAUSE: return freeze(r);
	case DAEMON_ROLL_RELEASE: return release(r);
	case DAEMON_ROLL_RESTART: return restart(r);
	case DAEMON_ROLL_DRAIN: return drain(r);
	case DAEMON_ROLL_STOP: return daemon_roll_stop(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

/* The old ones are begun again as ever; of the new ones none may fail. */
static struct daemon_roll_move
trying(const struct daemon_rolling *p, const struct daemon_roll *r,
    const struct daemon_roll_event *e)
{
	const struct daemon_roll now = daemon_roll_count(r, e);

	switch (e->kind) {
	case DAEMON_ROLL_READY:
		return e->trial ? proved(p, &now) : daemon_roll_stay(&now);
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_DONE:
		return e->trial ? daemon_roll_revert(p, &now)
				: daemon_roll_stay(&now);
	case DAEMON_ROLL_GONE:
	case DAEMON_ROLL_LEAVES:
	case DAEMON_ROLL_TRIED: return counted(r, e);
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_SCALE: return later(r, e);
	case DAEMON_ROLL_RESTART: return restart(r);
	case DAEMON_ROLL_DRAIN: return drain(r);
	case DAEMON_ROLL_STOP: return daemon_roll_stop(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

static struct daemon_roll_move
replacing(const struct daemon_rolling *p, const struct daemon_roll *r,
    const struct daemon_roll_event *e)
{
	const struct daemon_roll now = daemon_roll_count(r, e);

	switch (e->kind) {
	case DAEMON_ROLL_GONE:
		return now.leaving == 0
		    ? daemon_roll_serve(p, &now, DAEMON_ROLL_DO_RELOADED)
		    : daemon_roll_stay(&now);
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED:
	case DAEMON_ROLL_DONE:
	case DAEMON_ROLL_LEAVES: return daemon_roll_stay(&now);
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_SCALE: return later(r, e);
	case DAEMON_ROLL_RESTART: return restart(r);
	case DAEMON_ROLL_DRAIN: return drain(r);
	case DAEMON_ROLL_STOP: return daemon_roll_stop(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

static struct daemon_roll_move
reverting(const struct daemon_rolling *p, const struct daemon_roll *r,
    const struct daemon_roll_event *e)
{
	const struct daemon_roll now = daemon_roll_count(r, e);

	switch (e->kind) {
	case DAEMON_ROLL_GONE:
		return now.leaving == 0
		    ? daemon_roll_serve(p, &now, DAEMON_ROLL_DO_NOT_RELOADED)
		    : daemon_roll_stay(&now);
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED:
	case DAEMON_ROLL_DONE:
	case DAEMON_ROLL_LEAVES: return daemon_roll_stay(&now);
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_SCALE: return later(r, e);
	case DAEMON_ROLL_RESTART: return restart(r);
	case DAEMON_ROLL_DRAIN: return drain(r);
	case DAEMON_ROLL_STOP: return daemon_roll_stop(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

/* Time does not pass; but somebody may be killed. */
static struct daemon_roll_move
frozen(const struct daemon_rolling *p, const struct daemon_roll *r,
    const struct daemon_roll_event *e)
{
	switch (e->kind) {
	case DAEMON_ROLL_RESUME: return thaw(p, r);
	case DAEMON_ROLL_DRAIN: return thawed(drain(r));
	case DAEMON_ROLL_SCALE: return later(r, e);
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED:
	case DAEMON_ROLL_DONE:
	case DAEMON_ROLL_LEAVES:
	case DAEMON_ROLL_GONE: return counted(r, e);
	case DAEMON_ROLL_RESTART: return thawed(restart(r));
	case DAEMON_ROLL_STOP:
		return thawed(daemon_roll_stop(r, DAEMON_ROLL_STOPPED));
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

static struct daemon_roll_move
draining(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	switch (e->kind) {
	case DAEMON_ROLL_GONE: return emptied(r, e);
	case DAEMON_ROLL_RESUME: return daemon_roll_begin(r, r->target);
	case DAEMON_ROLL_SCALE: return aim(r, e->n);
	case DAEMON_ROLL_RESTART: return restart(r);
	case DAEMON_ROLL_STOP: return daemon_roll_stop(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED:
	case DAEMON_ROLL_DONE:
	case DAEMON_ROLL_LEAVES:
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_DRAIN:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

static struct daemon_roll_move
drained(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	switch (e->kind) {
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_RESTART: return daemon_roll_begin(r, r->target);
	case DAEMON_ROLL_SCALE: return aim(r, e->n);
	case DAEMON_ROLL_STOP: return daemon_roll_stop(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED:
	case DAEMON_ROLL_DONE:
	case DAEMON_ROLL_LEAVES:
	case DAEMON_ROLL_GONE:
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_DRAIN:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

static struct daemon_roll_move
restarting(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	switch (e->kind) {
	case DAEMON_ROLL_GONE: return again(r, e);
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_SCALE: return later(r, e);
	case DAEMON_ROLL_DRAIN: return drain(r);
	case DAEMON_ROLL_RESTART: return insist(r);
	case DAEMON_ROLL_STOP: return daemon_roll_stop(r, DAEMON_ROLL_STOPPED);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED:
	case DAEMON_ROLL_DONE:
	case DAEMON_ROLL_LEAVES:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

/* A stop stays one. */
static struct daemon_roll_move
stopping(const struct daemon_roll *r, const struct daemon_roll_event *e)
{
	const struct daemon_roll now = daemon_roll_count(r, e);

	switch (e->kind) {
	case DAEMON_ROLL_GONE:
		return now.leaving == 0 ? daemon_roll_over(&now, now.why)
					: daemon_roll_stay(&now);
	case DAEMON_ROLL_STOP: return insist(r);
	case DAEMON_ROLL_BEGIN:
	case DAEMON_ROLL_READY:
	case DAEMON_ROLL_DOWN:
	case DAEMON_ROLL_TRIED:
	case DAEMON_ROLL_DONE:
	case DAEMON_ROLL_LEAVES:
	case DAEMON_ROLL_RELOAD:
	case DAEMON_ROLL_SCALE:
	case DAEMON_ROLL_RESTART:
	case DAEMON_ROLL_PAUSE:
	case DAEMON_ROLL_RESUME:
	case DAEMON_ROLL_DRAIN:
	case DAEMON_ROLL_RELEASE:
	case DAEMON_ROLL_KINDS: break;
	}
	return daemon_roll_stay(r);
}

struct daemon_roll_move
daemon_roll_next(const struct daemon_rolling *p, struct daemon_roll r,
    const struct daemon_roll_event *e)
{
	switch (r.phase) {
	case DAEMON_ROLL_IDLE: return idle(&r, e);
	case DAEMON_ROLL_STARTING: return starting(p, &r, e);
	case DAEMON_ROLL_SERVING: return serving(p, &r, e);
	case DAEMON_ROLL_TRYING: return trying(p, &r, e);
	case DAEMON_ROLL_REPLACING: return replacing(p, &r, e);
	case DAEMON_ROLL_REVERTING: return reverting(p, &r, e);
	case DAEMON_ROLL_FROZEN: return frozen(p, &r, e);
	case DAEMON_ROLL_DRAINING: return draining(&r, e);
	case DAEMON_ROLL_DRAINED: return drained(&r, e);
	case DAEMON_ROLL_RESTARTING: return restarting(&r, e);
	case DAEMON_ROLL_STOPPING: return stopping(&r, e);
	case DAEMON_ROLL_OVER: break;
	}
	return daemon_roll_stay(&r);
}
