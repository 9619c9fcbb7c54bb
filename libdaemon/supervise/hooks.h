/* SPDX-License-Identifier: ISC */
/* Commands of the user's beside his command: --before, --on-ready,
 * --on-exit, --on-failed, and of workers --check and --reload=cmd:CMD. */
#ifndef DAEMON_HOOKS_H
#define DAEMON_HOOKS_H

#include "helpers.h"
#include "instance.h"

/*
 * Run the one of that role in a child, with the ids and the environment of
 * the command, and what there is to tell in DAEMONIZE_NAME, DAEMONIZE_PID,
 * DAEMONIZE_STATE, DAEMONIZE_EXIT ("status 3") and DAEMONIZE_RESTARTS; at most
 * a minute.  0 if there is none to run, else its pid; -1: no process.
 */
pid_t daemon_hook_run(struct daemon_supervisor *s, enum daemon_helper role);

/* One that somebody waits for has ended: what it said, if it failed. */
void daemon_hook_hear(struct daemon_supervisor *s, enum daemon_helper role,
    struct daemon_last_word *w);

#endif
