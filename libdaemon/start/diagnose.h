/* SPDX-License-Identifier: ISC */
/* Why a command could not be executed, or did not live: in words. */
#ifndef DAEMON_DIAGNOSE_H
#define DAEMON_DIAGNOSE_H

#include "held.h"
#include "start.h"

/* errno is execve(2)'s, detail says for which of h->paths. */
void daemon_diagnose_exec(
    struct daemon_fault *f, const struct daemon_held *h, int detail);

/* "ended with status 3 before it was ready"; and its last words. */
void
daemon_explain_death(struct daemon_outcome *o, const struct daemon_held *h);

#endif
