/* SPDX-License-Identifier: ISC */
/*
 * What will be done between the fork and the command, in order, as data:
 * --dry-run prints it, tests compare it, the daemon's process walks it.
 */
#ifndef DAEMON_PLAN_H
#define DAEMON_PLAN_H

#include <sys/resource.h>

#include <stddef.h>

#include "../fault.h"
#include "../identity/record.h"

enum daemon_step {
	DAEMON_STEP_FORK,
	DAEMON_STEP_SESSION,
	DAEMON_STEP_FORK_AGAIN,
	DAEMON_STEP_PIDFILE,
	DAEMON_STEP_LOCK_PID, /* -p X -l X: the pid into the locked file */
	DAEMON_STEP_NAME_PID,
	DAEMON_STEP_RECORD,
	DAEMON_STEP_UMASK,
	DAEMON_STEP_NICE,
	DAEMON_STEP_AFFINITY, /* of a worker: one processor */
	DAEMON_STEP_LIMIT,
	DAEMON_STEP_ROOT,
	DAEMON_STEP_USER,
	DAEMON_STEP_GROUP, /* -g alone */
	DAEMON_STEP_CWD,
	DAEMON_STEP_STDIO,
	DAEMON_STEP_DESCRIPTORS,
	DAEMON_STEP_FIND, /* look whether it could be executed */
	DAEMON_STEP_TRUNCATE,
	DAEMON_STEP_SIGNALS,
	DAEMON_STEP_SIGCHLD,
	DAEMON_STEP_TIED, /* to die when the launcher does */
	DAEMON_STEP_EXEC
};

enum daemon_plan_mode {
	DAEMON_PLAN_DETACH, /* a daemon */
	DAEMON_PLAN_FOREGROUND, /* -F: in place, with our terminal */
	DAEMON_PLAN_INSTANCE, /* a supervisor's child */
	DAEMON_PLAN_CHECK, /* --check: a child of ours, its output ours */
	DAEMON_PLAN_REHEARSAL /* nothing is left, nothing executed */
};

struct daemon_action {
	enum daemon_step step;
	const char *object; /* borrowed from the definition; "" */
	long long number; /* umask, nice */
	int resource; /* limit */
	struct rlimit limit;
};

enum { DAEMON_PLAN_MAX = 64 };

struct daemon_plan {
	struct daemon_action action[DAEMON_PLAN_MAX];
	size_t n;
};

/*
 * Pure.  d must outlive the plan.  -1/E2BIG if a limit is given too often,
 * or daemon_limit_parse()'s errno if one is not understood.
 */
int daemon_plan_make(struct daemon_plan *p, const struct daemon_definition *d,
    enum daemon_plan_mode mode);

/* The word for a step in messages and in --dry-run. */
const char *daemon_step_word(enum daemon_step s);

/* One line for an action: "umask 022". */
int daemon_action_text(char *buf, size_t size, const struct daemon_action *a);

#endif
