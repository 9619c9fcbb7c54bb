/* SPDX-License-Identifier: ISC */
/*
 * An agent: a command beside the workers of a service, with the rights of who
 * started it and without its sockets, that does what workers may not.  Pure.
 */
#ifndef DAEMON_AGENT_H
#define DAEMON_AGENT_H

#include "../identity/record.h"

struct daemon_agent {
	const char *command; /* for /bin/sh; borrowed */
	char name[65], user[64], group[64]; /* "": the starter's, that user's */
	long long every_ms; /* from one beginning to the next; -1: it stays */
	long long delay_ms; /* before the first */
	int once; /* not again */
};

/* The i-th of d.  -1/EINVAL: it is not one. */
int daemon_agent_of(
    struct daemon_agent *a, const struct daemon_definition *d, size_t i);

/* The first of that name.  -1: there is none. */
int daemon_agent_find(struct daemon_agent *a, const struct daemon_definition *d,
    const char *name);

/* What the options say of one is kept as words: "every=5m once".  Is word one
 * that there is? */
int daemon_agent_word(struct daemon_agent *a, const char *word);

/* agentusers.c: may each have its user?  -1 with f filled. */
int
daemon_agents_check(const struct daemon_definition *d, struct daemon_fault *f);

#endif
