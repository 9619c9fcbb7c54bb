/* SPDX-License-Identifier: ISC */
/*
 * A trace: commands run one after another under ptrace, everything they leave
 * behind, and at most one fault for one of them.  The caller is subreaper of
 * it all, has SIGCHLD blocked, and has no other children.
 */
#ifndef FAULT_TRACE_H
#define FAULT_TRACE_H

#include <sys/types.h>

#include <stdbool.h>

#include "points.h"
#include "spec.h"
#include "task.h"

struct trace {
	struct task *tasks;
	/* The command in hand */
	pid_t command;
	int status;
	bool ended;
	/* What to do to it: at most one of the two */
	const struct fault *fault;
	struct points *points;
	/* What identifies the daemon, and the command's stdout and stderr */
	dev_t target_dev;
	ino_t target_ino;
	dev_t output_dev[2];
	ino_t output_ino[2];
	/* What the fault did */
	unsigned hits;
	pid_t struck; /* the task it hit last */
	int struck_by; /* the signal it sent, 0: none */
	bool struck_output[2]; /* it hit a write to one of those */
	bool struck_target; /* a signal of ours has killed the daemon */
};

/*
 * Starts ARGV with ENVP and descriptors 0 to 2 from FDS, in a session of its
 * own; with FAULT or POINTS set in T, as role "0".  0, or -1 with errno.
 */
int trace_start(
    struct trace *t, char *const argv[], char *const envp[], const int fds[3]);

/*
 * Waits until the command has ended and what it left is at rest: daemons, or
 * processes asleep.  RESIDENT is how many besides a daemon are no surprise.
 * False where the command itself has not ended after MS milliseconds.
 */
bool trace_settle(struct trace *t, unsigned resident, int ms);

/* Waits for the end of every task for at most MS milliseconds. */
bool trace_drain(struct trace *t, int ms);

/* Kills whatever descends from us.  0, or -1 with errno EBUSY. */
int trace_end(struct trace *t);

/* What a status of waitpid() means for T; the tracee runs on. */
void trace_event(struct trace *t, pid_t pid, int status);

/* At the call a task is about to make: counts, notes, strikes; resumes. */
void trace_call(struct trace *t, struct task *task, long nr);

/* At the return of a call that was to be watched to its end; resumes. */
void trace_return(struct trace *t, struct task *task);

#endif
