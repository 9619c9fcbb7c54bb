/* SPDX-License-Identifier: ISC */
/* daemonize's options: the one table, and what they amount to. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "../libdaemon/identity/record.h"
#include "scan.h"

struct config {
	struct daemon_definition d;
	const char *rundir; /* NULL: the default */
	int ready_given; /* --ready */
	int foreground, verbose, quiet, oknodo, replace, dry_run, env_clear;
	int help, version;
	int failed; /* no memory to parse them: no mistake of the user's */
};

extern const struct option_spec daemonize_options[];

/*
 * Parse argv into c; nothing is looked up or changed.  0; or -1 when a
 * message has been printed (c->foreground and c->failed are right all the
 * same, because they decide the exit status).
 */
int options_parse(struct config *c, char **argv);

/* option_settle.c: what several options, or their absence, mean together. */
int options_settle(struct config *c);

/* The --help text, from the table, to stdout. */
void options_help(void);

#endif
