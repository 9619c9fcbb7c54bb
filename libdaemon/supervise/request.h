/* SPDX-License-Identifier: ISC */
/*
 * What is asked of a supervisor, and what it answers: packets of text on a
 * SOCK_SEQPACKET socket.  Pure.
 *
 *	"daemonize 1 stop TERM/30/KILL/5"	asks
 *	"daemonize 1 heard"			is answered at once
 *	"daemonize 1 done TEXT"			when it is done
 *	"daemonize 1 failed TEXT"		or cannot be
 *	"daemonize 1 stuck TEXT"		or something does not die
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include <stddef.h>

#include "../stop/stop.h"
#include "machine.h"

enum { DAEMON_PACKET_MAX = 1024 };

enum daemon_request_kind {
	DAEMON_REQUEST_STOP,
	DAEMON_REQUEST_START,
	DAEMON_REQUEST_RESTART,
	DAEMON_REQUEST_RELEASE,
	DAEMON_REQUEST_PAUSE,
	DAEMON_REQUEST_RESUME,
	DAEMON_REQUEST_UPGRADE,
	DAEMON_REQUEST_AWAIT, /* what comes of a start that others want */
	DAEMON_REQUEST_RELOAD, /* workers: a new generation of them */
	DAEMON_REQUEST_SCALE, /* to so many of them */
	DAEMON_REQUEST_DRAIN, /* to none, until they are to resume */
	DAEMON_REQUESTS
};

struct daemon_request {
	enum daemon_request_kind kind;
	int has_schedule; /* stop, restart: another than the recorded one */
	struct daemon_schedule schedule;
	unsigned n; /* scale: to how many */
};

enum { DAEMON_WORKERS_MAX = 4096 };

enum daemon_answer_kind {
	DAEMON_ANSWER_HEARD, /* another one follows */
	DAEMON_ANSWER_DONE,
	DAEMON_ANSWER_FAILED,
	DAEMON_ANSWER_STUCK,
	DAEMON_ANSWER_CROWDED /* it is being done; ask again how it goes */
};

/* The word for a kind: "stop". */
const char *daemon_request_word(enum daemon_request_kind k);

/* The packet for it; object: a schedule, a number, or NULL.  Its length; 0: it
 * is too long. */
size_t daemon_request_put(char packet[DAEMON_PACKET_MAX],
    enum daemon_request_kind k, const char *object);

/* Read n bytes.  -1/EPROTO: not a request, or of another version. */
int
daemon_request_parse(struct daemon_request *r, const char *packet, size_t n);

/* What it means to the machine; DAEMON_EVENTS: nothing. */
enum daemon_event_kind daemon_request_event(enum daemon_request_kind k);

/* What is to be said to whoever asked for it, once the machine knows: HEARD
 * while it is under way. */
enum daemon_answer_kind daemon_request_answer(
    enum daemon_request_kind k, const struct daemon_machine *m);

/* The packet for an answer, cut to fit; its length. */
size_t daemon_answer_put(char packet[DAEMON_PACKET_MAX],
    enum daemon_answer_kind k, const char *text);

/* *text points into the packet, which is ended by a NUL behind its n bytes.
 * -1/EPROTO. */
int daemon_answer_parse(enum daemon_answer_kind *k, const char **text,
    const char *packet, size_t n);

#endif
