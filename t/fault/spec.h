/* SPDX-License-Identifier: ISC */
/*
 * A fault, and how it is written: ROLE:CALL:NTH=ACTION, as in
 * "0.0:openat:2=EIO+".  README.md explains the words.
 */
#ifndef FAULT_SPEC_H
#define FAULT_SPEC_H

#include <stdbool.h>

#define ROLE_MAX 64
#define SPEC_MAX 128

enum action {
	ACTION_FAIL, /* EIO: not executed, reports the error */
	ACTION_REPORT, /* EIO~: executed, reports the error */
	ACTION_SIGNAL, /* KILL: sent just before the call */
	ACTION_SHORT, /* short: one byte is asked for */
};

struct fault {
	char role[ROLE_MAX];
	long nr;
	unsigned nth; /* from 1 */
	enum action action;
	int value; /* errno or signal */
	bool lasting; /* "+": that call and all later ones */
};

/* 0, or -1 where TEXT is no fault; *F is then untouched. */
int spec_parse(const char *text, struct fault *f);

/* Writes F as spec_parse() reads it; returns BUF. */
const char *spec_print(const struct fault *f, char buf[SPEC_MAX]);

#endif
