/* SPDX-License-Identifier: ISC */
/*
 * The events of a service: a line of JSON for every change of its state,
 * appended to DAEMON_JOURNAL in its directory.  When that is large it becomes
 * DAEMON_JOURNAL_BEFORE, in place of the former one.
 */
#ifndef DAEMON_JOURNAL_H
#define DAEMON_JOURNAL_H

#include <sys/types.h>

struct daemon_journal_line {
	long long ms; /* of the epoch */
	const char *name; /* of the service */
	const char *event; /* the word of its state now */
	pid_t pid; /* of the command; 0: none runs */
	const char *how; /* an instance ended since the last line; NULL */
	long long restarts;
	int worker; /* its index and one; 0: no worker */
	const char *agent; /* its name; NULL: no agent */
};

/* Append it, in one write(2), by who holds the lock of the service in dir.
 * What cannot be written is lost.  Allocates nothing. */
void daemon_journal_add(int dir, const struct daemon_journal_line *l);

#endif
