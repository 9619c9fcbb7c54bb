/* SPDX-License-Identifier: ISC */
/* Where a supervised command's output goes if nothing else was said. */
#ifndef DAEMON_LOGFILE_H
#define DAEMON_LOGFILE_H

#include "../identity/record.h"

#define DAEMON_LOG_SIZE "10M"
enum { DAEMON_LOG_FILES = 5 };

/*
 * If d has a log, it is captured.  Unless it has outputs, or wants none ("none"
 * as its log), so are both, to NAME.log in $DAEMONIZE_LOGDIR, or in /var/log/daemonize for root, or in
 * daemonize in $XDG_STATE_HOME or ~/.local/state for others; of somebody
 * without a home nothing is kept.  -1/ENOMEM.
 */
int daemon_logfile_choose(struct daemon_definition *d, const char *name);

/* Make the directory it is in, if it is one of these.  -1 with f filled. */
int daemon_logfile_make_room(
    const struct daemon_definition *d, struct daemon_fault *f);

#endif
