/* SPDX-License-Identifier: ISC */
/*
 * The condition a daemon was started in, as text: ids, masks, limits, session,
 * directory, descriptors.  Two starts of one command line must agree in it:
 * a step that failed unnoticed shows here.
 */
#ifndef FAULT_CONDITION_H
#define FAULT_CONDITION_H

#include <sys/types.h>

#include <stddef.h>

#define CONDITION_MAX 8192

void condition_read(pid_t pid, char text[CONDITION_MAX]);

/* "has LINE" or "lacks LINE", as NEW differs from OLD; "" where not. */
void
condition_compare(const char *old, const char *new, char *line, size_t size);

#endif
