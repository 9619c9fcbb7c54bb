/* SPDX-License-Identifier: ISC */
/*
 * A control group of version 2 for one service: whoever is born in it stays
 * in it, and all in it can be ended at once.  Linux 5.14; where there is
 * none, or none may be made, the tree is found by descent.
 */
#ifndef DAEMON_CGROUP_H
#define DAEMON_CGROUP_H

#include <sys/types.h>

/* Make "daemonize-MARK" below the one we are in: its path, owned by the
 * caller; NULL: there can be none. */
char *daemon_cgroup_make(const char *mark);

/* It is gone for good, and what is below it, if that is empty. */
void daemon_cgroup_remove(const char *path);

/* One of a group's files, open; -1/errno. */
int daemon_cgroup_file(const char *path, const char *file, int flags);

/* Does its cgroup.events, open as that, which is closed, say so?  0 if -1. */
int daemon_cgroup_tells(int events, const char *what);

/* Where a hierarchy is mounted: its type, and an option of it, or NULL.  Owned
 * by the caller; NULL: nowhere. */
char *daemon_cgroup_mount(const char *type, const char *option);

/* The path of the one we are in, of version 2, or of that controller's, version
 * 1; owned by the caller; NULL: none is known. */
char *daemon_cgroup_here(const char *controller);

/* Leave those of another service, on record beside that of dir, which we may be
 * in because we were started from within it: we are none of its.  Where we may
 * not, we stay. */
void daemon_cgroup_emigrate(int dir);

/* Both of a service's: its own, and that of its memory; either may be NULL. */
void daemon_cgroup_remove_both(const char *own, const char *memory);

/* The calling process, of one thread, belongs to it from now on.  -1/errno. */
int daemon_cgroup_enter(const char *path);

/* fork(2), of a child that belongs to it from its beginning, for which it is
 * made anew if it has to be and nobody lives there; or, where that cannot be,
 * as soon as it can; where it may not, or path is NULL, to ours.  For processes of one thread.
 * proc_ours: /proc has our numbers. */
pid_t daemon_cgroup_fork(const char *path, int proc_ours);

/* Is pid in it, or below it?  0 also if it cannot be read. */
int daemon_cgroup_has(const char *path, pid_t pid);

/* Call each(arg, pid) for all in it, and below it, while that returns 0: what
 * it returned last. */
int daemon_cgroup_visit(
    const char *path, int (*each)(void *arg, pid_t pid), void *arg);

/* Is there such a group? */
int daemon_cgroup_is_there(const char *path);

/* Does something live in it?  0 also if it is not there any more. */
int daemon_cgroup_lives(const char *path);

/* SIGKILL to all in it at once; unless we are among them.  -1/errno. */
int daemon_cgroup_kill(const char *path);

/* Nobody in it runs until it is thawed.  -1/errno. */
int daemon_cgroup_freeze(const char *path, int on);

#endif
