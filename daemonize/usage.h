/* SPDX-License-Identifier: ISC */
/* What a process uses of the machine. */
#ifndef USAGE_H
#define USAGE_H

#include <sys/types.h>

struct usage {
	long long cpu_ms; /* -1: not known */
	long long memory; /* resident bytes; -1 */
};

void usage_of(struct usage *u, pid_t pid);

#endif
