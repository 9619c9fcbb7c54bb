/* SPDX-License-Identifier: ISC */
/* Resetting only the signals that need it: a system call each. */
#ifndef DAEMON_STEP_SIGNALS_H
#define DAEMON_STEP_SIGNALS_H

/* Default dispositions for the signals in set (bit N-1 is signal N).
 * Async-signal-safe. */
int daemon_signals_default(unsigned long long set);

#endif
