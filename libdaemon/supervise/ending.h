/* SPDX-License-Identifier: ISC */
/* What an end means: success, failure, or "not again".  Pure. */
#ifndef DAEMON_ENDING_H
#define DAEMON_ENDING_H

#include <signal.h>

#include "machine.h"

/* Exit statuses 0 to 255, then signals 1 to 64: as sets of bits. */
struct daemon_endings {
	unsigned long long status[4];
	unsigned long long signal; /* bit N - 1 is signal N */
};

/* Exit 0, and the signals that ask a program to end: HUP INT TERM PIPE. */
#define DAEMON_ENDINGS_SUCCESS \
	((struct daemon_endings){ .status = { 1 }, \
	    .signal = 1ull << (SIGHUP - 1) | 1ull << (SIGINT - 1) | \
		1ull << (SIGTERM - 1) | 1ull << (SIGPIPE - 1) })

/* 78 (EX_CONFIG), and 125 as s6 means it. */
#define DAEMON_ENDINGS_FINAL \
	((struct daemon_endings){ \
	    .status = { 0, 1ull << (78 - 64) | 1ull << (125 - 64) } })

/*
 * "0,3,TERM,SIGUSR1": statuses and signals with commas between; each is added
 * to e.  -1/EINVAL, e untouched: an empty item, no such signal, no status
 * from 0 to 255.
 */
int daemon_endings_parse(struct daemon_endings *e, const char *text);

/* status: as wait(2) has it.  Final beats success. */
enum daemon_ending daemon_ending_of(int status,
    const struct daemon_endings *success, const struct daemon_endings *final);

#endif
