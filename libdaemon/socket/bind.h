/* SPDX-License-Identifier: ISC */
/* A socket that listens, as nobody but its caller could have opened it. */
#ifndef DAEMON_BIND_H
#define DAEMON_BIND_H

#include "../fault.h"
#include "address.h"

struct daemon_bind_how {
	int backlog; /* connections that may wait */
	int reuseport;
	int tries; /* files are afterwards as they were: of one that is there,
	    and nobody listens at, it is enough that it could be replaced */
};

/*
 * Bound and listening (UDP: bound), blocking, close-on-exec.  A file's place
 * may only be changed by root, us, or its owner; one that nobody listens at
 * any more makes way.  -1 with f: EADDRINUSE names who has it, if that can be
 * known.
 */
int daemon_bind(const struct daemon_address *a,
    const struct daemon_bind_how *how, struct daemon_fault *f);

/* bindunix.c: the same of a UNIX one. */
int daemon_bind_unix(const struct daemon_address *a,
    const struct daemon_bind_how *how, const char *object,
    struct daemon_fault *f);

/* bindunix.c: remove its file, if nobody listens there. */
void daemon_bind_remove(const struct daemon_address *a);

/* meet.c: is that a socket for it, bound there? */
int daemon_bind_is_at(int fd, const struct daemon_address *a);

/* meet.c: where the one is bound, the other cannot be. */
int daemon_bind_meets(
    const struct daemon_address *a, const struct daemon_address *b);

struct sockaddr;

/* holder.c: a process that has a socket there, of TCP or UDP; 0: not known. */
pid_t daemon_port_holder(const struct sockaddr *at, int udp);

/* holder.c: the same, of a socket that was bound by that path. */
pid_t daemon_file_holder(const char *path);

#endif
