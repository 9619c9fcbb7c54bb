/* SPDX-License-Identifier: ISC */
/*
 * How the value of an option becomes a member of a definition: 0; or -1, with
 * a message printed of what is wrong with it (errno ENOMEM: none was).
 */
#ifndef OPTION_VALUES_H
#define OPTION_VALUES_H

#include "../libdaemon/identity/record.h"

/* A copy of text in its place. */
int value_replace(char **where, const char *text);
int value_path(char **where, const char *shown, const char *text);
int value_paths(struct daemon_list *l, const char *shown, const char *text);
int
value_workers(struct daemon_definition *d, const char *shown, const char *text);
int
value_cpus(struct daemon_definition *d, const char *shown, const char *text);
int
value_reload(struct daemon_definition *d, const char *shown, const char *text);
/* A place to listen at, added. */
int value_listen(struct daemon_list *l, const char *shown, const char *text);
int value_listen_env(
    struct daemon_definition *d, const char *shown, const char *text);

/* An agent, and how the last one is. */
int
value_agent(struct daemon_definition *d, const char *shown, const char *text);
int value_agent_how(struct daemon_definition *d, const char *shown,
    const char *key, const char *text);

int value_number(long long *n, const char *shown, const char *text,
    long long min, long long max);
int value_umask(long long *mask, const char *text);
int value_variable(struct daemon_list *l, const char *text);
int value_limit(struct daemon_list *l, const char *text);
int value_ready(struct daemon_definition *d, const char *text);
int value_span(char **where, const char *shown, const char *text);
int value_words(char **where, const char *shown, const char *text);
int value_size(char **where, const char *shown, const char *text);
int value_restart(struct daemon_definition *d, const char *text);
int value_restart_delay(
    struct daemon_definition *d, const char *shown, const char *text);
int value_max_restarts(struct daemon_definition *d, const char *text);
int value_endings(char **where, const char *shown, const char *text);
int value_schedule(char **where, const char *shown, const char *text);
int value_name(struct daemon_definition *d, const char *text);
int
value_group(struct daemon_definition *d, const char *shown, const char *text);
int
value_user(struct daemon_definition *d, const char *shown, const char *text);
int value_log(struct daemon_definition *d, const char *shown, const char *text);
int value_log_size(
    struct daemon_definition *d, const char *shown, const char *text);
/* text NULL: the usual kind */
int value_zip(struct daemon_definition *d, const char *shown, const char *text);
int
value_syslog(struct daemon_definition *d, const char *shown, const char *text);
int
value_stamps(struct daemon_definition *d, const char *shown, const char *text);

#endif
