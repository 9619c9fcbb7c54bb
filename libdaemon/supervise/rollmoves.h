/* SPDX-License-Identifier: ISC */
/* The moves of roll.c. */
#ifndef DAEMON_ROLLMOVES_H
#define DAEMON_ROLLMOVES_H

#include "roll.h"

struct daemon_roll_move daemon_roll_stay(const struct daemon_roll *r);

/* n of them, the first, or once more. */
struct daemon_roll_move
daemon_roll_begin(const struct daemon_roll *r, unsigned n);

/* All leave, by their schedule or in peace; then the phase goes on. */
struct daemon_roll_move daemon_roll_leave(
    const struct daemon_roll *r, enum daemon_roll_phase phase, unsigned how);
struct daemon_roll_move
daemon_roll_stop(const struct daemon_roll *r, enum daemon_roll_why why);

struct daemon_roll_move
daemon_roll_over(const struct daemon_roll *r, enum daemon_roll_why why);

/* It serves, and what was to wait for that begins; also: actions, too. */
struct daemon_roll_move daemon_roll_serve(
    const struct daemon_rolling *p, const struct daemon_roll *r, unsigned also);

/* A new generation of r->aim, or more of it. */
struct daemon_roll_move
daemon_roll_try(const struct daemon_rolling *p, const struct daemon_roll *r);
struct daemon_roll_move daemon_roll_replace(
    const struct daemon_rolling *p, const struct daemon_roll *r);
struct daemon_roll_move
daemon_roll_revert(const struct daemon_rolling *p, const struct daemon_roll *r);

/* To so many. */
struct daemon_roll_move
daemon_roll_scale(const struct daemon_roll *r, unsigned n);

/* What happened to one of them, counted. */
struct daemon_roll daemon_roll_count(
    const struct daemon_roll *r, const struct daemon_roll_event *e);

/* Has all of the crew ended by itself? */
int daemon_roll_is_done(const struct daemon_roll *r);

/* Does none of the crew live for long? */
int daemon_roll_loops(const struct daemon_rolling *p,
    const struct daemon_roll *r, const struct daemon_roll_event *e);

#endif
