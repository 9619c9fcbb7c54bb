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

/* -1/ESRCH: no such process, a zombie, or a kernel thread. */
int daemon_proc_view(struct daemon_proc_view *v, pid_t pid);

#endif
