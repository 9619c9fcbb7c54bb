/* SPDX-License-Identifier: ISC */
/*
 * Where the workers of a service are on record: "workers/INDEX.GENERATION" in
 * its directory, each with a record like a service's own.
 */
#ifndef DAEMON_WORKERS_H
#define DAEMON_WORKERS_H

#include "record.h"

/* "INDEX.GENERATION", of two unsigned. */
#define DAEMON_WORKER_NAME "%u.%u"

/* The index, where one is to be put into a text. */
#define DAEMON_WORKER_TEXT "{worker}"

/* The directory of one, of the service in dir; made, if it is to be and is
 * not there.  A descriptor, or -1/errno. */
int
daemon_workers_open(int dir, unsigned index, unsigned generation, int create);

/* It is gone, with what we put there. */
void daemon_workers_remove(int dir, unsigned index, unsigned generation);

/* Call each(arg, its directory, index, generation) for all there are, in no
 * order, while that returns 0: what it returned last. */
int daemon_workers_each(int dir,
    int (*each)(void *arg, int worker, unsigned index, unsigned generation),
    void *arg);

/* One that is on record, and was proved to live; 0: none does. */
pid_t daemon_workers_live(int dir);

#endif
