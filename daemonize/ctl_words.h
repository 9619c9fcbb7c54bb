/* SPDX-License-Identifier: ISC */
/* What the words of daemonctl's command line mean. */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include "ctl.h"
#include "ctl_options.h"

/* Options, which may stand before and after the names, into c; the rest into
 * words.  -1 with a message printed. */
int ctl_parse(struct ctl *c, char **argv, struct daemon_list *words);

/* What makes no sense together, told before anything is done: -1.  An agent that
 * names no service means its own. */
int ctl_validate(
    struct ctl *c, const struct ctl_verb *v, struct daemon_list *words);

/* Every name that the words, or --all, or nothing, mean: a status, with a
 * message printed, or CTL_DONE.  *partly: the status for places that could
 * not be looked at. */
int ctl_expand(const struct ctl *c, const struct ctl_verb *v,
    const struct daemon_list *words, struct daemon_list *names, int *partly);

#endif
