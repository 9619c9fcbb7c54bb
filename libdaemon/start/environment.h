/* SPDX-License-Identifier: ISC */
/* The environment a command gets. */
#ifndef DAEMON_ENVIRONMENT_H
#define DAEMON_ENVIRONMENT_H

#include "../list.h"
#include "../user.h"

/*
 * What a daemon may inherit of envp: everything but what speaks to another
 * process (NOTIFY_SOCKET, LISTEN_*, WATCHDOG_*, DAEMONIZE_*, the fd and
 * "somebody supervises you" variables of ours), and but what is no NAME=.
 * Borrowed: envp's strings must outlive out.
 */
int daemon_environment_inherit(struct daemon_list *out, char *const *envp);

/*
 * base, then USER LOGNAME HOME SHELL-less of u (NULL: nobody was asked
 * for), then files' entries, then set: a later one wins.
 * Pure.  Entries of base are borrowed.
 */
int daemon_environment_build(struct daemon_list *out,
    const struct daemon_list *base, const struct daemon_user *u,
    const struct daemon_list *files, const struct daemon_list *set);

/* The value of name in env, or NULL. */
const char *
daemon_environment_get(const struct daemon_list *env, const char *name);

#endif
