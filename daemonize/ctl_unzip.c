/* SPDX-License-Identifier: ISC */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../libdaemon/programs.h"
#include "ctl_unzip.h"

static _Noreturn void
execute(const char *program, int from, int to)
{
	char name[] = DAEMON_PROGRAM_COMPRESS, expand[] = "expand";
	char *const argv[] = { name, expand, NULL };
	static char *const none[] = { NULL };

	if (dup2(from, STDIN_FILENO) != -1 && dup2(to, STDOUT_FILENO) != -1 &&
	    lseek(STDIN_FILENO, 0, SEEK_SET) == 0)
		(void)execve(program, argv, none);
	_exit(127);
}

int
unzip_open(struct unzip *u, int fd)
{
	char *program = daemon_program_find(DAEMON_PROGRAM_COMPRESS);
	int ends[2], saved;

	*u = UNZIP_NONE;
	if (program == NULL)
		return -1;
	if (pipe2(ends, O_CLOEXEC) == 0) {
		u->pid = fork();
		if (u->pid == 0)
			execute(program, fd, ends[1]);
		saved = errno;
		(void)close(ends[1]);
		if (u->pid != -1)
			u->pipe = ends[0];
		else
			(void)close(ends[0]);
		errno = saved;
	}
	saved = errno;
	free(program);
	errno = saved;
	return u->pipe == -1 ? -1 : 0;
}

int
unzip_close(struct unzip *u, int wanted)
{
	int status;

	if (u->pipe == -1)
		return 0;
	(void)close(u->pipe);
	u->pipe = -1;
	while (waitpid(u->pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	if (!wanted || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return 0;
	errno = EILSEQ;
	return -1;
}
