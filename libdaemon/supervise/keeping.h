/* SPDX-License-Identifier: ISC */
/*
 * What a command prints, where a keeper takes it: two pipes with names in the
 * service's directory, and the keeper, which is a helper of the supervisor's
 * and outlives it.  Where there is no directory nothing has a name.
 */
#ifndef DAEMON_KEEPING_H
#define DAEMON_KEEPING_H

#include "../start/held.h"

struct daemon_supervisor;

/* The pipes' names in the service's directory. */
#define DAEMON_KEEPING_PIPES \
	{ \
		"out", "err" \
	}

/* The pipes: those that are given, or else made, or found.  0 also where
 * nothing is kept; -1 with f. */
int daemon_keeping_open(
    struct daemon_supervisor *s, const int given[2], struct daemon_fault *f);

/* Can a keeper begin?  -1 with f: there is no room for its spool, say. */
int
daemon_keeping_try(const struct daemon_supervisor *s, struct daemon_fault *f);

/* A keeper, unless there is one, or the last has only just begun. */
void daemon_keeping_start(struct daemon_supervisor *s);

/* It has, with this status: another is to follow. */
void daemon_keeping_ended(struct daemon_supervisor *s, int status);

/* Milliseconds until it is to be started again; -1: it need not be. */
int daemon_keeping_wait(const struct daemon_supervisor *s);

/* The directory is another one: the next keeper works there. */
void daemon_keeping_move(const struct daemon_supervisor *s);

/* Its log is opened anew. */
void daemon_keeping_reopen(const struct daemon_supervisor *s);

/* It is over: the keeper has written all, or has had its time; then what it
 * needed is removed, if all is in the log. */
void daemon_keeping_end(struct daemon_supervisor *s);

/* Where its spool is; -1: nothing is kept. */
int daemon_keeping_place(const struct daemon_supervisor *s);

/* In the service's directory: what a keeper needed. */
void daemon_keeping_clean(int dir);

/* In a keeper's child: if the service in dir has lost its supervisor, which was
 * dead, give it another. */
void daemon_keeping_revive(int dir, pid_t dead);

/* No supervisor is left, nor a command, of d: tell the keeper to end, and wait
 * for that; by who holds the lock of the service in dir. */
void daemon_keeping_dismiss(int dir, const struct daemon_definition *d);

/* Wait until what was printed is in the log, a second at most. */
void daemon_keeping_settle(int dir);

#endif
