/* SPDX-License-Identifier: ISC */
/*
 * wait: until a daemon ends, with its status where the kernel tells it to
 * those who are not its parent (PIDFD_GET_INFO, Linux 6.15).
 */
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/signame.h"
#include "ctl.h"
#include "messages.h"

/* linux/pidfd.h is younger than the headers we are built with. */
struct info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ids[8];
	int32_t exit_code;
	uint32_t room[16];
};

enum { INFO_EXIT = 1 << 3, INFO_SIZE = 64, REAP_MS = 1000 };

#define INFO_REQUEST _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, INFO_SIZE)

/* Of a zombie its owner and root may read it. */
static int
status_of_zombie(pid_t pid)
{
	struct daemon_process_stat st;
	struct stat owner;
	char path[40];

	(void)snprintf(path, sizeof path, "/proc/%ld", (long)pid);
	if (stat(path, &owner) == -1 || daemon_process_stat(pid, &st) == -1 ||
	    st.state != 'Z' || (geteuid() != 0 && geteuid() != owner.st_uid))
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

/* The status as wait(2) has it, or -1.  Between our look at the zombie and
 * at the reaped it may be reaped: look at the latter last. */
static int
status_of(const struct target *t)
{
	struct pollfd reaped = { .fd = t->pidfd };
	int status = status_of_zombie(t->st.id.pid);

	if (status == -1)
		(void)poll(&reaped, 1, REAP_MS); /* it hangs up then */
	return status != -1 ? status : status_of_reaped(t->pidfd);
}

static int
ended(const struct ctl *c, const struct target *t, int status)
{
	if (status == -1) {
		if (!c->quiet)
			message("wait: %s: ended; its status is not known",
			    t->shown);
		return CTL_DONE;
	}
	if (WIFSIGNALED(status)) {
		if (!c->quiet)
			message("wait: %s: killed by signal %s", t->shown,
			    daemon_signal_name(WTERMSIG(status)));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

/* As wait(2) would, until it ends or the time is over. */
static int
wait_until(int pidfd, long long end_ms)
{
	long long left = -1;
	int r;

	do {
		if (end_ms != -1) {
			left = end_ms - daemon_clock_steady();
			if (left < 0)
				left = 0;
		}
		r = daemon_pidfd_wait(
		    pidfd, left > INT_MAX ? INT_MAX : (int)left);
	} while ((r == -1 && errno == EINTR) || (r == 0 && left > INT_MAX));
	return r;
}

int
verb_wait(const struct ctl *c, struct target *t)
{
	int r;

	if (t->proof == DAEMON_PROOF_DEAD) {
		message("wait: %s: not running", t->shown);
		return CTL_NOT_RUNNING;
	}
	if (t->pidfd == -1) {
		message("wait: %s: runs where it cannot be watched", t->shown);
		return CTL_DENIED;
	}
	r = wait_until(t->pidfd, c->end_ms);
	if (r == 1)
		return ended(c, t, status_of(t));
	message("wait: %s: %s", t->shown,
	    r == 0 ? "still running" : strerror(errno));
	return CTL_FAILED;
}

/* All are held before the first is waited for: one that ends meanwhile still
 * tells how, and the time runs once. */
int
wait_all(const struct ctl *c, const struct daemon_list *names)
{
	struct target *t = calloc(names->n + 1, sizeof *t);
	int *found = calloc(names->n + 1, sizeof *found);
	int worst = CTL_DONE, r;
	size_t i;

	if (t == NULL || found == NULL) {
		message("wait: %s", strerror(errno));
		exit(CTL_FAILED);
	}
	for (i = 0; i < names->n; i++)
		found[i] = target_by_name(&t[i], c, names->v[i]);
	for (i = 0; i < names->n; i++) {
		r = found[i] == CTL_DONE ? verb_wait(c, &t[i]) : found[i];
		if (r > worst)
			worst = r;
		target_close(&t[i]);
	}
	free(found);
	free(t);
	return worst;
}
