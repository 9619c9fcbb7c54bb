/* SPDX-License-Identifier: ISC */
/*
 * Who was still to be ended: written beside a record before a stop's first
 * signal, so that another stop can go on from there though the main process,
 * by which the others were known, is dead.
 */
#ifndef DAEMON_LEFTFILE_H
#define DAEMON_LEFTFILE_H

#include "process.h"

#define DAEMON_LEFT "left"

/* Replace the list in the service directory dir.  -1/errno. */
int daemon_left_write(int dir, const struct daemon_identity *id, size_t n);

/* Read it; *id is to be freed.  How many; 0 also where there is none, or none
 * that can be believed. */
size_t daemon_left_read(int dir, struct daemon_identity **id);

/* One of them that lives, or 0. */
pid_t daemon_left_lives(int dir);

#endif
