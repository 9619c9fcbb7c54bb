/* SPDX-License-Identifier: ISC */
/* Growing lists and bytes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

enum { FIRST_CHUNK = 496, CHUNK = 2000 };

struct daemon_chunk {
	struct daemon_chunk *next;
	size_t used, size;
	char text[];
};

int
daemon_list_borrow(struct daemon_list *l, char *s)
{
	size_t room = l->room != 0 ? 4 * l->room : 8;
	char **v;

	if (l->n + 1 >= l->room) {
		v = reallocarray(l->v, room, sizeof *v);
		if (v == NULL)
			return -1;
		l->v = v;
		l->room = room;
	}
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
	return 0;
}

/* A copy of s that lives as long as the list. */
static char *
keep(struct daemon_list *l, const char *s, size_t n)
{
	size_t size = l->chunk == NULL ? FIRST_CHUNK : CHUNK;
	struct daemon_chunk *c = l->chunk;
	char *copy;

	if (c == NULL || c->size - c->used < n + 1) {
		size = n + 1 > size ? n + 1 : size;
		c = malloc(sizeof *c + size);
		if (c == NULL)
			return NULL;
		*c = (struct daemon_chunk){ .next = l->chunk, .size = size };
		l->chunk = c;
	}
	copy = c->text + c->used;
	(void)memcpy(copy, s, n);
	copy[n] = '\0';
	c->used += n + 1;
	return copy;
}

int
daemon_list_addn(struct daemon_list *l, const char *s, size_t n)
{
	char *copy = keep(l, s, n);

	return copy == NULL ? -1 : daemon_list_borrow(l, copy);
}

int
daemon_list_replace(struct daemon_list *l, size_t i, const char *s)
{
	char *copy = keep(l, s, strlen(s));

	if (copy == NULL)
		return -1;
	l->v[i] = copy;
	return 0;
}

int
daemon_list_add(struct daemon_list *l, const char *s)
{
	return daemon_list_addn(l, s, strlen(s));
}

int
daemon_list_addf(struct daemon_list *l, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n, r;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n == -1)
		return -1;
	r = daemon_list_addn(l, s, (size_t)n);
	free(s);
	return r;
}

void
daemon_list_clear(struct daemon_list *l)
{
	struct daemon_chunk *c;

	while ((c = l->chunk) != NULL) {
		l->chunk = c->next;
		free(c);
	}
	free(l->v);
	*l = (struct daemon_list){ 0 };
}

int
daemon_bytes_reserve(struct daemon_bytes *b, size_t room)
{
	char *q;

	if (room <= b->room)
		return 0;
	q = realloc(b->p, room);
	if (q == NULL)
		return -1;
	b->p = q;
	b->room = room;
	return 0;
}

int
daemon_bytes_add(struct daemon_bytes *b, const void *p, size_t n)
{
	size_t room = b->room != 0 ? b->room : 4096;

	while (room - b->n < n)
		room *= 2;
	if (daemon_bytes_reserve(b, room) == -1)
		return -1;
	(void)memcpy(b->p + b->n, p, n);
	b->n += n;
	return 0;
}

void
daemon_bytes_clear(struct daemon_bytes *b)
{
	free(b->p);
	*b = (struct daemon_bytes){ 0 };
}
