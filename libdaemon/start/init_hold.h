/* SPDX-License-Identifier: ISC */
/* What daemon_init() has in hand before it forks. */
#ifndef DAEMON_INIT_HOLD_H
#define DAEMON_INIT_HOLD_H

#include <signal.h>

#include "../init.h"
#include "../pidfile.h"
#include "../user.h"

struct daemon_init {
	const struct daemon_options *o;
	const char *step; /* under way */
	const char *object; /* what it is done to; NULL */
	int foreground;
	int forked; /* we are no longer the caller */

	int has_umask;
	mode_t umask, old_umask;
	int umask_changed;
	int has_user;
	struct daemon_user user;
	struct daemon_pidfile *pidfile;
	char *pidpath; /* absolute; NULL: none */
	int fd[3]; /* for 0-2; -1: as they are */
	int created[3]; /* the file was made by us */
	unsigned plugged; /* of 0-2, those that were closed: bits */
	int *keep; /* room for all that stays open */
	size_t nkeep;

	int report[2]; /* the starter's end, the daemon's; -1 */
	int signals; /* signalfd of the starter; -1 */
	sigset_t mask; /* the caller's */
	struct sigaction sigchld; /* the caller's */
	int subreaper; /* the caller's */
	int quiet; /* the three above are to be put back */
};

/*
 * Check everything o asks for and hold what it needs: ids, files, pidfile.
 * 0, or -1/errno with step and object set.
 */
int daemon_init_hold(struct daemon_init *d, const struct daemon_options *o);

/* Let go.  undo: there is no daemon, so remove the files we made. */
void daemon_init_release(struct daemon_init *d, int undo);

#endif
