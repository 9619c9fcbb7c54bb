/* SPDX-License-Identifier: ISC */
/*
 * Waiting for a child no longer than is good, and ending what it left.
 */
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/census.h"
#include "children.h"

enum { ROUNDS_MAX = 100, S_IN_MS = 1000, NS_IN_MS = 1000000 };

/* Whatever /proc says: the kernel knows whose children are ours, and theirs
 * are their numbers until we reap them. */
static int
is_child(pid_t pid)
{
	siginfo_t si;

	return waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* One pass over our children: how many there were. */
static int
end_some(pid_t session, const struct daemon_held *h,
    const struct daemon_census *others)
{
	const struct dirent *e;
	DIR *dir = opendir("/proc");
	int found = 0;
	pid_t pid;

	if (dir == NULL)
		return 0;
	while ((e = readdir(dir)) != NULL) {
		pid = (pid_t)atoi(e->d_name);
		if (pid <= 0 || !is_child(pid) ||
		    (!h->childless && getsid(pid) != session) ||
		    daemon_census_has(others, pid))
			continue;
		(void)kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			continue;
		found++;
	}
	(void)closedir(dir);
	return found;
}

void
daemon_children_end(
    pid_t session, const struct daemon_held *h, int dir, const char *name)
{
	struct daemon_census others = { .known = NULL };
	int rounds;

	if (dir != -1 && name != NULL)
		daemon_census_take(&others, dir, name);
	for (rounds = 0; rounds < ROUNDS_MAX; rounds++)
		if (end_some(session, h, &others) == 0)
			break;
	daemon_census_clear(&others);
}

/* What cannot be waited for is no longer there to be. */
static int
has_ended(pid_t pid)
{
	siginfo_t si;
	int r;

	do {
		si.si_pid = 0;
		r = waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT);
	} while (r == -1 && errno == EINTR);
	return r == -1 || si.si_pid == pid;
}

int
daemon_child_wait(pid_t pid, int seconds, const struct daemon_held *h)
{
	long long left, end = daemon_clock_steady() + seconds * S_IN_MS;
	struct timespec t;
	sigset_t set = h->undoing;
	int sig;

	(void)sigaddset(&set, SIGCHLD);
	while (!has_ended(pid)) {
		left = end - daemon_clock_steady();
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		t.tv_sec = (time_t)(left / S_IN_MS);
		t.tv_nsec = (long)(left % S_IN_MS * NS_IN_MS);
		sig = sigtimedwait(&set, NULL, &t);
		if (sig <= 0 || sig == SIGCHLD)
			continue;
		(void)raise(sig);
		errno = EINTR;
		return -1;
	}
	return 0;
}
