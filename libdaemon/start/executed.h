/* SPDX-License-Identifier: ISC */
/* Has a child of ours executed its command? */
#ifndef DAEMON_EXECUTED_H
#define DAEMON_EXECUTED_H

#include <sys/types.h>

enum daemon_progress {
	DAEMON_PROGRESS_NONE, /* it has not begun to */
	DAEMON_PROGRESS_LOADING, /* the old program is gone: ask again */
	DAEMON_PROGRESS_TORN, /* killed by the kernel while it was loaded */
	DAEMON_PROGRESS_DONE
};

/*
 * Of pid, our child, alive or a zombie, whose report pipe is at its end.
 * proc_ours: /proc has our numbers.  before: pages it had touched when it
 * began.  Never blocks.
 */
enum daemon_progress daemon_executed(pid_t pid, int proc_ours, long before);

#endif
