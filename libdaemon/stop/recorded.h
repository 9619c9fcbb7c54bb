/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_RECORDED_H
#define DAEMON_RECORDED_H

#include "../identity/service.h"
#include "stop.h"

/*
 * Under the lock of s, if it can be had: as daemon_stop(), of the tree of the
 * one that d and st have recorded, going on from where another stop was cut
 * short, and noting who is to be ended for the next.  Its control groups go
 * when it is gone.
 */
int
daemon_stop_recorded(struct daemon_stopping *r, const struct daemon_service *s,
    const struct daemon_definition *d, const struct daemon_status *st,
    const struct daemon_schedule *schedule, struct daemon_fault *f);

#endif
