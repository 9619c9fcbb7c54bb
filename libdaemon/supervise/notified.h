/* SPDX-License-Identifier: ISC */
/*
 * The socket behind NOTIFY_SOCKET.  Heard are the main process, whoever it has
 * become, and those below it with the command's user id or 0; all others are
 * counted, and nothing else.
 */
#ifndef DAEMON_NOTIFIED_H
#define DAEMON_NOTIFIED_H

#include <sys/types.h>

#include "../identity/record.h"
#include "notice.h"
#include "store.h"

struct daemon_notified {
	int fd; /* -1: there is none */
	char path[128]; /* what NOTIFY_SOCKET says; "@..." is abstract */
	unsigned long long dropped; /* how many were not heard */
	int lost; /* nobody finds it who was told of one before: somebody else
	    has that name */
};

#define DAEMON_NOTIFIED_NONE ((struct daemon_notified){ .fd = -1 })

/*
 * Make it: "notify" in the service's directory dir, where the command can
 * reach that; else, under another root or with dir -1, an abstract one.
 * -1/errno.
 */
int daemon_notified_open(
    struct daemon_notified *n, int dir, const struct daemon_definition *d);
/* The same for one that we had before: it is fd. */
int daemon_notified_reopen(struct daemon_notified *n, int fd, int dir,
    const struct daemon_definition *d);
/* Its path has vanished: bind it once more, in dir, for uid.  Who has the old
 * one still is not heard any more. */
void daemon_notified_rename(struct daemon_notified *n, int dir, uid_t uid);
void daemon_notified_close(struct daemon_notified *n, int dir);
/* What is to be given to who takes over: the descriptor, or -1: he tries to
 * have the name. */
int daemon_notified_legacy(const struct daemon_notified *n);

/* In the child that becomes the command: the socket is uid's to write to, and
 * everybody's where that is 0. */
int daemon_notified_give(const struct daemon_notified *n, int dir, uid_t uid);

/* Who is heard: main; who is uid or 0, and is_kin says so.  main of 0: nobody
 * is. */
struct daemon_hearing {
	pid_t main;
	uid_t uid;
	int (*is_kin)(const void *arg, pid_t pid);
	const void *arg;
};

/*
 * One datagram of somebody who is heard: 1; 0: there is none now, or too much
 * of others.  Descriptors in it go to the store, if that is what it says, and
 * are closed otherwise: that is what a barrier waits for.
 */
int daemon_notified_take(struct daemon_notified *n,
    const struct daemon_hearing *who, struct daemon_notice *notice,
    struct daemon_store *store);

enum daemon_kin {
	DAEMON_KIN_NONE, /* or does not live */
	DAEMON_KIN_OURS, /* descends from a child of ours */
	DAEMON_KIN_ITS /* descends from main, or is it */
};

/* What is pid to main, and to us? */
enum daemon_kin daemon_notified_kin(pid_t pid, pid_t main);

#endif
