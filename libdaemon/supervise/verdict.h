/* SPDX-License-Identifier: ISC */
/* What a supervisor tells its launcher, once. */
#ifndef DAEMON_VERDICT_H
#define DAEMON_VERDICT_H

#include "instance.h"

/* Written whole: shorter than a pipe's buffer. */
struct daemon_verdict_message {
	enum daemon_verdict verdict;
	pid_t pid; /* RUNNING: of the command; 0: it is tried again */
	int status; /* DIED: as wait(2) has it; -1: unknown */
	struct daemon_last_word word; /* why; step "": nothing to say */
};

void daemon_verdict_send(int fd, const struct daemon_verdict_message *m);

/* 0; -1: it ended without one. */
int daemon_verdict_receive(int fd, struct daemon_verdict_message *m);

#endif
