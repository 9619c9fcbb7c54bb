/* SPDX-License-Identifier: ISC */
/* How somebody else's child ended. */
#ifndef DAEMON_ENDED_H
#define DAEMON_ENDED_H

#include <sys/types.h>

/*
 * Of pid, which pidfd holds, and which has ended: its status as wait(2) has
 * it, where the kernel tells it to those who are not its parent: to its owner
 * and root while it is a zombie, to everybody once it is reaped
 * (PIDFD_GET_INFO, Linux 6.15), for which reap_ms are waited at most.
 * -1: not known.
 */
int daemon_ended_status(pid_t pid, int pidfd, int reap_ms);

#endif
