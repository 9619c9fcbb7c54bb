/* SPDX-License-Identifier: ISC */
/* What a keeper has and knows; only its own files look at it. */
#ifndef DAEMON_KEEPER_H
#define DAEMON_KEEPER_H

#include "../socket/handback.h"
#include "compress.h"
#include "keep.h"
#include "sink.h"
#include "standin.h"
#include "syslog.h"

/* After a failure, and then after twice as long each time. */
struct daemon_retry {
	long long at_ms, delay_ms; /* 0: nothing failed */
};

struct daemon_keeper {
	struct daemon_held h;
	gid_t group; /* of h's user */
	struct daemon_spool spool;
	struct daemon_sink sink;
	struct daemon_standin standin;
	struct daemon_compressing zip;
	struct daemon_syslog syslog;
	int dir;
	int pipe[DAEMON_STREAMS]; /* -1: there is none */
	int signals, supervisor; /* a signalfd, a pidfd */
	struct daemon_handback sockets; /* held for the next one */
	int asked; /* where he asks for them; -1 */
	pid_t watched;
	void (*revive)(int dir, pid_t dead);
	long long came_ms; /* the last bytes */
	size_t last; /* how many those were */
	struct daemon_retry write, send; /* to the log, and to syslog */
	long long revive_ms; /* when to call another supervisor; 0: not */
	int blocks; /* rather than drop */
	int busy; /* memory is to be given back */
	int dead; /* the supervisor is */
	int hung; /* the log does not answer: somebody stands in */
	int reopens; /* it is to be opened anew */
	const char *trouble; /* that is told of; NULL: there is none */
	long long trouble_ms; /* since when */
	long long told_ms; /* and when last, steady */
	long long told_lost; /* and how many lines then */
	int finishing; /* there will be no other: all is to be written */
	long long finish_ms; /* since when */
	int ending; /* now */
	unsigned hangups; /* while the log did not answer */
	size_t taken, farewell; /* bytes; how many when SIGTERM came */
};

/* keepbegin.c: everything it needs.  -1: it cannot even begin. */
int
daemon_keeper_begin(struct daemon_keeper *k, const struct daemon_keeping *how);
void daemon_keeper_end(struct daemon_keeper *k);

/* keepbegin.c: where the log is, and whose. */
void daemon_keeper_find_log(struct daemon_keeper *k);

/* keep.c: the supervisor has died. */
void daemon_keeper_note_death(struct daemon_keeper *k);

/* keep.c: wait for what happens, no longer than ms (-1), and do what is to be
 * done about it; but nothing about the log.  also: a descriptor to wait for,
 * or -1. */
void daemon_keeper_watch(struct daemon_keeper *k, int ms, int also);

/* keep.c: send what is for syslog, if that can be reached. */
void daemon_keeper_send(struct daemon_keeper *k);

/* keeptrouble.c: there is no room, and it is not getting more, because of that
 * outlet's error. */
void
daemon_keeper_drop(struct daemon_keeper *k, enum daemon_outlet to, int error);

/* keeptrouble.c: for all to see, what cannot be done, and why; or that all can
 * be again. */
void daemon_keeper_tell(struct daemon_keeper *k);

#endif
