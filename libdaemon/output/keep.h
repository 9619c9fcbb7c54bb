/* SPDX-License-Identifier: ISC */
/*
 * The keeper: what the command prints goes from its pipes over the spool into
 * its log.  It outlives the supervisor, and sees to it that there is another.
 */
#ifndef DAEMON_KEEP_H
#define DAEMON_KEEP_H

#include <sys/types.h>

#include "../identity/record.h"
#include "spool.h"

/* Is its log the standard output of who keeps it? */
int daemon_keep_is_stdout(const struct daemon_definition *d);

/* Where its log is: a path, or DAEMON_LOG_STDOUT; NULL: it has none. */
const char *daemon_keep_path(const struct daemon_definition *d);

enum daemon_kept {
	DAEMON_KEPT_ALL, /* there is nothing more */
	DAEMON_KEPT_SOME, /* the rest is in the spool */
	DAEMON_KEPT_NOT /* it could not even begin */
};

struct daemon_keeping {
	int dir; /* of the service, or its spool's place, where it has none */
	struct daemon_definition *d; /* which is that */
	int pipes[DAEMON_STREAMS]; /* taken; -1: not used */
	pid_t supervisor; /* who has started us */
	const char *sockets; /* to be held, "7=http"; "" */

	/* Called in a child of ours when the supervisor is dead; NULL. */
	void (*revive)(int dir, pid_t dead);
};

/*
 * Keep the log of a service, and hold its listening sockets, until told to end
 * by SIGTERM, or until there is neither supervisor nor command.  SIGUSR1 opens
 * the log anew.  SIGUSR2: there will be no more, and no other keeper: it ends
 * when all is written.
 */
enum daemon_kept daemon_keep(const struct daemon_keeping *how);

/*
 * The spool of the service in dir, locked by us: who has it is asked to end
 * (SIGTERM), and waited for.  -1/errno; EWOULDBLOCK: he does not.
 */
int daemon_keep_inherit(struct daemon_spool *s, int dir);

#endif
