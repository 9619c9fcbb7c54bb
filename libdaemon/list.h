/* SPDX-License-Identifier: ISC */
/* Growing lists of strings, ended by NULL like argv, and growing bytes. */
#ifndef DAEMON_LIST_H
#define DAEMON_LIST_H

#include <stddef.h>

struct daemon_list {
	char **v; /* NULL while empty, else v[n] is NULL; owned */
	size_t n;
};

/* Append a copy of s.  -1/ENOMEM. */
int daemon_list_add(struct daemon_list *l, const char *s);
/* The same for s of n bytes, and for printf's arguments. */
int daemon_list_addn(struct daemon_list *l, const char *s, size_t n);
int daemon_list_addf(struct daemon_list *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void daemon_list_clear(struct daemon_list *l);

struct daemon_bytes {
	char *p; /* owned */
	size_t n, room;
};

/* Append n bytes.  -1/ENOMEM. */
int daemon_bytes_add(struct daemon_bytes *b, const void *p, size_t n);
void daemon_bytes_clear(struct daemon_bytes *b);

#endif
