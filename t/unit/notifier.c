/* SPDX-License-Identifier: ISC */
/*
 * notifier send TEXT | barrier MS | listen UNSET | named NAME | newline
 *
 * <libdaemon/notify.h> by hand: prints the result, and errno where it is -1;
 * after listen, whether each descriptor is close-on-exec and whether the
 * variables are still there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libdaemon/init.h"
#include "libdaemon/notify.h"

#include "errname.h"

static int
result(int r)
{
	if (r == -1)
		(void)printf("-1 %s\n", errname(errno));
	else
		(void)printf("%d\n", r);
	return 0;
}

static int
listen_fds(int unset)
{
	int n = daemon_listen_fds(unset), i;

	(void)result(n);
	for (i = 0; i < n; i++)
		(void)printf("%d %s\n", DAEMON_LISTEN_FDS_START + i,
		    fcntl(DAEMON_LISTEN_FDS_START + i, F_GETFD) == FD_CLOEXEC
			? "cloexec"
			: "inherited");
	(void)printf("%s\n",
	    getenv("LISTEN_FDS") == NULL && getenv("LISTEN_PID") == NULL &&
		    getenv("LISTEN_FDNAMES") == NULL
		? "unset"
		: "set");
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "send") == 0)
		return result(daemon_notify(argv[2]));
	if (argc == 3 && strcmp(argv[1], "barrier") == 0)
		return result(daemon_notify_barrier(atoi(argv[2])));
	if (argc == 3 && strcmp(argv[1], "listen") == 0)
		return listen_fds(atoi(argv[2]));
	if (argc == 3 && strcmp(argv[1], "named") == 0)
		return result(daemon_listen_fd_named(argv[2]));
	if (argc == 2 && strcmp(argv[1], "newline") == 0)
		return result(daemon_ready());
	return 79;
}
