/* SPDX-License-Identifier: ISC */
/*
 * What ps(1) shows of a master and its workers, where there is libbsd.  The
 * words of main() belong to the process, and may be moved away once.
 */
#include <stdio.h>
#include <unistd.h>

#ifndef LEAN
#include <bsd/unistd.h>
#endif

#include "title.h"

#ifdef LEAN

void
daemon_title_begin(char **argv)
{
	(void)argv;
}

void
daemon_title_set(const char *title, const char *what)
{
	(void)title;
	(void)what;
}

#else

static int begun;

/* The environment stays where it is: who knows a value, keeps it. */
void
daemon_title_begin(char **argv)
{
	char *none[] = { NULL };
	int argc = 0;

	if (begun)
		return;
	begun = 1;
	while (argv[argc] != NULL)
		argc++;
	setproctitle_init(argc, argv, none);
}

void
daemon_title_set(const char *title, const char *what)
{
	if (!begun)
		return;
	if (title[0] != '\0')
		setproctitle("-%s: %s", title, what);
	else
		setproctitle(NULL);
}

#endif
