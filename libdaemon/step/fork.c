/* SPDX-License-Identifier: ISC */
/*
 * A fork that loses no buffered text, doubles none, and leaves no other
 * thread's lock held for ever.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "../step.h"

pid_t
daemon_process_fork(void)
{
	if (daemon_threads_count() > 1) {
		errno = EBUSY;
		return -1;
	}
	(void)fflush(NULL);
	return fork();
}
