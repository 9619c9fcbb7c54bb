/* SPDX-License-Identifier: ISC */
/* Growing lists of strings, ended by NULL like argv, and growing bytes. */
#ifndef DAEMON_LIST_H
#define DAEMON_LIST_H

#include <stddef.h>

struct daemon_chunk; /* text, many strings to an allocation */

struct daemon_list {
	char **v; /* NULL while empty, else v[n] is NULL; owned */
	size_t n, room;
	struct daemon_chunk *chunk;
};

/* Append a copy of s.  -1/ENOMEM. */
int daemon_list_add(struct daemon_list *l, const char *s);
/* The same for s of n bytes, and for printf's arguments. */
int daemon_list_addn(struct daemon_list *l, const char *s, size_t n);
int daemon_list_addf(struct daemon_list *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Append s itself, which must outlive the list (argv, environ). */
int daemon_list_borrow(struct daemon_list *l, char *s);
/* Put a copy of s in place of v[i]. */
int daemon_list_replace(struct daemon_list *l, size_t i, const char *s);
void daemon_list_clear(struct daemon_list *l);

struct daemon_bytes {
	char *p; /* owned */
	size_t n, room;
};

/* Have place for room bytes in all, and no more than that.  -1/ENOMEM. */
int daemon_bytes_reserve(struct daemon_bytes *b, size_t room);
/* Append n bytes.  -1/ENOMEM. */
int daemon_bytes_add(struct daemon_bytes *b, const void *p, size_t n);
void daemon_bytes_clear(struct daemon_bytes *b);

#endif
