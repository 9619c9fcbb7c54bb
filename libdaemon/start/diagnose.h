/* SPDX-License-Identifier: ISC */
/* Why a command could not be executed, or did not live: in words. */
#ifndef DAEMON_DIAGNOSE_H
#define DAEMON_DIAGNOSE_H

#include "detach.h"
#include "start.h"

/* The failed step r, as it travelled the pipe: o's fault and verdict. */
void daemon_explain(struct daemon_outcome *o, const struct daemon_report *r,
    const struct daemon_plan *plan, const struct daemon_held *h);

/* 0, or what execve(2) would say of path for its interpreter's sake. */
int daemon_interpreter_error(const char *path);

/* "ended with status 3 before it was ready".  status: as wait(2) has it; -1:
 * not known. */
void daemon_death_fault(
    struct daemon_fault *f, const struct daemon_definition *d, int status);

/* What it wrote last, from h's outputs. */
void daemon_last_words(struct daemon_outcome *o, const struct daemon_held *h);

/* Both, of one that is dead. */
void
daemon_explain_death(struct daemon_outcome *o, const struct daemon_held *h);

#endif
