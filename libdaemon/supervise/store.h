/* SPDX-License-Identifier: ISC */
/*
 * Descriptors that a command leaves with its supervisor, for the instance
 * after it: sd_notify(3)'s FDSTORE.  They come back as LISTEN_FDS.
 */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include "../list.h"

enum { DAEMON_STORE_MAX = 16, DAEMON_STORE_NAME = 32 };

struct daemon_stored {
	int fd;
	char name[DAEMON_STORE_NAME];
};

struct daemon_store {
	struct daemon_stored item[DAEMON_STORE_MAX];
	size_t n;
};

/*
 * Keep fd, which is given away: closed if there is no room, or if it is there
 * already.  name: what may stand in LISTEN_FDNAMES, else "stored".
 */
void daemon_store_add(struct daemon_store *s, int fd, const char *name);

/* Close those of that name. */
void daemon_store_remove(struct daemon_store *s, const char *name);

/* At the end. */
void daemon_store_clear(struct daemon_store *s);

/*
 * In the child that becomes the command, whose other descriptors are all at
 * 3 + s->n or above: put them at 3 and up, as to be kept over exec, and say
 * so in the variables.  -1/errno.
 */
int daemon_store_give(const struct daemon_store *s, struct daemon_list *keep,
    struct daemon_list *set);

/* "7=name,8=other" in buf, for another program of ours; "" if there are none
 * or too many; and back. */
void daemon_store_text(char *buf, size_t size, const struct daemon_store *s);
void daemon_store_parse(struct daemon_store *s, const char *text);

#endif
