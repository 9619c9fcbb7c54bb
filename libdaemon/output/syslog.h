/* SPDX-License-Identifier: ISC */
/*
 * From the spool to syslog(3)'s socket, a line a datagram.  Whoever is killed
 * between sending one and knowing that may send it again.
 */
#ifndef DAEMON_SYSLOG_H
#define DAEMON_SYSLOG_H

#include "spool.h"

/* "daemon.info": facility and priority, by the names of syslog.conf(5).
 * -1/EINVAL. */
int daemon_syslog_parse(const char *text, int *priority);

struct daemon_syslog {
	int fd; /* -1: not connected */
	int priority; /* -1: nothing is sent there */
	const char *tag;
	int error; /* why it cannot be reached; 0 */
	int busy; /* it could not take more */
	long long heard_ms; /* when it last took something, steady */
};

#define DAEMON_SYSLOG_NONE ((struct daemon_syslog){ .fd = -1, .priority = -1 })

enum daemon_sent {
	DAEMON_SENT_ALL,
	DAEMON_SENT_SOME, /* it is busy: later */
	DAEMON_SENT_NOT /* with error */
};

/* Send what is in the spool.  ending: also what is no whole line. */
enum daemon_sent
daemon_syslog_send(struct daemon_syslog *l, struct daemon_spool *s, int ending);

void daemon_syslog_close(struct daemon_syslog *l);

#endif
