/* SPDX-License-Identifier: ISC */
/*
 * The machine's own: what its phases do.  Each makes a state from another,
 * and says what is to be done; pure.
 */
#ifndef DAEMON_MOVES_H
#define DAEMON_MOVES_H

#include "machine.h"

struct daemon_move daemon_move_stay(const struct daemon_machine *m);
struct daemon_move daemon_move_enter(const struct daemon_machine *m,
    enum daemon_phase phase, long long ms, unsigned actions);
void daemon_move_untimed(struct daemon_machine *m);
unsigned daemon_move_tell(struct daemon_machine *m, enum daemon_do what);
struct daemon_move daemon_move_over(
    const struct daemon_machine *m, enum daemon_why why, unsigned actions);
struct daemon_move daemon_move_end(
    const struct daemon_machine *m, enum daemon_why why, enum daemon_do how);
struct daemon_move
daemon_move_died(const struct daemon_machine *m, enum daemon_ending ending);
struct daemon_move daemon_move_extend(
    const struct daemon_machine *m, enum daemon_timer timer, long long ms);
struct daemon_move daemon_move_leave(
    const struct daemon_policy *p, const struct daemon_machine *m);
struct daemon_move
daemon_move_live(const struct daemon_policy *p, const struct daemon_machine *m);
struct daemon_move daemon_move_late(const struct daemon_machine *m);
struct daemon_move daemon_move_thawed(struct daemon_move m);
struct daemon_move
daemon_move_buried(const struct daemon_machine *m, enum daemon_ending ending);
struct daemon_move daemon_move_end_again(const struct daemon_machine *m);
struct daemon_move daemon_move_stuck(
    const struct daemon_policy *p, const struct daemon_machine *m);
struct daemon_move daemon_move_insist(const struct daemon_machine *m,
    enum daemon_why why, const struct daemon_event *e);
struct daemon_move daemon_move_spawn(
    const struct daemon_policy *p, const struct daemon_machine *m);
struct daemon_move daemon_move_begin(
    const struct daemon_policy *p, const struct daemon_machine *m);
struct daemon_move daemon_move_become_ready(
    const struct daemon_policy *p, const struct daemon_machine *m);
struct daemon_move daemon_move_executed(
    const struct daemon_policy *p, const struct daemon_machine *m);
struct daemon_move daemon_move_nothing(const struct daemon_policy *p,
    const struct daemon_machine *m, enum daemon_why why,
    const struct daemon_event *e);
struct daemon_move daemon_move_afresh(
    const struct daemon_policy *p, const struct daemon_machine *m);
struct daemon_move daemon_move_gone(const struct daemon_policy *p,
    const struct daemon_machine *m, const struct daemon_event *e);

#endif
