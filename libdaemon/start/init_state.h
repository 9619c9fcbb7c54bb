/* SPDX-License-Identifier: ISC */
/*
 * The daemon's end of daemon_init(): what daemon_ready() and daemon_failed()
 * need to find again, and how it is told to the process that waits.  The
 * library's only mutable data.
 */
#ifndef DAEMON_INIT_STATE_H
#define DAEMON_INIT_STATE_H

#include <sys/types.h>

#include <limits.h>

#include "../pidfile.h"

enum daemon_init_word {
	DAEMON_INIT_BEGUN, /* the daemon's process exists: pid */
	DAEMON_INIT_READY,
	DAEMON_INIT_FAILED /* status, text */
};

/* One message on the report socket, which keeps their bounds. */
struct daemon_init_report {
	enum daemon_init_word word;
	pid_t pid;
	int status;
	/* Of a failed step "STEP: OBJECT: REASON": the lengths of the first
	 * two, the second 0 where there is none; otherwise both are 0. */
	unsigned step, object;
	char text[PIPE_BUF / 2];
};

/* A descriptor, and what it was: a program that closes everything may have
 * opened something else under its number. */
struct daemon_init_fd {
	int fd; /* -1: none */
	dev_t dev;
	ino_t ino;
};

struct daemon_init_state {
	pid_t pid; /* where daemon_init() returned; 0: it did not yet */
	int detached;
	int said; /* the verdict was given; atomic */
	struct daemon_init_fd report; /* to whoever waits */
	struct daemon_init_fd err; /* what stderr becomes when ready */
	char *name; /* for messages; NULL: the program's own */
	char *pidfile; /* absolute; NULL; removed at exit */
};

extern struct daemon_init_state daemon_init_state;

/* Remember fd, which may be -1: 0, or -1/errno. */
int daemon_init_fd_set(struct daemon_init_fd *f, int fd);

/* It, if it is still the same.  -1: EBADF, there is none any more; others:
 * that cannot be told. */
int daemon_init_fd_get(const struct daemon_init_fd *f);

/* Close it, if it is still the same, and forget it. */
void daemon_init_fd_close(struct daemon_init_fd *f);

/* Nobody initialised us, or it was this process and not its parent. */
int daemon_init_is_ours(void);

/* Send a report on fd; 0, or -1/errno if nobody waits (any more). */
int daemon_init_send(int fd, const struct daemon_init_report *r);

/* The program's name as the C library knows it. */
const char *daemon_init_program(void);

/* "NAME: TEXT" on stderr, one line, one write, nothing in it that could
 * steer a terminal. */
void daemon_init_print(const char *name, const char *text);

/* "STEP: OBJECT: REASON" into r; object may be NULL. */
void daemon_init_fault(struct daemon_init_report *r, const char *step,
    const char *object, const char *reason);

/* Put what r says on record, if there is one; pf may be NULL. */
void daemon_init_record(
    const struct daemon_pidfile *pf, const struct daemon_init_report *r);

/* Remove the pidfile path if it still holds pid. */
void daemon_init_unlink(const char *path, pid_t pid);

#endif
