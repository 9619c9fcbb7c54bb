/* SPDX-License-Identifier: ISC */
/*
 * What a stop does next.  Pure: values in, values out; no clock, no process.
 * stop.c asks, tree.c looks, send.c signals, wait.c waits.
 *
 *	MAIN: look, then the schedule on the main process, until it is dead
 *	REST: look, then the schedule on all that is left, until nothing is
 *
 * Before every signal somebody looks, so that what was forked meanwhile is
 * known before its parents die.
 */
#ifndef DAEMON_STOP_MACHINE_H
#define DAEMON_STOP_MACHINE_H

#include "stop.h"

enum daemon_stop_round { DAEMON_STOP_MAIN, DAEMON_STOP_REST };

/* What was asked for last, so what the next event answers. */
enum daemon_stop_phase {
	DAEMON_STOP_FRESH, /* nothing yet */
	DAEMON_STOP_LOOKING, /* before the item at */
	DAEMON_STOP_SENDING,
	DAEMON_STOP_WAITING,
	DAEMON_STOP_RECHECKING, /* all seemed dead: is it so? */
	DAEMON_STOP_RESENDING, /* the signal of this wait, to newcomers */
	DAEMON_STOP_OVER
};

enum daemon_stop_event {
	DAEMON_STOP_BEGIN,
	DAEMON_STOP_SOME, /* looked, sent: some of the round's targets live */
	DAEMON_STOP_NONE, /* looked, sent, waited: none does */
	DAEMON_STOP_DENIED, /* sent: not permitted for any of them */
	DAEMON_STOP_LATE /* waited: the deadline came first; rechecked: some
	    live, and the deadline has come */
};

enum daemon_stop_act {
	DAEMON_STOP_LOOK, /* collect the tree: SOME NONE, rechecking LATE */
	DAEMON_STOP_SEND, /* signal the targets: SOME NONE DENIED */
	DAEMON_STOP_WAIT, /* until all targets are dead: NONE LATE */
	DAEMON_STOP_DONE, /* all gone */
	DAEMON_STOP_GIVE_UP
};

/* How often in one wait newcomers are signalled: a chain of forks may
 * outrun any number, and a schedule must end. */
enum { DAEMON_STOP_NEWCOMERS_MAX = 100 };

struct daemon_stop_state {
	enum daemon_stop_round round;
	enum daemon_stop_phase phase;
	size_t at; /* the schedule's item that is under way */
	int signal; /* sent last in this round; 0: none */
	int rechecks; /* in this wait */
};

struct daemon_stop_action {
	enum daemon_stop_act act;
	int signal; /* of SEND */
	int wait_ms; /* of WAIT; -1: no deadline */
	int again; /* SEND: only to those that did not get it in this
	    wait; WAIT: until the deadline set before */
};

struct daemon_stop_move {
	struct daemon_stop_state state;
	struct daemon_stop_action action;
};

#define DAEMON_STOP_START \
	((struct daemon_stop_state){ \
	    .round = DAEMON_STOP_MAIN, .phase = DAEMON_STOP_FRESH })

/* An event that does not answer the phase is a bug of the caller's
 * (asserted). */
struct daemon_stop_move daemon_stop_next(const struct daemon_schedule *s,
    struct daemon_stop_state state, enum daemon_stop_event event);

#endif
