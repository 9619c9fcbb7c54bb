/* SPDX-License-Identifier: ISC */
/*
 * A pid namespace with a /proc of its own: programs that walk /proc then meet
 * the same processes in every run, whatever else the machine does, and the
 * kernel itself guarantees that nothing of a sweep survives it.
 */
#ifndef FAULT_ALONE_H
#define FAULT_ALONE_H

/*
 * Returns in a descendant that is alone but for its init; the caller itself
 * stays behind, and exits with the descendant's status.  Where namespaces
 * are refused it returns in the caller.  Call it with no threads about.
 */
void alone(void);

#endif
