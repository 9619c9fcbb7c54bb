/* SPDX-License-Identifier: ISC */
/*
 * What a program that is its own supervisor has in the place of commands:
 * functions, which its children call.  A supervisor that has one runs in the
 * program's process (../master.h); that of a command has none.
 */
#ifndef DAEMON_MASTERY_H
#define DAEMON_MASTERY_H

#include <stddef.h>

struct daemon_supervisor;

struct daemon_mastery {
	/* In the child that is s's instance, when all else is done: say on pipe
	 * that it runs, and run.  ready: where it says that it is; -1. */
	int (*call)(struct daemon_supervisor *s, int pipe, int ready);
	/* What has come through s's channel is heard.  over: nobody is there any
	 * more, and it is closed. */
	void (*hear)(struct daemon_supervisor *s, int over);
	/* Before a reload.  -1/errno: there is to be none. */
	int (*reload)(struct daemon_supervisor *head);
	void (*reopen)(struct daemon_supervisor *head);
};

#endif
