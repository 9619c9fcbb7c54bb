/* SPDX-License-Identifier: ISC */
/* Asking a supervisor. */
#ifndef DAEMON_ASK_H
#define DAEMON_ASK_H

#include "../identity/process.h"
#include "request.h"

enum daemon_asked {
	DAEMON_ASKED_DONE,
	DAEMON_ASKED_FAILED,
	DAEMON_ASKED_STUCK,
	DAEMON_ASKED_GONE, /* nobody is there, or not any more */
	DAEMON_ASKED_SILENT, /* somebody is, and has not answered in 5 s */
	DAEMON_ASKED_DENIED /* errno */
};

/*
 * Ask the supervisor of the service in dir, who is on record, and wait for what
 * comes of it: 5 s for it to hear, then for as long as that takes.  GONE only
 * if it is dead: while it becomes another program nobody is there for a moment.
 * object: a schedule, a number, or NULL.  text: more about it, or "".
 */
enum daemon_asked daemon_ask(int dir, const struct daemon_identity *supervisor,
    enum daemon_request_kind k, const char *object,
    char text[DAEMON_PACKET_MAX]);

#endif
