/* SPDX-License-Identifier: ISC */
/*
 * The seam to pidfds, by system call: the C library's wrappers are younger
 * than the kernels we run on.
 */
#include <sys/syscall.h>

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <unistd.h>

#include "process.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

int
daemon_pidfd_open(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

int
daemon_pidfd_send(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

int
daemon_pidfd_wait(int pidfd, int timeout_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	int r;

	/* A wait with an end is the caller's to take up again. */
	do
		r = poll(&p, 1, timeout_ms);
	while (r == -1 && errno == EINTR && timeout_ms <= 0);
	return r;
}

int
daemon_pidfd_lives(pid_t pid)
{
	int fd = daemon_pidfd_open(pid), lives;

	if (fd == -1)
		return 0;
	lives = daemon_pidfd_wait(fd, 0) == 0;
	(void)close(fd);
	return lives;
}
