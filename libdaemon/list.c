/* SPDX-License-Identifier: ISC */
/* Growing lists and bytes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

int
daemon_list_addn(struct daemon_list *l, const char *s, size_t n)
{
	char **v, *c;

	if ((l->n & (l->n + 1)) == 0) { /* room is a power of two */
		v = reallocarray(l->v, 2 * (l->n + 1), sizeof *v);
		if (v == NULL)
			return -1;
		l->v = v;
	}
	c = malloc(n + 1);
	if (c == NULL)
		return -1;
	(void)memcpy(c, s, n);
	c[n] = '\0';
	l->v[l->n++] = c;
	l->v[l->n] = NULL;
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
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct daemon_list){ 0 };
}

int
daemon_bytes_add(struct daemon_bytes *b, const void *p, size_t n)
{
	size_t room = b->room != 0 ? b->room : 1024;
	char *q;

	while (room - b->n < n)
		room *= 2;
	if (room != b->room) {
		q = realloc(b->p, room);
		if (q == NULL)
			return -1;
		b->p = q;
		b->room = room;
	}
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
