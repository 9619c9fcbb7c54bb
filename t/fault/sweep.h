/* SPDX-License-Identifier: ISC */
/*
 * A sweep: every fault of a scenario, shared among workers, and the sums.
 */
#ifndef FAULT_SWEEP_H
#define FAULT_SWEEP_H

#include <stdbool.h>

#include "scenario.h"

struct sweep {
	const char *kinds; /* as of faults_make() */
	unsigned jobs; /* workers */
	unsigned each; /* of the faults only each EACH-th */
	bool verbose; /* print each violation */
	const char *self; /* our own command line, to repeat one */
};

/*
 * Sweeps FILE and prints a row of the table, after the head if HEAD.
 * 0: no violation; 1: some; -1: could not be done, with a message.
 */
int sweep(const struct sweep *how, const char *file, const struct places *at,
    bool head);

#endif
