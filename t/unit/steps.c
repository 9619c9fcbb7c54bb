/* SPDX-License-Identifier: ISC */
/*
 * steps NAME
 *
 * One step of <libdaemon/step.h> or <libdaemon/user.h>, alone, against what
 * its declaration promises.  Exits 0, or dies in the assert that failed.
 */
#undef NDEBUG

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libdaemon/step.h"
#include "libdaemon/user.h"

static int
open_at(int fd)
{
	int null = open("/dev/null", O_RDONLY);

	assert(null != -1 && dup2(null, fd) == fd);
	if (null != fd)
		assert(close(null) == 0);
	return fd;
}

static int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void *
idle(void *arg)
{
	(void)pause();
	return arg;
}

static void
start_thread(void)
{
	pthread_t t;

	assert(pthread_create(&t, NULL, idle, NULL) == 0);
}

static void
mask(void)
{
	assert(daemon_umask_set(027) == 0 && umask(0) == 027);
	errno = 0;
	assert(daemon_umask_set(01000) == -1 && errno == EINVAL);
	assert(umask(022) == 0);
}

static void
fork_flushes(void)
{
	int status;
	pid_t pid;

	(void)printf("once ");
	pid = daemon_process_fork();
	assert(pid != -1);
	if (pid == 0)
		exit(0); /* would write what was not flushed */
	assert(waitpid(pid, &status, 0) == pid && status == 0);
	(void)printf("more\n");
}

static void
fork_threads(void)
{
	assert(daemon_threads_count() == 1);
	start_thread();
	assert(daemon_threads_count() == 2);
	assert(daemon_process_fork() == -1 && errno == EBUSY);
}

