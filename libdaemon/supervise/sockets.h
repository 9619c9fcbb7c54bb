/* SPDX-License-Identifier: ISC */
/* The sockets that a service is to have: --listen. */
#ifndef DAEMON_SOCKETS_H
#define DAEMON_SOCKETS_H

#include "../identity/record.h"
#include "store.h"

/* Open all that d asks for; s is empty.  -1 with f filled, and none is open;
 * files may be left, to be removed. */
int daemon_sockets_open(struct daemon_store *s,
    const struct daemon_definition *d, struct daemon_fault *f);

/* Could they be opened once those of the running one are free?  -1 with f
 * filled. */
int daemon_sockets_rehearse(const struct daemon_definition *d,
    const struct daemon_definition *running, struct daemon_fault *f);

/* Where somebody who had them has shut one down, it listens again; a UNIX one
 * cannot. */
void daemon_sockets_listen(
    const struct daemon_store *s, const struct daemon_definition *d);

/* Those that the keeper of the service in dir holds, or else instance, which
 * has them as of 3; where there is none, new ones.  -1 with f filled. */
int
daemon_sockets_fetch(struct daemon_store *s, const struct daemon_definition *d,
    int dir, pid_t instance, struct daemon_fault *f);

void daemon_sockets_close(struct daemon_store *s);

/* Remove the files that nobody listens at any more. */
void daemon_sockets_remove(const struct daemon_definition *d);

/* Nobody listens any more, though we and the keeper have them still: the
 * service is over. */
void daemon_sockets_end(
    const struct daemon_store *s, const struct daemon_definition *d);

/* In the child that becomes the command, which has them as of 3: {fd:NAME} in
 * its arguments is a number, and what --listen-env asks for is set.  -1/ENOMEM.
 */
int
daemon_sockets_spell(const struct daemon_store *s, struct daemon_definition *d);

#endif
