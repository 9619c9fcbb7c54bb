/* SPDX-License-Identifier: ISC */
/* What a command says in one datagram, as sd_notify(3) has it.  Pure. */
#ifndef DAEMON_NOTICE_H
#define DAEMON_NOTICE_H

#include <sys/types.h>

#include <stddef.h>

enum { DAEMON_NOTICE_MAX = 4096, DAEMON_SAYS_MAX = 256 };

struct daemon_notice {
	unsigned events; /* of 1u << enum daemon_event_kind: READY, RELOADING,
	    LEAVING, SIGN, EXTEND, HUNG */
	long long extend_ms; /* EXTEND */
	long long watchdog_ms; /* WATCHDOG_USEC; -1: not said */
	long long reloading_us; /* MONOTONIC_USEC; -1: not said */
	pid_t main; /* MAINPID; 0: not said */
	int error; /* ERRNO; -1: not said */
	int says; /* there is a STATUS */
	char status[DAEMON_SAYS_MAX]; /* cut to fit */
	int store, forget, barrier; /* FDSTORE, FDSTOREREMOVE, BARRIER */
	char name[DAEMON_SAYS_MAX]; /* FDNAME; "" */
};

/*
 * Read n bytes.  Lines that nobody knows are skipped, as are values that
 * make no sense: whoever sends them is no worse off than without.  A NUL ends
 * the text.
 */
void
daemon_notice_parse(struct daemon_notice *notice, const char *text, size_t n);

#endif
