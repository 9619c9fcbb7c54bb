/* SPDX-License-Identifier: ISC */
/*
 * The injector alone, for any command line: no scenario and no oracle.
 */
#ifndef FAULT_BARE_H
#define FAULT_BARE_H

/* Prints the points of ARGV on stdout after it has ended.  Exit status. */
int bare_points(char *const argv[]);

/*
 * Runs ARGV with our own descriptors and environment under the fault SPEC.
 * Says on stderr how often it struck and what was left running, ends that,
 * and returns ARGV's exit status (128 + N for signal N).
 */
int bare_inject(const char *spec, char *const argv[]);

#endif
