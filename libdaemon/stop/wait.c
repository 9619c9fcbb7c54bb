/* SPDX-License-Identifier: ISC */
/*
 * The one place where a stop blocks: on the pidfds of all targets, until
 * the last is dead or the deadline has come.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "../clock.h"
#include "tree.h"

enum { NS_IN_S = 1000000000, PAUSE_NS = 10000000 };

/* The pidfds of the targets that are not dead; one without a descriptor
 * has its turn when others have gone. */
static nfds_t
watch(struct daemon_tree *t, enum daemon_stop_round round, struct pollfd *p)
{
	nfds_t n = 0;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (daemon_tree_is_target(t, i, round) &&
		    !daemon_member_check(&t->member[i]) &&
		    t->member[i].pidfd != -1)
			p[n++] = (struct pollfd){ .fd = t->member[i].pidfd,
				.events = POLLIN };
	return n;
}

/* 0: the deadline has come; 1: look again.  Where there is no memory to sleep
 * on the descriptors, a look now and then must do. */
static int
block(struct pollfd *p, nfds_t n, long long deadline)
{
	struct timespec ts, *timeout = NULL, pause = { .tv_nsec = PAUSE_NS };
	long long left = -1;
	int r;

	if (deadline != -1) {
		left = deadline - daemon_clock_steady_ns();
		if (left < 0)
			left = 0;
		ts.tv_sec = (time_t)(left / NS_IN_S);
		ts.tv_nsec = (long)(left % NS_IN_S);
		timeout = &ts;
	}
	r = ppoll(p, n, timeout, NULL);
	if (r != -1)
		return r;
	if (left == 0)
		return 0;
	if (errno != EINTR)
		(void)nanosleep(&pause, NULL);
	return 1;
}

int
daemon_tree_wait(struct daemon_tree *t, enum daemon_stop_round round,
    long long deadline, enum daemon_stop_event *e)
{
	struct pollfd *p = calloc(t->n, sizeof *p);
	int r = 1;
	nfds_t n;

	if (p == NULL)
		return -1;
	*e = DAEMON_STOP_NONE;
	while ((n = watch(t, round, p)) != 0 && r > 0)
		r = block(p, n, deadline);
	if (n != 0)
		*e = DAEMON_STOP_LATE;
	free(p);
	return 0;
}
