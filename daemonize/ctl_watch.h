/* SPDX-License-Identifier: ISC */
/*
 * Waiting until something of some services may have changed: their files,
 * which are replaced by rename, and their processes.
 */
#ifndef CTL_WATCH_H
#define CTL_WATCH_H

#include <poll.h>
#include <stddef.h>

struct watch {
	int fd; /* of inotify; -1: we look now and then instead */
	struct pollfd *also; /* what the next wait is for */
	size_t n, room;
};

void watch_open(struct watch *w);
void watch_close(struct watch *w);

/* From now on: what is made in the directory, appended, replaced, removed. */
void watch_directory(struct watch *w, int dir);

/* Before each wait; and then what else it is for, which stays the caller's. */
void watch_begin(struct watch *w);
void watch_also(struct watch *w, int fd, short events);

/* Until something has happened, or timeout_ms have passed (-1: no limit), or
 * a signal came; it may be nothing of interest. */
void watch_wait(struct watch *w, long long timeout_ms);

/* For who prints what happens: write that out, and wait.  0: nobody reads it
 * any more. */
int watch_for_reader(struct watch *w, long long timeout_ms);

/* After a wait: did that one happen? */
int watch_happened(const struct watch *w, int fd);

#endif
