/* SPDX-License-Identifier: ISC */
/*
 * A start, from a definition to a verdict.  Everything a program has to
 * know: it prints the fault and exits as the verdict says.
 */
#ifndef DAEMON_START_H
#define DAEMON_START_H

#include "held.h"

/* The values are daemonize(1)'s exit statuses. */
enum daemon_verdict {
	DAEMON_VERDICT_RUNNING = 0,
	DAEMON_VERDICT_FAILED = 1, /* a step failed: fault */
	DAEMON_VERDICT_ALREADY = 3, /* rival, fault */
	DAEMON_VERDICT_DIED = 4, /* executed, but ended before it was ready */
	DAEMON_VERDICT_NOT_EXECUTABLE = 126, /* exec failed */
	DAEMON_VERDICT_NOT_FOUND = 127, /* exec failed: no such command */
	DAEMON_VERDICT_INTERRUPTED = 128 /* undone on a signal: exits 1 */
};

struct daemon_outcome {
	enum daemon_verdict verdict;
	struct daemon_fault fault; /* all but RUNNING */
	char step[32]; /* room for the fault's, if it was told by another */
	struct daemon_rival rival; /* ALREADY */
	pid_t pid; /* RUNNING, DIED */
	int status; /* DIED: as wait(2) has it, -1 if unknown */
	int signal; /* INTERRUPTED */
	int adopted; /* RUNNING, ALREADY: it ran, without a supervisor */
	struct daemon_list differences; /* ALREADY: adopted as it was recorded,
	    though this was asked for; owned */
	char *last; /* DIED: the last lines it wrote to its files; owned */
};

/*
 * Start d as a daemon and wait until it is ready.  Single-threaded callers
 * only; changes the caller's signal mask for the time being.  d->name is
 * set where it was NULL and there is a pidfile.
 * locked: d's service in dirs' first place, locked by the caller, who gives
 * it away; or NULL.
 */
void daemon_start(struct daemon_outcome *o, struct daemon_definition *d,
    const struct daemon_rundirs *dirs, struct daemon_service *locked);

/* What it owns. */
void daemon_outcome_clear(struct daemon_outcome *o);

/* Become d in place (-F): returns only if that failed. */
void daemon_become(struct daemon_outcome *o, struct daemon_definition *d,
    const struct daemon_rundirs *dirs);

/*
 * Run d's check command as the command would be run, and wait for it, at
 * most a minute.  0, or -1 with f filled.
 */
int daemon_check(const struct daemon_definition *d, struct daemon_fault *f);

/* The same for another shell command. */
struct daemon_errand {
	const char *step; /* what f calls it */
	const char *command;
	int leaves; /* who has left its session lives on, our caller's child */
	int beside; /* a service's directory: who is on record beside it does,
	    anyway; -1: nobody */
	const char *name; /* of that service */
	int logs; /* its output goes where the command's does, not to ours */
};

int daemon_errand(const struct daemon_definition *d,
    const struct daemon_errand *e, struct daemon_fault *f);

/*
 * Could d be started?  Everything a start needs is had, and every step but
 * the last is done, by a child that ends there: what can be known before a
 * running one is stopped for it.  *o is RUNNING if so, else as daemon_start()
 * would tell it.
 */
void
daemon_rehearse(struct daemon_outcome *o, const struct daemon_definition *d);

#endif
