/* SPDX-License-Identifier: ISC */
/*
 * unreaped [-s] FILE command [args]
 *
 * A parent that does not wait for its child: once dead it stays a zombie.
 * FILE appears with "self=PID" and "pid=CHILD".  USR1: waits for the child
 * (and collects every other zombie it has), adds "status=N" as a shell would
 * say it, and exits with that.  -s: orphans below come to it too, as to a
 * pid 1 that never reaps, of the kind found in containers.
 */
#define _GNU_SOURCE 1

#include <sys/prctl.h>

#include "probe.h"

int
main(int argc, char *argv[])
{
	int c, sig, status, subreaper = 0;
	sigset_t usr1, birth;
	char line[64];
	pid_t pid;

	while ((c = getopt(argc, argv, "+s")) != -1)
		if (c == 's')
			subreaper = 1;
		else
			return BROKEN;
	argv += optind;
	if (argc - optind < 2)
		errx(BROKEN, "usage: unreaped [-s] FILE command [args]");
	if (subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		err(BROKEN, "subreaper");
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &usr1, &birth);
	/* An ignored SIGCHLD would have the kernel reap for us. */
	(void)signal(SIGCHLD, SIG_DFL);
	if ((pid = fork()) == -1)
		err(BROKEN, "fork");
	if (pid == 0) {
		(void)sigprocmask(SIG_SETMASK, &birth, NULL);
		become(argv + 1);
	}
	(void)snprintf(line, sizeof line, "self=%d\npid=%d\n", getpid(), pid);
	publish(argv[0], line, strlen(line));
	(void)sigwait(&usr1, &sig);
	status = shell_status(pid);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	(void)snprintf(line, sizeof line, "status=%d\n", status);
	append(argv[0], line);
	return status;
}
