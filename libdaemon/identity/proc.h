/* SPDX-License-Identifier: ISC */
/* What /proc shows of a process that we did not start. */
#ifndef DAEMON_PROC_H
#define DAEMON_PROC_H

#include <sys/types.h>

#include <limits.h>

struct daemon_proc_view {
	char exe[PATH_MAX]; /* "" if it may not be read */
	char argv[2][PATH_MAX]; /* the first two arguments, "" if none */
	uid_t uid; /* effective */
	long long started_ms; /* of the epoch */
};

/* Its arguments, each with its NUL, as far as there is room: how many bytes, and
 * a NUL behind them.  0: they may not be read, or it has none. */
size_t daemon_proc_arguments(char *buf, size_t size, pid_t pid);

/* -1/ESRCH: no such process, a zombie, or a kernel thread. */
int daemon_proc_view(struct daemon_proc_view *v, pid_t pid);

#endif
