/* SPDX-License-Identifier: ISC */
/* A program that is its own supervisor: see ../master.h. */
#ifndef DAEMON_SUPERVISE_MASTER_H
#define DAEMON_SUPERVISE_MASTER_H

#include "../master.h"
#include "supervisor.h"

struct daemon_master {
	struct daemon_mastery can; /* first */
	const struct daemon_master_options *o;
	struct daemon_supervisor *s;
	int ready, quit; /* all were, once; and that was told */
	char title[128]; /* "": there is none */
};

/* Whose s is. */
static inline struct daemon_master *
daemon_master_of(const struct daemon_supervisor *s)
{
	return (struct daemon_master *)(void *)s->head->mastery;
}

/* masterdefine.c: what o asks for.  -1 with f filled. */
int daemon_master_define(struct daemon_definition *d,
    const struct daemon_master_options *o, struct daemon_fault *f);

/* called.c: the life of a child that is s's instance. */
int daemon_master_call(struct daemon_supervisor *s, int pipe, int ready);

#endif
