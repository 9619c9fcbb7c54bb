/* SPDX-License-Identifier: ISC */
/*
 * Where a service lives on disk: RUNDIR/NAME, with its lock, its record and
 * its pid.  RUNDIR depends on the uid alone (cron, su and sudo lack
 * XDG_RUNTIME_DIR), unless DAEMONIZE_RUNDIR or --rundir says otherwise.
 */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include <limits.h>

#include "../fault.h"
#include "record.h"
#include "walk.h"

enum { DAEMON_NAME_MAX = 64, DAEMON_RUNDIRS_MAX = 3 };

/* The places to look in; new services are put in the first.  A copy borrows
 * from the original. */
struct daemon_rundirs {
	const char *path[DAEMON_RUNDIRS_MAX];
	size_t n;
	char by_uid[2][48]; /* those that had to be made up */
};

/* override: --rundir, borrowed; or NULL: $DAEMONIZE_RUNDIR, or by uid. */
int daemon_rundirs_find(
    struct daemon_rundirs *r, const char *override, struct daemon_fault *f);

/* For looking only: root's services as well, unless there was an override.
 * What everybody may know of them is in "public". */
void daemon_rundirs_add_roots(struct daemon_rundirs *r, const char *override);

/* Open one, checked; created (0755 for root, 0700 for others) if create.
 * A descriptor, or -1 with f filled; ENOENT if it is not there. */
int daemon_rundir_open(const char *path, int create, struct daemon_fault *f);

/* [A-Za-z0-9_.@:-]{1,64}, not beginning with '.' or '-'. */
int daemon_name_ok(const char *name);

/* The name of a pidfile without -n: %BASE-HASH of its real path. */
void daemon_name_of_pidfile(
    char name[DAEMON_NAME_MAX + 1], const char *realdir, const char *base);

/* In its directory, for everybody, while something cannot be done about its
 * log: "MS LINES WHY", since when, how many are dropped, what and why. */
#define DAEMON_DEGRADED "degraded"

/* In its directory: its pid, for those who only want that. */
#define DAEMON_SERVICE_PID "pid"

/* In its directory: the socket its supervisor listens at. */
#define DAEMON_CONTROL "control"

/* In its directory: what happened to it, and what had before that. */
#define DAEMON_JOURNAL	      "events"
#define DAEMON_JOURNAL_BEFORE "events.1"

struct daemon_service {
	int dir; /* RUNDIR/NAME; -1 */
	int lock; /* the locked descriptor; -1 */
};

#define DAEMON_SERVICE_NONE ((struct daemon_service){ .dir = -1, .lock = -1 })

/* Open the directory of a service for looking: -1/ENOENT if there is none. */
int daemon_service_open(struct daemon_service *s, int rundir, const char *name,
    struct daemon_fault *f);

/* How long somebody waits for who holds the lock: a start under way, a stop,
 * a restart. */
enum daemon_patience {
	DAEMON_LOCK_NOW, /* not at all: EEXIST, whether or not it runs */
	DAEMON_LOCK_BRIEFLY, /* five seconds; not for one whose command runs */
	DAEMON_LOCK_UNLESS_LIVE, /* a minute; the same */
	DAEMON_LOCK_ANYWAY /* a minute */
};

/*
 * Open it, made if need be, and take its lock.
 * 0: it is ours, and free of a running command unless *live says
 * otherwise; -1/EEXIST: somebody holds it, whose command runs; -1 with f
 * filled.
 * *d and *st receive the record that was found (clear them), with *live 1 if
 * its process, or its supervisor, was proved to run: also on EEXIST.
 */
int daemon_service_lock(struct daemon_service *s, int rundir, const char *name,
    enum daemon_patience patience, struct daemon_definition *d,
    struct daemon_status *st, int *live, struct daemon_fault *f);

/* Somebody holds the lock of an open service. */
int daemon_service_is_locked(const struct daemon_service *s);

/* And does somebody answer requests?  A supervisor, wherever it lives. */
int daemon_service_is_watched(const struct daemon_service *s);

/*
 * Wait until no start is between its lock and its record, so that what the
 * record says of one that does not run is true.  0; or -1 with f filled, as
 * after a minute.
 */
int daemon_service_settle(
    const struct daemon_service *s, const char *name, struct daemon_fault *f);

/* 1: the record of name names a process, or a supervisor, that was proved to
 * run; 0: not; -1: it cannot be told, f filled.  *st receives the record; clear it. */
int daemon_service_live(int rundir, const char *name, struct daemon_status *st,
    struct daemon_fault *f);

/* Under the lock: remove the directory of a service that has no record, as
 * after a first start that failed early. */
void daemon_service_discard(
    const struct daemon_service *s, int rundir, const char *name);

void daemon_service_close(struct daemon_service *s);

/* The service a pidfile belongs to when it also has a name: a symbolic link
 * "name" in %BASE-HASH.  -1/ENOENT: none. */
int daemon_service_alias(int dir, char name[DAEMON_NAME_MAX + 1]);
int daemon_service_set_alias(int dir, const char *name);

#endif
