/* SPDX-License-Identifier: ISC */
/* Who carries a mark: a variable that its service was given. */
#ifndef DAEMON_MARK_H
#define DAEMON_MARK_H

#include <sys/types.h>

/* Is "NAME=VALUE" in pid's environment, as it was executed?  0 also if that
 * may not be read. */
int daemon_mark_has(pid_t pid, const char *mark);

#endif
