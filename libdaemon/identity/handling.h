/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_HANDLING_H
#define DAEMON_HANDLING_H

#include <sys/types.h>

enum daemon_handling {
	DAEMON_HANDLING_DIES,
	DAEMON_HANDLING_IGNORES,
	DAEMON_HANDLING_CATCHES,
	DAEMON_HANDLING_UNKNOWN
};

/* What pid does on that signal, whose default is to end it: by proc(5). */
enum daemon_handling daemon_handling_of(pid_t pid, int sig);

#endif
