/* SPDX-License-Identifier: ISC */
/*
 * The order of signals and waits.  One function a phase; each answers every
 * event it can be given.
 */
#include <assert.h>

#include "machine.h"

static struct daemon_stop_move
move(struct daemon_stop_state st, enum daemon_stop_phase phase,
    enum daemon_stop_act act)
{
	struct daemon_stop_move m = { .state = st, .action = { .act = act } };

	m.state.phase = phase;
	return m;
}

static struct daemon_stop_move
impossible(struct daemon_stop_state st)
{
	assert(0 && "an event that does not answer the phase");
	return move(st, DAEMON_STOP_OVER, DAEMON_STOP_GIVE_UP);
}

static struct daemon_stop_move
over(struct daemon_stop_state st, enum daemon_stop_act act)
{
	return move(st, DAEMON_STOP_OVER, act);
}

/* The main process is dead: begin anew with what it left. */
static struct daemon_stop_move
rest(struct daemon_stop_state st)
{
	st.round = DAEMON_STOP_REST;
	st.at = 0;
	st.signal = 0;
	st.rechecks = 0;
	return move(st, DAEMON_STOP_LOOKING, DAEMON_STOP_LOOK);
}

/* None of the round's targets lives. */
static struct daemon_stop_move
none(struct daemon_stop_state st)
{
	if (st.round == DAEMON_STOP_MAIN)
		return rest(st);
	return move(st, DAEMON_STOP_RECHECKING, DAEMON_STOP_LOOK);
}

static struct daemon_stop_move
wait_for(
    const struct daemon_schedule *s, struct daemon_stop_state st, int again)
{
	struct daemon_stop_move m =
	    move(st, DAEMON_STOP_WAITING, DAEMON_STOP_WAIT);

	m.action.wait_ms = s->item[st.at].wait_ms;
	m.action.again = again;
	return m;
}

static struct daemon_stop_move
send(struct daemon_stop_state st, enum daemon_stop_phase phase, int sig)
{
	struct daemon_stop_move m = move(st, phase, DAEMON_STOP_SEND);

	m.state.signal = sig;
	m.action.signal = sig;
	m.action.again = phase == DAEMON_STOP_RESENDING;
	return m;
}

/* The item at st.at, with everything known that there is to know. */
static struct daemon_stop_move
item(const struct daemon_schedule *s, struct daemon_stop_state st)
{
	st.rechecks = 0;
	if (s->item[st.at].signal != 0)
		return send(st, DAEMON_STOP_SENDING, s->item[st.at].signal);
	return wait_for(s, st, 0);
}

/* The next item: look first if it is a signal. */
static struct daemon_stop_move
advance(const struct daemon_schedule *s, struct daemon_stop_state st)
{
	if (++st.at == s->n) {
		if (s->repeat >= s->n)
			return over(st, DAEMON_STOP_GIVE_UP);
		st.at = s->repeat;
	}
	if (s->item[st.at].signal != 0)
		return move(st, DAEMON_STOP_LOOKING, DAEMON_STOP_LOOK);
	return item(s, st);
}

static struct daemon_stop_move
looked(const struct daemon_schedule *s, struct daemon_stop_state st,
    enum daemon_stop_event e)
{
	switch (e) {
	case DAEMON_STOP_SOME: return item(s, st);
	case DAEMON_STOP_NONE:
		if (st.round == DAEMON_STOP_MAIN)
			return rest(st);
		return over(st, DAEMON_STOP_DONE);
	case DAEMON_STOP_BEGIN:
	case DAEMON_STOP_DENIED:
	case DAEMON_STOP_LATE: return impossible(st);
	}
	return impossible(st);
}

static struct daemon_stop_move
sent(const struct daemon_schedule *s, struct daemon_stop_state st,
    enum daemon_stop_event e)
{
	switch (e) {
	case DAEMON_STOP_SOME: return advance(s, st);
	case DAEMON_STOP_NONE: return none(st);
	case DAEMON_STOP_DENIED: return over(st, DAEMON_STOP_GIVE_UP);
	case DAEMON_STOP_BEGIN:
	case DAEMON_STOP_LATE: return impossible(st);
	}
	return impossible(st);
}

static struct daemon_stop_move
waited(const struct daemon_schedule *s, struct daemon_stop_state st,
    enum daemon_stop_event e)
{
	switch (e) {
	case DAEMON_STOP_NONE: return none(st);
	case DAEMON_STOP_LATE: return advance(s, st);
	case DAEMON_STOP_BEGIN:
	case DAEMON_STOP_SOME:
	case DAEMON_STOP_DENIED: return impossible(st);
	}
	return impossible(st);
}

/* All were dead, and there are others now: the same signal to them, and on
 * to the same deadline, unless that has come, or it has gone on for too
 * long. */
static struct daemon_stop_move
rechecked(const struct daemon_schedule *s, struct daemon_stop_state st,
    enum daemon_stop_event e)
{
	switch (e) {
	case DAEMON_STOP_SOME:
		if (st.rechecks++ == DAEMON_STOP_NEWCOMERS_MAX)
			return advance(s, st);
		if (st.signal != 0)
			return send(st, DAEMON_STOP_RESENDING, st.signal);
		return wait_for(s, st, 1);
	case DAEMON_STOP_LATE: return advance(s, st);
	case DAEMON_STOP_NONE: return over(st, DAEMON_STOP_DONE);
	case DAEMON_STOP_BEGIN:
	case DAEMON_STOP_DENIED: return impossible(st);
	}
	return impossible(st);
}

static struct daemon_stop_move
resent(const struct daemon_schedule *s, struct daemon_stop_state st,
    enum daemon_stop_event e)
{
	switch (e) {
	case DAEMON_STOP_SOME:
		if (s->item[st.at].signal != 0)
			return advance(s, st);
		return wait_for(s, st, 1);
	case DAEMON_STOP_NONE: return none(st);
	case DAEMON_STOP_DENIED: return over(st, DAEMON_STOP_GIVE_UP);
	case DAEMON_STOP_BEGIN:
	case DAEMON_STOP_LATE: return impossible(st);
	}
	return impossible(st);
}

struct daemon_stop_move
daemon_stop_next(const struct daemon_schedule *s, struct daemon_stop_state st,
    enum daemon_stop_event e)
{
	switch (st.phase) {
	case DAEMON_STOP_FRESH:
		if (e != DAEMON_STOP_BEGIN)
			return impossible(st);
		return move(st, DAEMON_STOP_LOOKING, DAEMON_STOP_LOOK);
	case DAEMON_STOP_LOOKING: return looked(s, st, e);
	case DAEMON_STOP_SENDING: return sent(s, st, e);
	case DAEMON_STOP_WAITING: return waited(s, st, e);
	case DAEMON_STOP_RECHECKING: return rechecked(s, st, e);
	case DAEMON_STOP_RESENDING: return resent(s, st, e);
	case DAEMON_STOP_OVER: return impossible(st);
	}
	return impossible(st);
}
