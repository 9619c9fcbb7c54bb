/* SPDX-License-Identifier: ISC */
/* What a supervisor makes known of its service: on disk, and to who
 * started it. */
#ifndef DAEMON_PUBLISH_H
#define DAEMON_PUBLISH_H

#include "supervisor.h"

/* What it is said to do changes on disk no oftener than this. */
enum { DAEMON_CHATTY_MS = 1000 };

/* note.c: "status 3", "signal KILL, no sign of life in time". */
void daemon_end_text(char *buf, size_t size, int status, enum daemon_why why);

/* At the beginning: who supervises.  -1 with f filled. */
int daemon_supervisor_introduce(
    struct daemon_supervisor *s, struct daemon_fault *f);

/* ownpid.c: who supervises, for -P.  -1 with f filled: the file was refused,
 * and left as it was. */
int daemon_supervisor_enrol(
    const struct daemon_supervisor *s, struct daemon_fault *f);

/* ownpid.c: it is nobody's any more; it stays if it names another. */
void daemon_supervisor_withdraw(const struct daemon_supervisor *s);

/* note.c: something happened, keep in mind what is to be known of it. */
void daemon_supervisor_note(
    struct daemon_supervisor *s, const struct daemon_supervised *now);

/* note.c: is that another beginning?  With --before, where there is one. */
int daemon_supervised_begins(
    const struct daemon_supervisor *s, const struct daemon_supervised *now);

/* note.c: its work is done, and it has failed, or not. */
void daemon_supervisor_note_over(struct daemon_supervisor *s, int failed);

/* note.c: one end more, "MS HOW". */
void daemon_supervisor_add_end(struct daemon_supervisor *s, const char *end);

/* note.c: as what it is known. */
enum daemon_state daemon_machine_state(const struct daemon_machine *m);

/* note.c: what the next supervisor goes on from. */
void daemon_supervisor_note_counts(struct daemon_supervisor *s);

/* All of it, now: s->stale is DAEMON_FRESH if it is on disk. */
void daemon_supervisor_snapshot(struct daemon_supervisor *s);

/* note.c: why there was nothing to become ready, or not for long, as m has
 * it. */
void daemon_supervisor_explain(struct daemon_last_word *w,
    const struct daemon_supervisor *s, const struct daemon_machine *m);

/* note.c: the same of an attempt, or an instance, that has now come to its
 * end. */
void daemon_supervisor_explain_end(struct daemon_last_word *w,
    const struct daemon_supervisor *s, const struct daemon_supervised *now);

/* note.c: what was read back of that becomes ours. */
void daemon_supervisor_note_past(struct daemon_supervisor *s);

/*
 * Put it on disk, unless that is a child's to do now, on its way to the
 * command; and tell the launcher, if it is waiting for what happens now (NULL:
 * nothing does).  What could not be written is tried again with the next.
 */
void daemon_supervisor_publish(
    struct daemon_supervisor *s, const struct daemon_supervised *now);

/* Those who asked for something are told, where it is so by now. */
void daemon_supervisor_answer(struct daemon_supervisor *s);

#endif
