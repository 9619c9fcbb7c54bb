/* SPDX-License-Identifier: ISC */
/*
 * Counting begins at the program's entry point, so that the dynamic loader's
 * calls are no points.  A breakpoint at AT_ENTRY marks it: unlike the mapping
 * the instruction pointer lies in, or a first call by name, it is the same
 * for every libc, static or not, and costs one stop for each exec.
 */
#ifndef FAULT_ENTRY_H
#define FAULT_ENTRY_H

#include <stdbool.h>

#include "task.h"

/* At the exec event: sets the breakpoint.  0, or -1 with errno. */
int entry_plant(struct task *t);

/* At a SIGTRAP: whether it was our breakpoint, which is then removed. */
bool entry_met(struct task *t);

#endif
