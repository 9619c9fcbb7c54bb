/* SPDX-License-Identifier: ISC */
/* The files of a start: lock, input, outputs, and whom to trust with them. */
#ifndef DAEMON_FILES_H
#define DAEMON_FILES_H

#include "held.h"

/* Is the process a pidfile of somebody else's names likely to be command?
 * Alive, not younger than the file, and of that name. */
int daemon_stranger_matches(
    const struct daemon_pidfile_found *found, const char *command);

/* Where d's pidfile and lock file are one under two spellings (/var/run and
 * /run), spell the second like the first.  What cannot be looked at stays. */
void daemon_spell_lockfile(struct daemon_definition *d);

/* The same file, opened in h only. */
int daemon_open_lockfile(struct daemon_held *h, const char *path, uid_t owner,
    struct daemon_fault *f);

/* -l: open and lock; EEXIST with rival's pid if the file tells it. */
int daemon_hold_lockfile(struct daemon_held *h, uid_t owner,
    struct daemon_rival *rival, struct daemon_fault *f);

/* -i, -o, -e. */
int daemon_hold_outputs(struct daemon_held *h, struct daemon_fault *f);

/* Remove the files made by daemon_hold_outputs() that are still empty. */
void daemon_outputs_undo(struct daemon_held *h);

#endif
