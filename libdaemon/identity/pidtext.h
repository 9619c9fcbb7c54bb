/* SPDX-License-Identifier: ISC */
/* Pidfiles as a room's tools: what both <libdaemon/pidfile.h> and the
 * programs' own starts stand on. */
#ifndef DAEMON_PIDTEXT_H
#define DAEMON_PIDTEXT_H

#include <sys/types.h>

#include <stddef.h>

#include "../fault.h"

enum { DAEMON_PID_TEXT_MAX = 16 };

/*
 * Strictly a pid: up to ten digits, the first not 0, perhaps one newline,
 * nothing else, at most the kernel's largest.  -1: it is not one.  0: n is
 * 0, an empty file.  Pure.
 */
pid_t daemon_pid_parse(const char *text, size_t n);

/* "PID\n"; its length.  Async-signal-safe. */
size_t daemon_pid_text(char buf[DAEMON_PID_TEXT_MAX], pid_t pid);

/* What lies where a pidfile is to be. */
struct daemon_pidfile_found {
	int exists;
	pid_t pid; /* 0: empty */
	uid_t uid; /* its owner */
	dev_t dev;
	ino_t ino;
	long long mtime_ms; /* of the epoch */
};

/*
 * Open base in dir without following a link or waiting, and refuse what is
 * not a pidfile of root's, ours, or owner's.  path is for messages.
 * 0, or -1 with f filled and errno as in daemon_pidfile_open().
 */
int daemon_pidfile_look(struct daemon_pidfile_found *found, int dir,
    const char *base, uid_t owner, const char *path, struct daemon_fault *f);

/*
 * Publish the file fd (from daemon_pidfile_prepare()) as base, holding pid.
 * Nothing half-made is ever seen.  Async-signal-safe.
 */
int daemon_pidfile_publish(int dir, const char *base, int fd, pid_t pid);

struct daemon_pidfile;

/* The daemon is in a session made for it. */
void daemon_pidfile_set_session(struct daemon_pidfile *pf, pid_t session);

/* For the handle of a start that failed: nobody runs, and why, goes on
 * record.  Best effort: the failure itself is told elsewhere. */
void daemon_pidfile_record_failure(const struct daemon_pidfile *pf, char *step,
    char *object, char *reason, int code);

/* For such a handle, too: remove the file that pid, which is dead, has
 * written.  0: whoever is in it, once he is. */
void daemon_pidfile_take_back(const struct daemon_pidfile *pf, pid_t pid);

/* A file that has no name yet; -1 with errno.  EOPNOTSUPP: the file system
 * has none of these, publish by name instead (fd -1). */
int daemon_pidfile_prepare(int dir);

/* Take base back, if it is the file fd. */
void daemon_pidfile_withdraw(int dir, const char *base, int fd);

/* Remove base if it still holds pid.  0 also if it is gone. */
int daemon_pidfile_unlink(int dir, const char *base, pid_t pid);

/* The same for one that is also a lock, and so must stay: empty it. */
int daemon_pidfile_empty(int dir, const char *base, pid_t pid);

#endif
