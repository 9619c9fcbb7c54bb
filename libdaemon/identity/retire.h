/* SPDX-License-Identifier: ISC */
/* Pidfiles of those that are dead. */
#ifndef DAEMON_RETIRE_H
#define DAEMON_RETIRE_H

#include "service.h"

/*
 * Remove pidfile if it still names pid; one that is also the lock file (-p X
 * -l X) stays, empty.  0 also if it is gone, or names another, or is NULL;
 * -1 with f filled.
 */
int daemon_retire_pidfile(
    const char *pidfile, int in_place, pid_t pid, struct daemon_fault *f);

/* Under the lock of s: that, and the pid in its directory. */
int daemon_retire(const struct daemon_service *s,
    const struct daemon_definition *d, pid_t pid, struct daemon_fault *f);

/* That of the supervisor st names, which is dead. */
int daemon_retire_supervisor(const struct daemon_definition *d,
    const struct daemon_status *st, struct daemon_fault *f);

/* The opposite: pid is the one that is meant from now on. */
int daemon_enrol(const struct daemon_service *s,
    const struct daemon_definition *d, pid_t pid);

#endif
