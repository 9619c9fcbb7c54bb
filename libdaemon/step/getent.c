/* SPDX-License-Identifier: ISC */
/*
 * A static C library has no name service switch.  Names that only LDAP or
 * sssd know are asked of the system's own program; what it cannot tell is
 * refused, never guessed.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "getent.h"

#define GETENT "/usr/bin/getent"

static _Noreturn void
ask(int out, const char *database, const char *key)
{
	char *const none[] = { NULL };

	if (out == STDOUT_FILENO) /* the caller's was closed */
		(void)fcntl(out, F_SETFD, 0);
	else
		(void)dup2(out, STDOUT_FILENO);
	(void)execle(GETENT, "getent", database, key, (char *)NULL, none);
	_exit(errno == ENOENT ? 127 : 126);
}

static size_t
take(int fd, char *line, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len + 1 < size) {
		n = read(fd, line + len, size - 1 - len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	line[len] = '\0';
	len = strcspn(line, "\n");
	line[len] = '\0';
	return len;
}

/* The answer's length, with the status waitpid(2) gives; -1. */
static int
run(const char *database, const char *key, char *line, size_t size, int *status)
{
	int ends[2], n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	pid = fork();
	if (pid == 0)
		ask(ends[1], database, key);
	(void)close(ends[1]);
	if (pid == -1) {
		(void)close(ends[0]);
		return -1;
	}
	n = (int)take(ends[0], line, size);
	(void)close(ends[0]);
	while (waitpid(pid, status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return n;
}

int
daemon_getent(const char *database, const char *key, char *line, size_t size)
{
	struct sigaction old, dfl = { .sa_handler = SIG_DFL };
	int status, n, saved;

	if (key[0] == '-') /* an option to getent, and no name */
		return 0;
	/* The status of a child is lost to whoever ignores SIGCHLD. */
	if (sigaction(SIGCHLD, &dfl, &old) == -1)
		return -1;
	n = run(database, key, line, size, &status);
	saved = errno;
	(void)sigaction(SIGCHLD, &old, NULL);
	errno = saved;
	if (n == -1)
		return -1;
	if ((size_t)n + 1 == size) { /* and whatever came after it */
		errno = E2BIG;
		return -1;
	}
	switch (WIFEXITED(status) ? WEXITSTATUS(status) : -1) {
	case 0: return 1;
	case 1: errno = EINVAL; return -1;
	case 2: return 0;
	case 127: errno = ENOENT; return -1;
	default: errno = EIO; return -1;
	}
}