static void
session(void)
{
	int status;
	pid_t pid = daemon_process_fork();

	if (pid == 0) {
		assert(daemon_session_start() == 0);
		assert(getsid(0) == getpid() && getpgrp() == getpid());
		assert(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
		assert(daemon_session_start() == -1 && errno == EPERM);
		_exit(0);
	}
	assert(waitpid(pid, &status, 0) == pid && status == 0);
}

static void
directory(void)
{
	char here[4096];

	assert(daemon_directory_change("/usr") == 0);
	assert(getcwd(here, sizeof here) && strcmp(here, "/usr") == 0);
	assert(daemon_directory_change("/nowhere") == -1 && errno == ENOENT);
	assert(getcwd(here, sizeof here) && strcmp(here, "/usr") == 0);
}

static void
descriptors(void)
{
	static const int keep[] = { 700, 5, 5, 1, -7, 600, 21, 20 };
	int fd;

	for (fd = 3; fd < 1000; fd++)
		open_at(fd);
	assert(close(600) == 0); /* keeping what is not open is no error */
	assert(
	    daemon_descriptors_close(keep, sizeof keep / sizeof keep[0]) == 0);
	for (fd = 0; fd < 1000; fd++)
		assert(is_open(fd) ==
		    (fd < 3 || fd == 5 || fd == 20 || fd == 21 || fd == 700));
	assert(daemon_descriptors_close(NULL, 0) == 0);
	assert(is_open(2) && !is_open(5) && !is_open(700));
}

static void
descriptors_limit(void)
{
	struct rlimit low = { .rlim_cur = 8, .rlim_max = 8 };

	open_at(5);
	open_at(900);
	assert(setrlimit(RLIMIT_NOFILE, &low) == 0);
	assert(daemon_descriptors_close(NULL, 0) == 0);
	assert(!is_open(5) && !is_open(900));
}

static void
descriptors_seal(void)
{
	int keep[] = { 9, 5 };
	int missing[] = { 77 };

	open_at(4);
	open_at(5);
	open_at(9);
	assert(fcntl(9, F_SETFD, FD_CLOEXEC) == 0);
	assert(daemon_descriptors_seal(keep, 2) == 0);
	assert(fcntl(4, F_GETFD) == FD_CLOEXEC);
	assert(fcntl(5, F_GETFD) == 0 && fcntl(9, F_GETFD) == 0);
	assert(fcntl(2, F_GETFD) == 0);
	assert(daemon_descriptors_seal(missing, 1) == -1 && errno == EBADF);
}

/* Which of three files a descriptor is, by its inode. */
static ino_t
inode(int fd)
{
	struct stat st;

	assert(fstat(fd, &st) == 0);
	return st.st_ino;
}

/* All 64 ways to give 0, 1, 2 or -1 to 0, 1 and 2. */
static void
stdio_permutations(void)
{
	ino_t original[3], before[3];
	int keep[3], from[3], i, n;

	for (i = 0; i < 3; i++) {
		FILE *f = tmpfile();

		assert(f != NULL);
		keep[i] = fcntl(fileno(f), F_DUPFD_CLOEXEC, 10);
		original[i] = inode(keep[i]);
	}
	for (n = 0; n < 64; n++) {
		for (i = 0; i < 3; i++) {
			assert(dup2(keep[i], i) == i);
			before[i] = original[i];
			from[i] = (n >> (2 * i) & 3) - 1;
		}
		assert(daemon_stdio_redirect(from[0], from[1], from[2]) == 0);
		for (i = 0; i < 3; i++) {
			assert(inode(i) == before[from[i] == -1 ? i : from[i]]);
			assert(fcntl(i, F_GETFD) == 0);
		}
	}
	assert(daemon_stdio_redirect(77, -1, -1) == -1 && errno == EBADF);
	assert(inode(0) != 0 && is_open(keep[0]));
}

static void
stdio_null(void)
{
	struct stat null, st;
	int fd, closed;

	assert(stat("/dev/null", &null) == 0);
	for (closed = 0; closed < 8; closed++) {
		for (fd = 0; fd < 3; fd++)
			if ((closed >> fd & 1) != 0)
				(void)close(fd);
		assert(daemon_stdio_null() == 0);
		for (fd = 0; fd < 3; fd++) {
			assert(fstat(fd, &st) == 0);
			assert(st.st_rdev == null.st_rdev);
		}
		assert(!is_open(3));
	}
}

static void
sigchld(void)
{
	int status;
	pid_t pid;

	assert(daemon_sigchld_ignore() == 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	assert(waitpid(pid, &status, 0) == -1 && errno == ECHILD);
}

static void
dispositions(void)
{
	struct sigaction sa;
	sigset_t set;
	int sig;

	for (sig = 1; sig < 32; sig++)
		(void)signal(sig, SIG_IGN);
	(void)signal(SIGRTMIN + 2, SIG_IGN);
	assert(daemon_signals_reset() == 0);
	for (sig = 1; sig <= SIGRTMAX; sig++)
		if (sigaction(sig, NULL, &sa) == 0)
			assert(sa.sa_handler == SIG_DFL);
	(void)sigfillset(&set);
	(void)sigprocmask(SIG_SETMASK, &set, NULL);
	assert(daemon_sigmask_clear() == 0);
	assert(sigprocmask(SIG_SETMASK, NULL, &set) == 0);
	for (sig = 1; sig <= SIGRTMAX; sig++)
		assert(sigismember(&set, sig) != 1);
}

static void
refused(const char *user, const char *group, int error)
{
	struct daemon_user u, was;

	(void)memset(&u, 0x5a, sizeof u);
	was = u;
	errno = 0;
	assert(daemon_user_find(&u, user, group) == -1);
	assert(errno == error);
	assert(memcmp(&u, &was, sizeof u) == 0);
}

static void
user_names(void)
{
	struct daemon_user u;

	assert(daemon_user_find(&u, "root", NULL) == 0);
	assert(u.uid == 0 && u.gid == 0 && strcmp(u.name, "root") == 0);
	daemon_user_clear(&u);
	assert(u.groups == NULL && u.name == NULL);
	daemon_user_clear(&u);
	assert(daemon_user_find(&u, "0", "4242") == 0);
	assert(u.uid == 0 && u.gid == 4242);
	daemon_user_clear(&u);
	assert(daemon_user_find(&u, "54321", "54321") == 0);
	assert(u.uid == 54321 && u.name == NULL && u.ngroups == 1);
	daemon_user_clear(&u);
	assert(daemon_user_find(&u, NULL, NULL) == 0);
	assert(u.uid == getuid() && u.gid == getgid());
	daemon_user_clear(&u);
	refused("54321", NULL, ESRCH); /* no primary group to be had */
	refused("nosuchuser", NULL, ENOENT);
	refused("root", "nosuchgroup", ESRCH);
	refused("0day", NULL, ENOENT);
	refused("0x0", NULL, ENOENT);
	refused("-1", NULL, ENOENT);
	refused("+1", NULL, ENOENT);
	refused(" 0", NULL, ENOENT);
	refused("", NULL, EINVAL);
	refused("root", "", EINVAL);
	refused("4294967295", NULL, EINVAL);
	refused("99999999999999999999", NULL, EINVAL);
	refused("root", "4294967295", EINVAL);
}

/* The ids of /proc, all four of each: the kernel's word. */
static void
proc_ids(const char *key, unsigned id)
{
	char line[512], want[64];
	FILE *f = fopen("/proc/self/status", "r");

	assert(f != NULL);
	(void)snprintf(
	    want, sizeof want, "%s:\t%u\t%u\t%u\t%u\n", key, id, id, id, id);
	while (fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			break;
	assert(strcmp(line, want) == 0);
	(void)fclose(f);
}

static void
user_drop(void)
{
	static const gid_t extra[] = { 0, 4, 27 };
	struct daemon_user u;
	gid_t now[8];

	assert(geteuid() == 0);
	assert(setgroups(3, extra) == 0);
	assert(daemon_user_find(&u, "54321", "54322") == 0);
	assert(daemon_user_drop(&u) == 0);
	proc_ids("Uid", 54321);
	proc_ids("Gid", 54322);
	assert(getgroups(8, now) == 1 && now[0] == 54322);
	assert(setuid(0) == -1 && seteuid(0) == -1 && setgid(0) == -1);
	assert(setgroups(3, extra) == -1);
	assert(daemon_user_drop(&u) == 0); /* already: nothing to do */
	daemon_user_clear(&u);
	assert(daemon_user_find(&u, "0", NULL) == 0);
	assert(daemon_user_drop(&u) == -1 && errno == EPERM);
	daemon_user_clear(&u);
}

static const struct {
	const char *name;
	void (*check)(void);
} all[] = {
	{ "umask", mask },
	{ "fork", fork_flushes },
	{ "threads", fork_threads },
	{ "session", session },
	{ "directory", directory },
	{ "close", descriptors },
	{ "limit", descriptors_limit },
	{ "seal", descriptors_seal },
	{ "redirect", stdio_permutations },
	{ "null", stdio_null },
	{ "sigchld", sigchld },
	{ "signals", dispositions },
	{ "find", user_names },
	{ "drop", user_drop },
};

int
main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < sizeof all / sizeof all[0]; i++)
		if (argc == 2 && strcmp(argv[1], all[i].name) == 0) {
			all[i].check();
			return 0;
		}
	return 79;
}
