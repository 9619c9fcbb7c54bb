/* SPDX-License-Identifier: ISC */
/*
 * Where the workers of a service are on record: "workers/INDEX.GENERATION" in
 * its directory, and its agents, "agents/NAME"; each with a record like a
 * service's own.
 */
#ifndef DAEMON_WORKERS_H
#define DAEMON_WORKERS_H

#include "record.h"

#define DAEMON_PLACE_WORKERS "workers"
#define DAEMON_PLACE_AGENTS  "agents"

/* "INDEX.GENERATION", of two unsigned; "-N" behind it where one of that name
 * has not gone yet. */
#define DAEMON_WORKER_NAME "%u.%u"

/* The index, where one is to be put into a text. */
#define DAEMON_WORKER_TEXT "{worker}"

/* Has each worker a file of its own by that path?  NULL: it has none. */
int daemon_worker_has_own(const char *path);

/* Of the files of n workers, from the first on, by one path with that in it,
 * the one that was written to last, at since_ms (of the wall clock) or later,
 * and is not empty: owned by the caller; NULL: none. */
char *daemon_worker_latest(
    const char *path, long long first, long long n, long long since_ms);

/* What is said of one begins so. */
#define DAEMON_WORKER_SAID "worker %u"

/* Of whom that is; -1: of no single one. */
long long daemon_worker_named(const char *said);

/* Room for a name there. */
enum { DAEMON_WORKER_NAME_MAX = 72 };

/* Back from that; -1: it is none. */
int daemon_worker_name_read(
    const char *name, unsigned *index, unsigned *generation);

/* The directory of one, of the service in dir; made, if it is to be and is
 * not there.  A descriptor, or -1/errno. */
int
daemon_workers_open(int dir, const char *place, const char *name, int create);

/* It is gone, with what we put there. */
void daemon_workers_remove(int dir, const char *place, const char *name);

/* Call each(arg, its directory, name) for all there are, in no order, while
 * that returns 0: what it returned last. */
int daemon_workers_each(int dir, const char *place,
    int (*each)(void *arg, int one, const char *name), void *arg);

/* Those of a life that is over, and agents, are gone, with what we put there. */
void daemon_workers_clear(int dir);

/* A worker that is on record, and was proved to live, who may be NULL; 0: none
 * does. */
pid_t daemon_workers_live(int dir, struct daemon_identity *id);

/* All of them, and agents, most at most: how many. */
size_t daemon_workers_living(int dir, struct daemon_identity *id, size_t most);

#endif
