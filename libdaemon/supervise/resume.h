/* SPDX-License-Identifier: ISC */
/* Going on where another supervisor left off. */
#ifndef DAEMON_RESUME_H
#define DAEMON_RESUME_H

#include "supervisor.h"

/*
 * Before anything happened: take up s->st, which is what is on record, under
 * the lock, so that nobody is between fork and exec.  Who lives is watched
 * on; whose time has come since is treated as if it came now.
 */
void daemon_supervisor_resume(struct daemon_supervisor *s);

#endif
