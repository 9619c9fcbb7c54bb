/* SPDX-License-Identifier: ISC */
/*
 * The tasks under trace: who is alive, in which role, and how often it has
 * made each call.  Descent alone gives the role: "0" is the command, "0.1"
 * its second child, an "e" is added at each exec but the command's own.
 */
#ifndef FAULT_TASK_H
#define FAULT_TASK_H

#include <sys/types.h>

#include <stdbool.h>

#include "calls.h"
#include "spec.h"

struct task {
	struct task *next;
	pid_t pid;
	char role[ROLE_MAX]; /* empty: not followed, never counted */
	unsigned children;
	unsigned short calls[CALL_NUMBERS];
	bool held; /* stopped at birth, its parent not yet heard */
	bool started; /* past the entry point of its program */
	bool warm; /* past the C library's start-up */
	bool executed; /* has executed a program */
	bool target; /* that program is the daemon */
	bool signalled; /* it has got a signal, since */
	bool itself; /* it became one without executing it */
	bool entered; /* and has begun: no signal caught up with it */
	bool failing; /* a lasting fault has begun here */
	bool sleeping; /* stopped by a STOP of ours */
	int report; /* errno to report when the call returns */
	int altered; /* the argument we changed, to be put back; -1 */
	unsigned long original;
	long noted; /* index of the point whose result is awaited, -1 */
	unsigned long entry; /* where the breakpoint is, 0: none */
	unsigned long word; /* what it replaced */
};

struct task *task_find(struct task *list, pid_t pid);

/* Adds a task; NULL with errno. */
struct task *task_add(struct task **list, pid_t pid);

void task_remove(struct task **list, pid_t pid);

/* What a child takes from its parent at fork, the role first of all. */
void task_inherit(struct task *child, struct task *parent);

/* A new program: counting starts anew. */
void task_renew(struct task *t, bool command_itself);

#endif
