/* SPDX-License-Identifier: ISC */
/*
 * start -p FILE CMD [ARG...]: the least that makes a daemon with a pidfile:
 * two forks, a session, the standard files, a directory.  No report, no
 * lock, no record, no clean surroundings.  FORK is fork or vfork; after
 * vfork all three share one memory, and the exec is over when we return.
 */
#include <sys/wait.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#ifndef FORK
#define FORK fork
#endif

extern char **environ;

/* Without stdio, which would be half of the work. */
static void
write_pid(const char *file)
{
	char text[16];
	size_t at = sizeof text;
	pid_t pid = getpid();
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	text[--at] = '\n';
	do
		text[--at] = (char)('0' + pid % 10);
	while ((pid /= 10) > 0);
	if (fd == -1 || write(fd, text + at, sizeof text - at) == -1 ||
	    ftruncate(fd, (off_t)(sizeof text - at)) == -1)
		_exit(1);
}

static void
become(const char *pidfile, char **cmd)
{
	int null;

	write_pid(pidfile);
	null = open("/dev/null", O_RDWR);
	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1 ||
	    dup2(null, 2) == -1)
		_exit(1);
	if (null > 2)
		(void)close(null);
	if (chdir("/") == -1)
		_exit(1);
	(void)execve(cmd[0], cmd, environ);
	_exit(127);
}

int
main(int argc, char **argv)
{
	pid_t child;
	int status;

	if (argc < 4 || strcmp(argv[1], "-p") != 0)
		_exit(2);
	child = FORK();
	if (child == -1)
		_exit(1);
	if (child > 0)
		_exit(waitpid(child, &status, 0) == -1 || status != 0);
	if (setsid() == -1)
		_exit(1);
	switch (FORK()) {
	case -1: _exit(1);
	case 0: become(argv[2], argv + 3);
	}
	_exit(0);
}
