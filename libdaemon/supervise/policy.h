/* SPDX-License-Identifier: ISC */
/* From the texts of a definition to what the machine goes by.  Pure. */
#ifndef DAEMON_POLICY_H
#define DAEMON_POLICY_H

#include "../identity/record.h"
#include "supervisor.h"

/* "always", "on-failure", "never".  -1/EINVAL. */
int daemon_restart_parse(enum daemon_restart *r, const char *text);

/* "N/TIME": at most N in TIME.  -1/EINVAL. */
int daemon_max_restarts_parse(
    unsigned *max, long long *window_ms, const char *text);

/*
 * Fill s's policy, endings and schedule, and nothing else, from d.
 * -1/EPROTO: one of its texts says nothing; they have been parsed before they
 * were recorded.
 */
int daemon_policy_of(
    struct daemon_supervisor *s, const struct daemon_definition *d);

#endif
