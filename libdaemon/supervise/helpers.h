/* SPDX-License-Identifier: ISC */
/*
 * Children of a supervisor that are not of the service's tree: each does one
 * thing that may take long, and ends.
 */
#ifndef DAEMON_HELPERS_H
#define DAEMON_HELPERS_H

#include <sys/types.h>

struct daemon_supervisor;

enum daemon_helper {
	DAEMON_HELPER_STOPPER, /* ends the tree */
	DAEMON_HELPER_PROBER, /* sees when the command is ready */
	DAEMON_HELPER_FREEZER, /* stops the tree, or lets it go on */
	DAEMON_HELPER_CHECKER, /* a new supervisor, that looks at the record */
	DAEMON_HELPER_BEFORE, /* --before */
	DAEMON_HELPER_ON_READY, /* --on-ready */
	DAEMON_HELPER_ON_EXIT, /* --on-exit */
	DAEMON_HELPER_ON_FAILED, /* --on-failed */
	DAEMON_HELPER_KEEPER, /* of the log: it outlives us */
	DAEMON_HELPER_CHECK, /* --check, before workers are reloaded */
	DAEMON_HELPER_RELOADER, /* --reload=cmd:CMD */
	DAEMON_HELPERS
};

/* Guests are other services, started or adopted from within ours: their
 * supervisors, or they themselves, have come to us, and are none of ours. */

/* None of them, no guests. */
void daemon_helpers_begin(struct daemon_supervisor *s);

/* Room for one guest more; NULL: there is no memory. */
pid_t *daemon_helpers_extend(struct daemon_supervisor *s);

/* Is it one of them, or a guest? */
int daemon_helper_is(const struct daemon_supervisor *s, pid_t pid);

/* Or, where there are several workers, another of those, or theirs? */
int daemon_helper_knows(const struct daemon_supervisor *s, pid_t pid);

/* Is there one of them, or a guest? */
int daemon_helper_any(const struct daemon_supervisor *s);

/* All of them and the guests, for who goes on when we may reap some: *n, owned
 * by the caller; NULL: there is none, or no memory. */
struct daemon_identity *
daemon_helpers_identify(const struct daemon_supervisor *s, size_t *n);

/* Fork one: 0 in the child, which must not return from its work; else its
 * pid, or -1.  One that is still at it makes room. */
pid_t daemon_helper_fork(struct daemon_supervisor *s, enum daemon_helper role);

/* The same for one that has something to say in the end: in the child *out is
 * where to, once, and less than a pipe holds. */
pid_t daemon_helper_fork_to_hear(
    struct daemon_supervisor *s, enum daemon_helper role, int *out);

/* What one that has ended said: how many bytes of it. */
size_t daemon_helper_hear(struct daemon_supervisor *s, enum daemon_helper role,
    void *buf, size_t size);

/* End one, if there is one. */
void daemon_helper_end(struct daemon_supervisor *s, enum daemon_helper role);

/* A hook of a worker becomes the head's, like a guest.  0: it is none. */
int
daemon_helper_hand_over(struct daemon_supervisor *s, enum daemon_helper role);

/* Wait for the hooks that run; after SIGTERM or SIGINT they are ended. */
void daemon_helpers_await(struct daemon_supervisor *s);

/* guests.c: find those among our children; and let go of those that have
 * ended. */
void daemon_guests_welcome(struct daemon_supervisor *s);
void daemon_guests_reap(struct daemon_supervisor *s);

/* Those that have ended, of 1u << enum daemon_helper; not reaped. */
unsigned daemon_helper_ended(const struct daemon_supervisor *s);

/* One of those is reaped: 1, with its role and status. */
int daemon_helper_reap(struct daemon_supervisor *s, unsigned ended,
    enum daemon_helper *role, int *status);

/* In a helper that has nothing to do with the service itself: hold nothing
 * of it, and do not outlive the supervisor if tied. */
void daemon_helper_detach(struct daemon_supervisor *s, int tied);

/* prober.c: --ready=tcp, unix or cmd; returns when it is so.  Why it is not,
 * whenever that is another reason than before, goes to out, as an unready of
 * the supervisor's. */
void daemon_probe(const struct daemon_supervisor *s, int out);

#endif
