/* SPDX-License-Identifier: ISC */
/*
 * restart CMD...: start it again whenever it ends, and nothing else: no
 * report, no session, no clean-up.
 */
#include <sys/wait.h>

#include <unistd.h>

#ifndef FORK
#define FORK fork
#endif

int
main(int argc, char **argv)
{
	pid_t pid;

	if (argc < 2)
		return 2;
	for (;;) {
		pid = FORK();
		if (pid == 0) {
			(void)execv(argv[1], argv + 1);
			_exit(127);
		}
		if (pid == -1 || waitpid(pid, NULL, 0) != pid)
			return 1;
	}
}
