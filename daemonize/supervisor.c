/* SPDX-License-Identifier: ISC */
/*
 * The supervisor: executed by daemonize(1), daemonctl(1) and itself, never by
 * hand.  It says nothing; what there is to be told travels to its launcher,
 * or is on record.
 *
 *	TITLE DIRECTORY LOCK LAUNCHER [adopt | start SOCKETS]
 *	TITLE DIRECTORY LOCK CLIENT {upgrade | check} NOTIFY STORE STDOUT STDERR
 *
 * It is the keeper of its service's log, too:
 *
 *	TITLE DIRECTORY SUPERVISOR STDOUT STDERR SOCKETS keep
 */
#include <sys/prctl.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdaemon/output/keep.h"
#include "../libdaemon/supervise/keeping.h"
#include "../libdaemon/supervise/serve.h"
#include "exit.h"

/* Out of sight: ps(1) shows what is left of the arguments. */
static void
hide(char *word)
{
	(void)memset(word, 0, strlen(word));
}

/* A descriptor; -1: none, or none that is open. */
static int
take(char *word)
{
	int fd = atoi(word);

	hide(word);
	return fd > 2 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

static const struct {
	const char *word;
	enum daemon_serving how;
	int argc;
} ways[] = {
	{ "adopt", DAEMON_SERVE_ADOPT, 5 },
	{ "start", DAEMON_SERVE_START, 6 },
	{ "upgrade", DAEMON_SERVE_UPGRADE, 9 },
	{ "check", DAEMON_SERVE_CHECK, 9 },
};

/* The last of the words, before it is hidden. */
static char stored[DAEMON_STORE_TEXT];

static int
read_words(struct daemon_serve *how, int argc, char **argv)
{
	size_t i, n = sizeof ways / sizeof ways[0];
	char *store = argc > 6 ? argv[6] : argc == 6 ? argv[5] : NULL;

	for (i = 0; argc > 4 && i < n; i++)
		if (strcmp(argv[4], ways[i].word) == 0 && argc == ways[i].argc)
			break;
	if (argc < 4 || (argc > 4 && i == n))
		return -1;
	*how = (struct daemon_serve){
		.how = argc > 4 ? ways[i].how : DAEMON_SERVE_START,
		.dir = take(argv[1]),
		.lock = take(argv[2]),
		.launcher = take(argv[3]),
		.notify = argc > 6 ? take(argv[5]) : -1,
		.stored = store != NULL ? stored : NULL,
		.output = { argc > 7 ? take(argv[7]) : -1,
		    argc > 8 ? take(argv[8]) : -1 },
		.title = argv[0],
	};
	if (store != NULL) {
		(void)snprintf(stored, sizeof stored, "%s", store);
		hide(store);
	}
	if (argc > 4)
		hide(argv[4]);
	return how->dir == -1 || how->lock == -1 ? -1 : 0;
}

static int
keep(char **argv)
{
	struct daemon_definition d = { 0 };
	enum daemon_kept r = DAEMON_KEPT_NOT;
	struct daemon_keeping how = { .dir = take(argv[1]),
		.d = &d,
		.supervisor = (pid_t)atoi(argv[2]),
		.pipes = { take(argv[3]), take(argv[4]) },
		.sockets = stored,
		.revive = daemon_keeping_revive };

	(void)snprintf(stored, sizeof stored, "%s", argv[5]);
	hide(argv[2]);
	hide(argv[5]);
	hide(argv[6]);
	if (how.dir != -1 && how.supervisor > 0 &&
	    daemon_record_read(how.dir, DAEMON_RECORD_STATE, &d, NULL) == 0)
		r = daemon_keep(&how);
	daemon_definition_clear(&d);
	return (int)r;
}

int
main(int argc, char **argv)
{
	struct daemon_serve how;

	if (argc == 7 && strcmp(argv[6], "keep") == 0)
		return keep(argv);
	if (read_words(&how, argc, argv) == -1) {
		(void)fputs("daemonize-supervisor: usage: daemonize -r starts "
			    "it\n",
		    stderr);
		return EXIT_USAGE;
	}
	(void)prctl(PR_SET_NAME, "daemonize");
	return daemon_serve(&how) == -1 ? EXIT_STEP : EXIT_RUNS;
}
