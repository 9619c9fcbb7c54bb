/* SPDX-License-Identifier: ISC */
/*
 * The socket through which a supervisor is asked for things: "control" in
 * the service's directory.  Root and the service's owner are heard; whoever
 * asks waits on his own time, and only for one thing at once.
 */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include <poll.h>

#include "request.h"

enum { DAEMON_CLIENTS = 8, DAEMON_CONTROL_POLL = DAEMON_CLIENTS + 1 };

struct daemon_client {
	int fd; /* -1: free */
	int asked; /* it waits for the answer to kind */
	enum daemon_request_kind kind;
	unsigned turn; /* of a reload: which one it waits for */
};

struct daemon_control {
	int listener; /* -1: there is none */
	int deaf; /* no descriptor was left for who came: look again soon, and
	    do not wait for him meanwhile */
	struct daemon_client client[DAEMON_CLIENTS];
	size_t next; /* the one that makes room, if all are taken */
};

void daemon_control_none(struct daemon_control *c);

/* Make the socket in dir, in the place of a dead one.  -1/errno. */
int daemon_control_open(struct daemon_control *c, int dir);

/* Remove it, and hang up on everybody. */
void daemon_control_close(struct daemon_control *c, int dir);

/* In a child: let go of it. */
void daemon_control_leave(struct daemon_control *c);

/* What there is to wait for: fills p, always the same number. */
void daemon_control_poll(
    const struct daemon_control *c, struct pollfd p[DAEMON_CONTROL_POLL]);

/* When to look again though nothing wakes us, in milliseconds; -1. */
int daemon_control_wait(const struct daemon_control *c);

/* One request, of who may ask and is not waiting yet: 1; 0: nobody has one
 * now.  Never blocks. */
int daemon_control_take(struct daemon_control *c, struct daemon_request *r);

/* Those who wait for kind wait in vain. */
void daemon_control_refuse(
    struct daemon_control *c, enum daemon_request_kind kind, const char *why);

/* Those who wait for a reload are of a turn: 0, who have just asked; SOON, for
 * whom it is being prepared; or that of one that has a number.  From one they
 * go to another; and those of first to last are told. */
enum { DAEMON_TURN_ASKED = 0, DAEMON_TURN_SOON = 1, DAEMON_TURN_FIRST = 2 };
void daemon_control_pass(struct daemon_control *c, unsigned from, unsigned to);
void daemon_control_reloaded(struct daemon_control *c, unsigned first,
    unsigned last, enum daemon_answer_kind k, const char *text);

/* Who waits for the one waits for the other. */
void daemon_control_turn(struct daemon_control *c,
    enum daemon_request_kind from, enum daemon_request_kind to);

/* All who wait for kind are told. */
void daemon_control_tell(struct daemon_control *c,
    enum daemon_request_kind kind, enum daemon_answer_kind k, const char *text);

/* The descriptor of one of them; -1: there is none. */
int daemon_control_waiting(
    const struct daemon_control *c, enum daemon_request_kind kind);

/* Does somebody wait for an answer? */
int daemon_control_is_asked(const struct daemon_control *c);

/* Tell all that wait for something of which m knows the end; not yet of those
 * kinds whose bits are in later, as somebody is still busy with that.  text:
 * more about it; stopped: more about a stop, also one in vain. */
void
daemon_control_answer(struct daemon_control *c, const struct daemon_machine *m,
    unsigned later, const char *text, const char *stopped);

#endif
