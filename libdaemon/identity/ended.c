/* SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "ended.h"
#include "process.h"

/* linux/pidfd.h is younger than the headers we are built with. */
struct info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ids[8];
	int32_t exit_code;
	uint32_t room[16];
};

enum { INFO_EXIT = 1 << 3, INFO_SIZE = 64 };

#define INFO_REQUEST _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, INFO_SIZE)

/* Who may not is told so, before he is told that a zombie executes nothing. */
static int
may_look_at(pid_t pid)
{
	char path[40], exe[1];

	(void)snprintf(path, sizeof path, "/proc/%ld/exe", (long)pid);
	return readlink(path, exe, sizeof exe) != -1 || errno == ENOENT;
}

/* Who may not look at it reads a status of 0 whatever it is. */
static int
status_of_zombie(pid_t pid)
{
	struct daemon_process_stat st;

	if (daemon_process_stat(pid, &st) == -1 || st.state != 'Z' ||
	    (st.exit_code == 0 && !may_look_at(pid)))
		return -1;
	return st.exit_code;
}

static int
status_of_reaped(int pidfd)
{
	struct info in = { .mask = INFO_EXIT };

	/* The C libraries disagree about the type of a request. */
	if (syscall(SYS_ioctl, pidfd, INFO_REQUEST, &in) == -1 ||
	    (in.mask & INFO_EXIT) == 0)
		return -1;
	return in.exit_code;
}

/* Between our look at the zombie and at the reaped it may be reaped: look at
 * the latter last. */
int
daemon_ended_status(pid_t pid, int pidfd, int reap_ms)
{
	struct pollfd reaped = { .fd = pidfd };
	int status = status_of_zombie(pid);

	if (status == -1)
		(void)poll(&reaped, 1, reap_ms); /* it hangs up then */
	return status != -1 ? status : status_of_reaped(pidfd);
}
