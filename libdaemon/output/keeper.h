/* SPDX-License-Identifier: ISC */
/* What a keeper has and knows; only its own files look at it. */
#ifndef DAEMON_KEEPER_H
#define DAEMON_KEEPER_H

#include "compress.h"
#include "keep.h"
#include "sink.h"
#include "standin.h"

struct daemon_keeper {
	struct daemon_held h;
	gid_t group; /* of h's user */
	struct daemon_spool spool;
	struct daemon_sink sink;
	struct daemon_standin standin;
	struct daemon_compressing zip;
	int dir;
	int pipe[DAEMON_STREAMS]; /* -1: there is none */
	int signals, supervisor; /* a signalfd, a pidfd */
	pid_t watched;
	void (*revive)(int dir, pid_t dead);
	long long came_ms; /* the last bytes */
	size_t last; /* how many those were */
	long long retry_ms, delay_ms; /* when; 0: nothing failed */
	long long revive_ms; /* when to call another supervisor; 0: not */
	int blocks; /* rather than drop */
	int busy; /* memory is to be given back */
	int dead; /* the supervisor is */
	int hung; /* the log does not answer: somebody stands in */
	int reopens; /* it is to be opened anew */
	long long trouble_ms; /* since when it is told of; 0: there is none */
	long long told_ms; /* and when last, steady */
	int ending;
	size_t taken, farewell; /* bytes; how many when SIGTERM came */
};

/* keepbegin.c: everything it needs.  -1: it cannot even begin. */
int
daemon_keeper_begin(struct daemon_keeper *k, const int pipes[DAEMON_STREAMS]);
void daemon_keeper_end(struct daemon_keeper *k);

/* keepbegin.c: where the log is, and whose. */
void daemon_keeper_find_log(struct daemon_keeper *k);

/* keeptrouble.c: the supervisor has died. */
void daemon_keeper_note_death(struct daemon_keeper *k);

/* keep.c: wait for what happens, no longer than ms (-1), and do what is to be
 * done about it; but nothing about the log.  also: a descriptor to wait for,
 * or -1. */
void daemon_keeper_watch(struct daemon_keeper *k, int ms, int also);

/* keep.c: there is no room, and it is not getting more. */
void daemon_keeper_drop(struct daemon_keeper *k, int error);

#define DAEMON_KEEPER_UNWRITTEN "its log cannot be written"

/* keep.c: on record, for all to see: what cannot be done, and why; or that it
 * can again. */
void daemon_keeper_tell_trouble(
    struct daemon_keeper *k, const char *what, int error);
void daemon_keeper_tell_recovery(struct daemon_keeper *k);

#endif
