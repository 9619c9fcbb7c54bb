/* SPDX-License-Identifier: ISC */
/* Making room for another one of the same name. */
#ifndef DAEMON_DISPLACE_H
#define DAEMON_DISPLACE_H

#include "../identity/service.h"

/*
 * Stop the service name in rundir by its recorded schedule, whoever watches
 * over it or nobody; but not if next could not follow.
 * 0: nothing of it runs; -1 with f filled.
 */
int daemon_displace(int rundir, const char *name,
    const struct daemon_definition *next, struct daemon_fault *f);

#endif
