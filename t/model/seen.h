/* SPDX-License-Identifier: ISC */
/* The worlds that were met, in that order, each once, and how. */
#ifndef SEEN_H
#define SEEN_H

#include <stddef.h>

struct seen {
	size_t world, event; /* bytes of one; the first a multiple of 4, with
	    none unset */
	size_t known;
	char *worlds, *events; /* of each the event that led there */
	size_t *from; /* and whence */
	unsigned *slot;
};

/* As many as this, at most. */
enum { SEEN_MAX = 1 << 19 };

void seen_make(struct seen *s, size_t world, size_t event);
void seen_empty(struct seen *s);
void
seen_meet(struct seen *s, const void *world, size_t from, const void *event);
const void *seen_world(const struct seen *s, size_t i);
const void *seen_event(const struct seen *s, size_t i);

/* A table of lines, each once, sorted: what a change of behaviour changes. */
void row_note(const char *text);
void rows_print(void);

#endif
