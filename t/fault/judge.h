/* SPDX-License-Identifier: ISC */
/*
 * The oracle.  Pure: from what was seen after a command to what is wrong with
 * it.  No file is read here and no process asked.
 */
#ifndef FAULT_JUDGE_H
#define FAULT_JUDGE_H

#include <sys/types.h>

#include <stdbool.h>

#include "condition.h"
#include "scenario.h"
#include "spec.h"

enum class {
	CLASS_NO_DAEMON,
	CLASS_DAEMON_LEFT,
	CLASS_PIDFILE_LEFT,
	CLASS_SILENT,
	CLASS_COPIES,
	CLASS_HANG,
	CLASS_LEFT_OVER,
	CLASS_REFUSED,
	CLASS_NOT_STOPPED,
	CLASS_NOT_AS_ASKED,
	CLASS_WRONG,
	CLASSES
};

/* A word for the table's head, and the sentence. */
extern const struct class_name {
	const char *word, *sentence;
} class_names[CLASSES];

struct seen {
	bool hung;
	int status; /* as from waitpid() */
	unsigned daemons, others;
	pid_t pid; /* what the pidfile should say */
	bool pidfile; /* there is one */
	char pidtext[32]; /* and this is in it */
	char said[2048]; /* on stderr */
	char stray[128]; /* a file that should not be there */
	char condition[CONDITION_MAX];
	bool struck_stdout, struck_stderr, struck_daemon;
};

struct verdict {
	unsigned classes; /* 1u << class */
	char why[256]; /* of the first */
};

/* Adds one violation; the first one's reason is kept. */
void verdict_add(struct verdict *v, enum class c, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

/* A start under fault F (NULL: none).  BASE: a clean daemon's condition. */
void judge_start(const struct scenario *sc, const struct fault *f,
    const char *base, const struct seen *s, struct verdict *v);

/* A clean start after it; DAEMONS were running before. */
void judge_again(const struct scenario *sc, unsigned daemons,
    const struct seen *s, struct verdict *v);

/* A stop under fault F. */
void judge_stop(const struct scenario *sc, const struct fault *f,
    const struct seen *s, struct verdict *v);

/* A clean stop at the end, of DAEMONS running: nothing is left. */
void judge_end(const struct scenario *sc, unsigned daemons,
    const struct seen *s, struct verdict *v);

/* A restart under fault F, of the daemon OLD. */
void judge_restart(const struct scenario *sc, const struct fault *f,
    const char *base, pid_t old, const struct seen *s, struct verdict *v);

/* A status, of DAEMONS running, under fault F. */
void judge_status(const struct scenario *sc, const struct fault *f,
    unsigned daemons, const struct seen *s, struct verdict *v);

#endif
