/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "cgroup.h"
#include "process.h"

/* clone3(2)'s, as of Linux 5.7: <linux/sched.h> is not everywhere. */
struct arguments {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

#define INTO_CGROUP UINT64_C(0x200000000)

/*
 * The kernel counts how often a group was killed as a whole (cgroup.kill), and
 * kills who is born where that is not what it is where his parent lives.
 */
static int
died_at_birth(pid_t pid)
{
	siginfo_t si = { 0 };

	if (!daemon_process_is_dying(pid))
		return 0;
	while (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT) == -1 &&
	    errno == EINTR)
		continue;
	if (si.si_code != CLD_KILLED || si.si_status != SIGKILL)
		return 0;
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
	return 1;
}

/* Nobody has killed a new one.  0: somebody lives there. */
static int
renew(const char *path)
{
	daemon_cgroup_remove(path);
	return mkdir(path, 0755) == 0;
}

/* Deserted, and who is born there runs. */
static int
is_usable(int group)
{
	return daemon_cgroup_tells(
	    openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC),
	    "populated 0\nfrozen 0");
}

/*
 * Who moves there later waits until every processor has seen it, some 10 ms.
 * The C library does not learn of this child: raise(3) in it may be its
 * parent's.  Sanitizers would have to.
 */
static pid_t
clone_into(int group)
{
#ifdef DAEMON_PLAIN_FORK
	(void)group;
	return -1;
#else
	struct arguments a = { .flags = INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)group };

	return (pid_t)syscall(SYS_clone3, &a, sizeof a);
#endif
}

static pid_t
fork_into(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pid_t pid = -1;

	if (fd == -1)
		return -1;
	if (is_usable(fd))
		pid = clone_into(fd);
	(void)close(fd);
	return pid > 0 && died_at_birth(pid) ? -1 : pid;
}

pid_t
daemon_cgroup_fork(const char *path, int proc_ours)
{
	pid_t pid = -1;

	if (path != NULL && proc_ours) {
		pid = fork_into(path);
		if (pid == -1 && renew(path))
			pid = fork_into(path);
	}
	if (pid != -1)
		return pid;
	pid = fork();
	if (pid == 0 && path != NULL)
		(void)daemon_cgroup_enter(path);
	return pid;
}
