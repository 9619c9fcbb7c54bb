/* SPDX-License-Identifier: ISC */
/*
 * A disk may keep a write for minutes, or for ever, and whoever waits for it
 * cannot do anything else.  So there are two: while one is away with the log
 * the other looks after the rest, if that takes long.  Whoever has the lock is
 * the keeper.
 */
#ifndef DAEMON_STANDIN_H
#define DAEMON_STANDIN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

struct daemon_keeper;

struct daemon_standin {
	pthread_t thread;
	void *stack; /* NULL: there is none now */
	pthread_mutex_t lock;
	int wake; /* an eventfd */
	_Atomic long long away_ms; /* since when the other one is; 0: he is not
	    away */
	_Atomic int called; /* he wants to be back */
	_Atomic int over; /* the other one is not needed any more */
};

/* It has the lock from then on.  -1/errno. */
int daemon_standin_begin(struct daemon_keeper *k);

/* The log is written, which may take long; that is over. */
void daemon_standin_leave(void *keeper);
void daemon_standin_back(void *keeper);

/* Nothing is written for a while: nobody has to wait. */
void daemon_standin_rest(struct daemon_keeper *k);
void daemon_standin_end(struct daemon_keeper *k);

#endif
