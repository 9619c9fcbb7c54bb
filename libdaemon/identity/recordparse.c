/* SPDX-License-Identifier: ISC */
/* Definition and status, back from bytes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

/* One field of what is being read; bounds are checked here and only here. */
struct cursor {
	const char *p, *end;
	const char *key, *value;
	size_t nkey, nvalue;
};

static int
next(struct cursor *c)
{
	const char *space, *line;
	unsigned long long n = 0;

	line = memchr(c->p, '\n', (size_t)(c->end - c->p));
	if (line == NULL)
		return -1;
	space = memchr(c->p, ' ', (size_t)(line - c->p));
	if (space == NULL || space == c->p || space + 1 == line ||
	    line - space > 10)
		return -1;
	c->key = c->p;
	c->nkey = (size_t)(space - c->p);
	for (space++; space < line; space++) {
		if (*space < '0' || *space > '9')
			return -1;
		n = n * 10 + (unsigned)(*space - '0');
	}
	c->value = line + 1;
	if (n >= (unsigned long long)(c->end - c->value) ||
	    c->value[n] != '\n' || memchr(c->value, '\0', n) != NULL)
		return -1;
	c->nvalue = n;
	c->p = c->value + n + 1;
	return 0;
}

static int
is_key(const struct cursor *c, const char *key)
{
	return strlen(key) == c->nkey && memcmp(c->key, key, c->nkey) == 0;
}

static int
get_number(const struct cursor *c, long long *n)
{
	char buf[24], *end;

	if (c->nvalue == 0 || c->nvalue >= sizeof buf)
		return -1;
	(void)memcpy(buf, c->value, c->nvalue);
	buf[c->nvalue] = '\0';
	errno = 0;
	*n = strtoll(buf, &end, 10);
	return *end != '\0' || errno != 0 ? -1 : 0;
}

static int
get_field(const struct cursor *c, void *base, const struct daemon_field *f)
{
	char **text;

	switch (f->kind) {
	case DAEMON_FIELD_TEXT:
		text = daemon_field_of(base, f);
		free(*text);
		*text = strndup(c->value, c->nvalue);
		return *text == NULL ? -1 : 0;
	case DAEMON_FIELD_NUMBER:
		return get_number(c, daemon_field_of(base, f));
	case DAEMON_FIELD_LIST:
		return daemon_list_addn(
		    daemon_field_of(base, f), c->value, c->nvalue);
	}
	return 0;
}

/* 1: it was one of the table's; 0: not; -1. */
static int
get_table(const struct cursor *c, void *base, const struct daemon_field *table,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (is_key(c, table[i].key))
			return get_field(c, base, &table[i]) == -1 ? -1 : 1;
	return 0;
}

static int
get_state(const struct cursor *c, enum daemon_state *s)
{
	const char *word;
	int i;

	for (i = 0; i < DAEMON_STATES; i++) {
		word = daemon_state_word((enum daemon_state)i);
		if (strlen(word) == c->nvalue &&
		    memcmp(word, c->value, c->nvalue) == 0) {
			*s = (enum daemon_state)i;
			return 0;
		}
	}
	return -1;
}

/* Where a number of a status goes: one of the two. */
struct place {
	const char *key;
	unsigned long long *number;
	pid_t *pid;
};

static int
get_place(const struct cursor *c, const struct place *p)
{
	long long n;

	if (get_number(c, &n) == -1 || n < 0 ||
	    (p->pid != NULL && n > 1 << 22)) /* the kernel's PID_MAX_LIMIT */
		return -1;
	if (p->pid != NULL)
		*p->pid = (pid_t)n;
	else
		*p->number = (unsigned long long)n;
	return 0;
}

/* Who it is, and who its supervisor and its keeper. */
static int
get_identity(const struct cursor *c, struct daemon_status *s)
{
	struct daemon_identity *id = &s->id, *by = &s->supervisor,
			       *keeper = &s->keeper;
	const struct place places[] = {
		{ "pid", NULL, &id->pid },
		{ "start", &id->start, NULL },
		{ "pidfd", &id->pidfd, NULL },
		{ "pidns", &id->pidns, NULL },
		{ "session", NULL, &id->session },
		{ "supervisor", NULL, &by->pid },
		{ "supervisor_start", &by->start, NULL },
		{ "supervisor_pidfd", &by->pidfd, NULL },
		{ "keeper", NULL, &keeper->pid },
		{ "keeper_start", &keeper->start, NULL },
		{ "keeper_pidfd", &keeper->pidfd, NULL },
	};
	size_t i;

	for (i = 0; i < LENGTH(places); i++)
		if (is_key(c, places[i].key))
			return get_place(c, &places[i]);
	if (!is_key(c, "boot"))
		return 0;
	if (c->nvalue >= sizeof id->boot)
		return -1;
	(void)memcpy(id->boot, c->value, c->nvalue);
	id->boot[c->nvalue] = '\0';
	return 0;
}

static int
get_status(const struct cursor *c, struct daemon_status *s)
{
	int r = get_table(c, s, daemon_status_fields, daemon_status_count);

	if (r != 0)
		return r == 1 ? 0 : -1;
	if (is_key(c, "condition"))
		return get_state(c, &s->state);
	return get_identity(c, s);
}

int
daemon_record_parse(struct daemon_definition *d, struct daemon_status *s,
    const char *p, size_t n)
{
	size_t head = strlen(DAEMON_RECORD_FORMAT);
	struct daemon_definition newd = { 0 };
	struct daemon_status news = { 0 };
	struct cursor c;
	int r;

	if (n < head || memcmp(p, DAEMON_RECORD_FORMAT, head) != 0)
		goto damaged;
	c = (struct cursor){ .p = p + head, .end = p + n };
	for (;;) {
		if (next(&c) == -1)
			goto damaged;
		if (is_key(&c, "end"))
			break;
		r = get_table(&c, &newd, daemon_definition_fields,
		    daemon_definition_count);
		if (r == 0)
			r = get_status(&c, &news);
		if (r == -1)
			goto damaged;
	}
	news.supervisor.pidns = news.keeper.pidns = news.id.pidns;
	(void)strcpy(news.supervisor.boot, news.id.boot);
	(void)strcpy(news.keeper.boot, news.id.boot);
	*d = newd;
	if (s != NULL)
		*s = news;
	else
		daemon_status_clear(&news);
	return 0;
damaged:
	daemon_definition_clear(&newd);
	daemon_status_clear(&news);
	errno = EPROTO;
	return -1;
}
