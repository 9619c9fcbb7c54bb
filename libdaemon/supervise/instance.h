/* SPDX-License-Identifier: ISC */
/*
 * One instance of the command, from the fork to what became of the exec.
 *
 * The child does all that a start does: it finds the user, reads the
 * environment files, opens the outputs and walks the plan, so that every
 * instance is made of what is there now, and the supervisor keeps nothing.
 * It shares no memory with us: stopped before its exec it would freeze us.
 */
#ifndef DAEMON_INSTANCE_H
#define DAEMON_INSTANCE_H

#include "../start/executed.h"
#include "../start/start.h"
#include "mastery.h"
#include "notified.h"

/* What a child that could not execute the command says of it. */
struct daemon_last_word {
	enum daemon_verdict verdict;
	int error;
	char step[32];
	char object[sizeof((struct daemon_fault *)0)->object];
	char reason[sizeof((struct daemon_fault *)0)->reason];
};

/* The start has failed, by f. */
void
daemon_last_word_set(struct daemon_last_word *w, const struct daemon_fault *f);

struct daemon_instance {
	pid_t pid; /* 0: there is none */
	int pidfd; /* of one that another supervisor started; -1: our child */
	int pipe; /* to its exec; -1: it has executed, or there is none */
	long before; /* pages it had touched when it began */
	uid_t uid; /* the command's */
	struct daemon_last_word word; /* step "": it has said none */
};

#define DAEMON_INSTANCE_NONE \
	((struct daemon_instance){ .pidfd = -1, .pipe = -1 })

/* What an instance is made of; all borrowed. */
struct daemon_making {
	const struct daemon_definition *d;
	/* d's, locked by us; its lock is held by the child, too, until it
	 * executes.  Both -1 where nothing is recorded. */
	const struct daemon_service *service;
	/* What the child's record says beside who it is; NULL. */
	const struct daemon_status *carry;
	const struct daemon_proc_self *self; /* ours */
	const struct daemon_identity *here; /* where we live */
	int ready; /* the end of a pipe; -1 */
	int ready_as; /* the number the command knows that by */
	const struct daemon_notified *notified; /* may be closed */
	const struct daemon_store *store; /* may be empty */
	long long watchdog_ms; /* -1: none */
	int first; /* of all */
	const int *output; /* two pipes to a keeper, or -1 */
	int spool; /* and where that has what comes from them; -1 */
	int oom; /* daemon_oom_lower()'s */
	/* Whose functions are called, and for whom; NULL: the command is
	 * executed. */
	const struct daemon_mastery *mastery;
	struct daemon_supervisor *caller;
};

/*
 * Fork one.  The caller has all signals blocked and SIGCHLD at its default.
 * -1/errno: there is no process.
 */
int
daemon_instance_spawn(struct daemon_instance *i, const struct daemon_making *m);

/* In the child: it calls a function now, and executes nothing. */
void daemon_instance_calls(int pipe);

/* Is it dead?  It stays what it is until it is buried. */
int daemon_instance_is_dead(const struct daemon_instance *i);

/* Its status as wait(2) has it, -1 if it cannot be known; there is none
 * then. */
int daemon_instance_bury(struct daemon_instance *i);

/* To it, if there is one. */
void daemon_instance_signal(const struct daemon_instance *i, int sig);

enum daemon_spawned {
	DAEMON_SPAWNED_NOT_YET, /* read again when the pipe can be read */
	DAEMON_SPAWNED_LOADING, /* ask again in a moment */
	DAEMON_SPAWNED_EXECUTED,
	DAEMON_SPAWNED_FAILED /* it is dead or dying, and never executed */
};

/* What its pipe tells; never blocks.  command: it was to be. */
enum daemon_spawned daemon_instance_read(
    struct daemon_instance *i, int proc_ours, const char *command);

/* The last word as a fault; borrowed from i. */
void
daemon_instance_fault(const struct daemon_instance *i, struct daemon_fault *f);

#endif
