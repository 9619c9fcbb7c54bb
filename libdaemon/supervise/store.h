/* SPDX-License-Identifier: ISC */
/*
 * Descriptors that every instance gets, as LISTEN_FDS: the sockets that were
 * asked for, and what a command leaves with its supervisor for the instance
 * after it, sd_notify(3)'s FDSTORE.
 */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include "../list.h"

enum {
	DAEMON_STORE_MAX = 16, /* of a command's own, and of sockets */
	DAEMON_STORE_ROOM = 2 * DAEMON_STORE_MAX,
	DAEMON_STORE_NAME = 32,
	DAEMON_STORE_TEXT = DAEMON_STORE_ROOM * (DAEMON_STORE_NAME + 12)
};

struct daemon_stored {
	int fd;
	char name[DAEMON_STORE_NAME];
};

struct daemon_store {
	struct daemon_stored item[DAEMON_STORE_ROOM];
	size_t n;
	size_t fixed; /* the first of them are sockets that were asked for,
	    and stay */
};

/*
 * Keep fd, which is given away: closed if there is no room, or if it is there
 * already.  name: what may stand in LISTEN_FDNAMES, else "stored".
 */
void daemon_store_add(struct daemon_store *s, int fd, const char *name);

/* A socket that was asked for: before all others.  -1: no room. */
int daemon_store_fix(struct daemon_store *s, int fd, const char *name);

/* Close those of that name; sockets stay. */
void daemon_store_remove(struct daemon_store *s, const char *name);

/* What is not a socket that was asked for goes from one to another. */
void daemon_store_move(struct daemon_store *to, struct daemon_store *from);

/* At the end: all, or what is not a socket that was asked for. */
void daemon_store_clear(struct daemon_store *s);
void daemon_store_clear_own(struct daemon_store *s);

/*
 * In the child that becomes the command, whose other descriptors are all at
 * 3 + s->n or above: put them at 3 and up, as to be kept over exec, and say
 * so in the variables.  -1/errno.
 */
int daemon_store_give(const struct daemon_store *s, struct daemon_list *keep,
    struct daemon_list *set);

/* Those that are sockets. */
void
daemon_store_sockets(struct daemon_store *to, const struct daemon_store *s);

/* "7=name,8=other" in buf, of DAEMON_STORE_TEXT bytes, for another program of
 * ours; "" if there are none or too many; and back, so many of them sockets. */
void daemon_store_text(char *buf, size_t size, const struct daemon_store *s);
void
daemon_store_parse(struct daemon_store *s, const char *text, size_t sockets);

#endif
