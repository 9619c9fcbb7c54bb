/* SPDX-License-Identifier: ISC */
/*
 * The supervisor: executed by daemonize(1) and daemonctl(1), never by hand.
 * It says nothing; what there is to be told travels to its launcher, or is
 * on record.
 */
#include <sys/prctl.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdaemon/supervise/serve.h"
#include "exit.h"

/* A descriptor out of sight: ps(1) shows what is left of the arguments. */
static int
take(char *word)
{
	int fd = atoi(word);

	(void)memset(word, 0, strlen(word));
	return fd > 2 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

int
main(int argc, char **argv)
{
	struct daemon_serve how = { .how = DAEMON_SERVE_START };

	if (argc == 5 && strcmp(argv[4], "adopt") == 0) {
		how.how = DAEMON_SERVE_ADOPT;
		(void)take(argv[4]);
	} else if (argc != 4) {
		(void)fputs("daemonize-supervisor: usage: daemonize -r starts "
			    "it\n",
		    stderr);
		return EXIT_USAGE;
	}
	how.dir = take(argv[1]);
	how.lock = take(argv[2]);
	how.launcher = take(argv[3]);
	if (how.dir == -1 || how.lock == -1)
		return EXIT_USAGE;
	(void)prctl(PR_SET_NAME, "daemonize");
	return daemon_serve(&how) == -1 ? EXIT_STEP : EXIT_RUNS;
}
