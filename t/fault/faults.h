/* SPDX-License-Identifier: ISC */
/*
 * From points to faults: which of them are struck, and with what.
 */
#ifndef FAULT_FAULTS_H
#define FAULT_FAULTS_H

#include "points.h"
#include "scenario.h"
#include "spec.h"

struct faults {
	struct fault *all;
	size_t count, room;
	/* Points of the clean run, and those of them that were left out */
	unsigned points, startup, elsewhere, idle;
	/* Points that cannot fail: they get signals, no errors */
	unsigned safe;
};

/*
 * KINDS: letters of e (errors), k (kill), s (signals), c (short counts).
 * 0, or -1 with errno.
 */
int faults_make(struct faults *made, const struct points *p,
    const struct scenario *sc, const char *kinds);

#endif
