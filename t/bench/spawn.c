/* SPDX-License-Identifier: ISC */
/*
 * Starting, waiting, ending.  SIGCHLD is blocked and waited for, so one that
 * comes between the look and the wait is not lost.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "record.h"
#include "spawn.h"

static int null_fd = -1;
static sigset_t chld, none;

void
spawn_init(void)
{
	(void)sigemptyset(&none);
	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &chld, NULL);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd == -1 || prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		err(1, "spawn");
}

pid_t
spawn(char *const *argv)
{
	pid_t pid = vfork();

	if (pid != 0)
		return pid;
	(void)dup2(null_fd, 0);
	(void)dup2(null_fd, 1);
	(void)dup2(null_fd, 2);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv(argv[0], argv);
	_exit(127);
}

/* Waits for the next SIGCHLD; false when UNTIL has passed. */
static int
wait_event(uint64_t until)
{
	uint64_t now = clock_ns(), left = until > now ? until - now : 0;
	struct timespec t = { (time_t)(left / 1000000000u),
		(long)(left % 1000000000u) };

	return sigtimedwait(&chld, NULL, &t) != -1 || errno == EINTR;
}

static uint64_t
from_now(int ms)
{
	return clock_ns() + (uint64_t)ms * 1000000u;
}

int
spawn_wait(pid_t pid, int ms, uint64_t *at)
{
	uint64_t until = from_now(ms);
	int status, found = -1;
	pid_t got;

	do {
		while ((got = waitpid(-1, &status, WNOHANG)) > 0)
			if (got == pid)
				found = status;
		if (found != -1)
			*at = clock_ns();
	} while (found == -1 && got == 0 && wait_event(until));
	return found;
}

void
spawn_settle(int ms)
{
	uint64_t until = from_now(ms);
	pid_t got;

	do {
		while ((got = waitpid(-1, NULL, WNOHANG)) > 0)
			continue;
	} while (got == 0 && wait_event(until));
	if (got == 0)
		spawn_end_all();
}

/* Only children: those of a child become ours with its death. */
static void
kill_children(void)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid;

	if (f == NULL)
		err(1, "/proc/thread-self/children");
	while (fscanf(f, "%d", &pid) == 1)
		(void)kill(pid, SIGKILL);
	(void)fclose(f);
}

void
spawn_end_all(void)
{
	pid_t got;

	/* Whom the dead leave to us is killed before it is waited for. */
	do {
		kill_children();
		got = waitpid(-1, NULL, 0);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
	} while (got > 0);
}

static double
ms_of(const struct timeval *t)
{
	return (double)t->tv_sec * 1e3 + (double)t->tv_usec / 1e3;
}

double
spawn_cpu_ms(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_CHILDREN, &u);
	return ms_of(&u.ru_utime) + ms_of(&u.ru_stime);
}
