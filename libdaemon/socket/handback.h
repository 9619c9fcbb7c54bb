/* SPDX-License-Identifier: ISC */
/*
 * Whoever outlives a supervisor holds its listening sockets, and gives them
 * to the next one: over a socket in the service's directory, which only the
 * same user can reach.
 */
#ifndef DAEMON_HANDBACK_H
#define DAEMON_HANDBACK_H

#include <stddef.h>

/* In its directory: where they are asked for. */
#define DAEMON_HANDBACK "sockets"

enum { DAEMON_HANDBACK_MAX = 16, DAEMON_HANDBACK_TEXT = 1024 };

/* Sockets as text: "7=http,8=api". */
struct daemon_handback {
	int fd[DAEMON_HANDBACK_MAX];
	size_t n;
	char names[DAEMON_HANDBACK_TEXT]; /* "http,api" */
};

/* Those of that text; what is no open descriptor is left out. */
void daemon_handback_parse(struct daemon_handback *h, const char *text);

/* Where the next one asks: a descriptor to wait for; -1/errno. */
int daemon_handback_open(int dir);

/* Somebody does. */
void daemon_handback_give(int listener, const struct daemon_handback *h);

/* Ask for them: close-on-exec; n 0: nobody has any. */
void daemon_handback_fetch(struct daemon_handback *h, int dir);

#endif
