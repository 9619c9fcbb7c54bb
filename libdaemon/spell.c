/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "spell.h"

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

char *
daemon_spell(const char *text, const char *what, const char *with)
{
	char *done =
		 malloc(strlen(text) + count(text, what) * strlen(with) + 1),
	     *to = done;
	const char *p;

	if (done == NULL)
		return NULL;
	while ((p = strstr(text, what)) != NULL) {
		to = stpcpy(mempcpy(to, text, (size_t)(p - text)), with);
		text = p + strlen(what);
	}
	(void)strcpy(to, text);
	return done;
}
