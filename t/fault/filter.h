/* SPDX-License-Identifier: ISC */
/*
 * The seccomp filter that wakes the tracer: at one call, or at every call.
 */
#ifndef FAULT_FILTER_H
#define FAULT_FILTER_H

#define FILTER_ALL -1L

/*
 * Installs it in the caller, for good and for all its descendants.  NR is a
 * call's number or FILTER_ALL.  0, or -1 with errno.
 */
int filter_install(long nr);

#endif
