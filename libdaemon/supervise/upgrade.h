/* SPDX-License-Identifier: ISC */
/*
 * A supervisor becomes the installed one: the same process, whose children
 * stay its children, executes the program anew and goes on from the record.
 * The new program says first, of a copy of the record, whether it can.
 */
#ifndef DAEMON_UPGRADE_H
#define DAEMON_UPGRADE_H

#include "supervisor.h"

/* Somebody wants it: now, or as soon as nothing is under way. */
void daemon_upgrade_ask(struct daemon_supervisor *s);

/* After every event: if it is time, ask the new program. */
void daemon_upgrade_try(struct daemon_supervisor *s);

/* The new program has said yes (status 0), or no: become it; returns if that
 * failed, and those who asked were told. */
void daemon_upgrade_decide(struct daemon_supervisor *s, int status);

/* Is it between nothing and something else: not it, nor what is done to it? */
int daemon_upgrade_is_quiet(const struct daemon_supervisor *s);

/* What a program is known by: "INODE-MTIME", in buf; -1: it is not there. */
enum { DAEMON_PROGRAM_MAX = 64 };
int daemon_upgrade_program(char buf[DAEMON_PROGRAM_MAX], const char *path);

/* The path we were executed by; NULL if that is not known. */
const char *daemon_upgrade_path(void);

#endif
