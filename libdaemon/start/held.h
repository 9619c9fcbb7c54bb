/* SPDX-License-Identifier: ISC */
/*
 * All that must be had before detaching: the last place where an error is
 * ours to report directly.  After it, the steps only use what is here.
 */
#ifndef DAEMON_HELD_H
#define DAEMON_HELD_H

#include <signal.h>

#include "../identity/pidtext.h"
#include "../identity/service.h"
#include "../user.h"
#include "plan.h"

/* A file opened for the command. */
struct daemon_output {
	int fd; /* -1: not asked for */
	int created; /* by us: removed again if nothing was executed */
	long long start; /* its size then */
	long long since_ms; /* of workers' own files: when that was */
};

struct daemon_held {
	struct daemon_definition *d;
	struct daemon_service service; /* of the name */
	const struct daemon_status *carry; /* of its supervisor, who has claimed
	    it for all instances and records their ends; NULL */
	struct daemon_service alias; /* of the pidfile, if both were given */
	char alias_name[DAEMON_NAME_MAX + 1];
	int inherits; /* the pidfile was a service's that has a name */
	int rundir; /* -1: nothing is recorded */
	struct daemon_walk pid_dir; /* of the pidfile */
	const char *pid_base;
	int pid_fd; /* prepared for the pidfile; -1 */
	int lock_fd; /* -l; -1 */
	struct daemon_user user;
	int has_user; /* ids change: no memory may be shared meanwhile */
	struct daemon_output out, err;
	struct daemon_output log; /* tried, where a keeper writes it */
	int first; /* of all instances */
	int pipe[2]; /* to a keeper; the second may be -1; borrowed */
	int in_fd, null_fd;
	struct daemon_list env;
	struct daemon_list paths; /* what to try to execute, in order */
	struct daemon_list script; /* argv for a file without "#!" */
	struct daemon_bytes record; /* "public" but for its tail */
	struct daemon_identity id; /* here now, self in the daemon */
	struct rlimit fsize; /* the caller's, if raised for our own writes */
	int fsize_raised;
	int quiet; /* signals are blocked; mask is what was */
	sigset_t mask; /* the caller's */
	unsigned long long ignored; /* signals the caller ignored */
	int proc_ours; /* /proc has our numbers: see process.h */
	/* Of both, and of where id lives, what a parent of ours has found out
	 * already, who is a copy of us; NULL: nothing. */
	const struct daemon_proc_self *self;
	const struct daemon_identity *here;
	sigset_t undoing; /* signals that undo a start while we wait */
	int childless; /* all children we have are this start's */
	pid_t launcher; /* whom a check is tied to */
	int *keep; /* descriptors the command gets */
	size_t nkeep;
};

/* Who is in the way, on EEXIST. */
struct daemon_rival {
	pid_t pid; /* 0: not known */
	long long since; /* ms of the epoch; 0: not known */
	enum daemon_state state;
	int orphaned; /* it is to have a supervisor, and has none */
	char name[DAEMON_NAME_MAX + 1];
};

#define DAEMON_HELD_NONE(definition) \
	((struct daemon_held){ \
	    .d = (definition), \
	    .service = DAEMON_SERVICE_NONE, \
	    .alias = DAEMON_SERVICE_NONE, \
	    .rundir = -1, \
	    .pid_dir = { .fd = -1 }, \
	    .pid_fd = -1, \
	    .lock_fd = -1, \
	    .out = { .fd = -1 }, \
	    .err = { .fd = -1 }, \
	    .log = { .fd = -1 }, \
	    .pipe = { -1, -1 }, \
	    .in_fd = -1, \
	    .null_fd = -1, \
	})

/*
 * Hold everything h->d asks for, and block all signals.  h is
 * DAEMON_HELD_NONE(d), perhaps with its service locked already.  0; or -1
 * with f filled, and, on EEXIST, rival; daemon_held_release() then has been
 * called.
 */
int daemon_hold(struct daemon_held *h, const struct daemon_rundirs *dirs,
    struct daemon_rival *rival, struct daemon_fault *f);

/* Of that only the name and the pidfile's place, for somebody else who will
 * hold the rest.  As daemon_hold(). */
int daemon_hold_name(struct daemon_held *h, const struct daemon_rundirs *dirs,
    struct daemon_rival *rival, struct daemon_fault *f);

/* Of that nothing but what every child needs: h's service is locked, and
 * runs. */
int daemon_hold_alone(struct daemon_held *h, struct daemon_fault *f);

/* Under the lock: its definition goes to disk, and the pidfile is its. */
int daemon_hold_definition(struct daemon_held *h, struct daemon_fault *f);

/* Of that keep only the service: who stays may have children that execute
 * nothing. */
void daemon_held_keep_service(struct daemon_held *h);

/* Let go, unblock.  undo: nothing was executed, so remove what we made. */
void daemon_held_release(struct daemon_held *h, int undo);

#endif
