/* SPDX-License-Identifier: ISC */
/*
 * The scratch directory of a round: emptied before, searched after.
 */
#ifndef FAULT_SCRATCH_H
#define FAULT_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

/* Removes all below DIR, DIR itself too if ALL.  0, or -1 with errno. */
int scratch_empty(const char *dir, bool all);

/*
 * Puts into STRAY the first file below DIR, relative to it, that no pattern
 * of LISTS (NULL at the end) matches and that is not SAVE; "" if none.
 */
void scratch_search(const char *dir, char *const *lists[], const char *save,
    char *stray, size_t size);

#endif
