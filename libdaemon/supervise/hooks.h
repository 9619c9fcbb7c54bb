/* SPDX-License-Identifier: ISC */
/* Commands of the user's beside his command: --before, --on-ready,
 * --on-exit, --on-failed. */
#ifndef DAEMON_HOOKS_H
#define DAEMON_HOOKS_H

#include "helpers.h"

/*
 * Run the one of that role in a child, with the ids and the environment of
 * the command, and what there is to tell in DAEMONIZE_NAME, DAEMONIZE_PID,
 * DAEMONIZE_STATE, DAEMONIZE_EXIT ("status 3") and DAEMONIZE_RESTARTS; at most
 * a minute.  0 if there is none to run, else its pid; -1: no process.
 */
pid_t daemon_hook_run(struct daemon_supervisor *s, enum daemon_helper role);

/* That of --before has ended so: why it failed, if it did, is the instance's
 * last word. */
void daemon_hook_hear(struct daemon_supervisor *s, int status);

#endif
