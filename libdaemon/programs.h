/* SPDX-License-Identifier: ISC */
/* The programs that nobody calls by hand. */
#ifndef DAEMON_PROGRAMS_H
#define DAEMON_PROGRAMS_H

#include "list.h"

#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/local/libexec"
#endif

#define DAEMON_PROGRAM_SUPERVISOR "daemonize-supervisor"
#define DAEMON_PROGRAM_COMPRESS	  "daemonize-compress"

/* Where one is looked for, in this order: beside us, as where we were built,
 * or where both are installed.  -1/ENOMEM. */
int daemon_program_paths(struct daemon_list *paths, const char *program);

/* The first of these that can be executed, owned by the caller; NULL/ENOENT,
 * ENOMEM. */
char *daemon_program_find(const char *program);

#endif
