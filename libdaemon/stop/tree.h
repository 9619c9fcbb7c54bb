/* SPDX-License-Identifier: ISC */
/*
 * The tree of a process, as far as it can be proved without a cgroup: its
 * descendants, and the members of its session and of those its descendants
 * lead.  Each is held by a pidfd that was taken before the proof, so nothing
 * done through it can reach a stranger.
 */
#ifndef DAEMON_STOP_TREE_H
#define DAEMON_STOP_TREE_H

#include "../identity/census.h"
#include "machine.h"
#include "stop.h"

struct daemon_member {
	struct daemon_victim victim;
	int pidfd; /* -1: dead, or no descriptor left for it (yet) */
	int dead;
	int fresh; /* not signalled yet */
	int denied; /* why it could not be signalled: errno, 0 */
	int spared; /* an ancestor of ours: looked through, left alone */
};

struct daemon_pids {
	pid_t *v; /* owned */
	size_t n;
};

/* A session, held by more than its number: see session.c. */
struct daemon_session {
	pid_t sid;
	int anchor; /* a descriptor; -1: none left for it */
	int trigger; /* its other end */
};

struct daemon_tree {
	struct daemon_member *member; /* owned; the main process first */
	size_t n;
	struct daemon_session *session; /* the tree's own; owned */
	size_t sessions;
	pid_t reaper; /* notes' */
	pid_t made; /* the session that was made for the daemon; 0 */
	struct daemon_pids spared; /* pid 1, we, and our ancestors */
	size_t noted; /* of the members, the first ones */
	const struct daemon_stop_notes *notes; /* or NULL */
	struct daemon_census beside; /* who is on record beside it */
	int counted; /* since this look began */
	int by_parent; /* the kernel keeps no lists of children */
	int pidfd_end; /* from this number on descriptors are not ours */
	int others; /* the last walk saw zombies in a session, or ourselves */
	int looked, grows; /* once; and somebody was born since */
	int blind; /* /proc is not there, or another namespace's */
};

/*
 * Begin with the main process: id, proved to be what pidfd holds, or dead:
 * -1; and with those of notes (NULL: none) that live.  The tree owns pidfd,
 * also on failure.  -1/ENOMEM, EMFILE; to be ended all the same.
 */
int daemon_tree_begin(struct daemon_tree *t, const struct daemon_identity *id,
    int pidfd, const struct daemon_stop_notes *notes);
void daemon_tree_end(struct daemon_tree *t);

/* Mark the dead, and add whom there is now.  -1/ENOMEM. */
int daemon_tree_look(struct daemon_tree *t);

/* Instead of a member's index: the reaper of notes. */
#define DAEMON_TREE_REAPER ((size_t)-1)
/* Or: it carries the mark of notes. */
#define DAEMON_TREE_MARKED ((size_t)-2)
/* Or: it is in the control group of notes. */
#define DAEMON_TREE_GROUPED ((size_t)-3)

/* Add pid if it is what is claimed, proved with its pidfd in hand: a child
 * of t->member[parent] (session 0), or a member of session (parent ignored).
 * 1: added, 0: not (gone, a stranger, no descriptor left), -1/ENOMEM. */
int
daemon_tree_add(struct daemon_tree *t, pid_t pid, size_t parent, pid_t session);

/* Take the pidfd again of one that had to do without. */
void daemon_member_attach(struct daemon_member *m, int pidfd_end);
/* See whether it is dead; 1 if so. */
int daemon_member_check(struct daemon_member *m);

/* Is it one of those the round is about, and not known to be dead? */
int daemon_tree_is_target(
    const struct daemon_tree *t, size_t i, enum daemon_stop_round round);
/* SOME or NONE of the round's targets are left. */
enum daemon_stop_event
daemon_tree_left(const struct daemon_tree *t, enum daemon_stop_round round);

/* Note a session of the tree's.  Only if a member is then seen to be in it
 * and to live may it be kept: else take it back.  1: noted, 0: no need to
 * (known, pid 1's, or the one we are in, which was not made for the
 * daemon), -1/ENOMEM. */
int daemon_session_note(struct daemon_tree *t, pid_t sid);
/* Take back what was noted last. */
void daemon_session_take_back(struct daemon_tree *t);
/* Is what has this number now still the session that was noted? */
int daemon_session_lives(struct daemon_tree *t, pid_t sid);
/* SIGKILL to all at once that are in the group which a session began with,
 * so that nobody is born meanwhile. */
void daemon_sessions_kill(struct daemon_tree *t);
/* Does one of these groups have members at all? */
int daemon_sessions_peopled(const struct daemon_tree *t);
/* Forget those that are over. */
void daemon_sessions_trim(struct daemon_tree *t);
void daemon_sessions_close(struct daemon_tree *t);

/* Tell notes who is there, if it is more than was told.  -1/ENOMEM. */
int daemon_tree_note(struct daemon_tree *t);

/* The living member with this number; t->n: none. */
size_t daemon_tree_find(const struct daemon_tree *t, pid_t pid);

int daemon_pids_add(struct daemon_pids *p, pid_t pid);
int daemon_pids_has(const struct daemon_pids *p, pid_t pid);

/* send.c: SOME, NONE or DENIED. */
enum daemon_stop_event daemon_tree_send(
    struct daemon_tree *t, enum daemon_stop_round round, int sig, int again);

/* wait.c: until deadline (ns of CLOCK_MONOTONIC, -1: none).  0 with *e NONE
 * or LATE; -1/ENOMEM. */
int daemon_tree_wait(struct daemon_tree *t, enum daemon_stop_round round,
    long long deadline, enum daemon_stop_event *e);

#endif
