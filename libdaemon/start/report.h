/* SPDX-License-Identifier: ISC */
/* What the daemon's process tells its launcher, through a pipe. */
#ifndef DAEMON_REPORT_H
#define DAEMON_REPORT_H

#include <sys/types.h>

enum daemon_report_kind {
	DAEMON_REPORT_BEGUN, /* the daemon's process exists: pid */
	DAEMON_REPORT_TORN, /* never sent: it was killed during the exec */
	DAEMON_REPORT_FAILED /* action, error, detail */
};

/* What travels the pipe, in pieces no larger than PIPE_BUF. */
struct daemon_report {
	enum daemon_report_kind kind;
	pid_t pid;
	int action; /* index into the plan */
	int error;
	int detail;
	long faults; /* BEGUN: pages it had touched by then */
};

/* Tell it, or exit: who cannot report does not go on.  Async-signal-safe. */
void daemon_report_send(int fd, const struct daemon_report *r);

/* One whole report: 1; 0 at the end; -1 if it cannot be read, with errno 0
 * for half of one. */
int daemon_report_receive(int fd, struct daemon_report *r);

#endif
