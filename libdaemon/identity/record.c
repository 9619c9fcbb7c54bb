/* SPDX-License-Identifier: ISC */
/*
 * Definition and status as bytes, and back.  One table says which member is
 * which key; reading, writing and clearing all walk it.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../decimal.h"
#include "record.h"

enum kind { TEXT, LIST, NUMBER };

struct field {
	const char *key;
	enum kind kind;
	int private; /* not in "public": values of variables */
	size_t offset;
};

#define D(member, k, p) \
	{ \
#member, k, p, offsetof(struct daemon_definition, member) \
	}
#define S(member, k) \
	{ \
#member, k, 0, offsetof(struct daemon_status, member) \
	}

static const struct field definition[] = {
	D(name, TEXT, 0),
	D(pidfile, TEXT, 0),
	D(lockfile, TEXT, 0),
	D(user, TEXT, 0),
	D(group, TEXT, 0),
	D(cwd, TEXT, 0),
	D(root, TEXT, 0),
	D(command, TEXT, 0),
	D(in, TEXT, 0),
	D(out, TEXT, 0),
	D(err, TEXT, 0),
	D(check, TEXT, 1),
	D(stop, TEXT, 0),
	D(starter, TEXT, 0),
	D(restart, TEXT, 0),
	D(restart_delay, TEXT, 0),
	D(max_restarts, TEXT, 0),
	D(success_status, TEXT, 0),
	D(final_status, TEXT, 0),
	D(argv, LIST, 0),
	D(env, LIST, 1),
	D(set, LIST, 1),
	D(env_files, LIST, 0),
	D(limits, LIST, 0),
	D(inherited, LIST, 0),
	D(keep, LIST, 0),
	D(umask, NUMBER, 0),
	D(nice, NUMBER, 0),
	D(append, NUMBER, 0),
	D(truncate, NUMBER, 0),
	D(ignore_sigchld, NUMBER, 0),
	D(foreground, NUMBER, 0),
	D(ready_ms, NUMBER, 0),
};

static const struct field status[] = {
	S(since, NUMBER),
	S(started, NUMBER),
	S(step, TEXT),
	S(object, TEXT),
	S(reason, TEXT),
	S(code, NUMBER),
	S(ended, TEXT),
	S(ends, LIST),
	S(restarts, NUMBER),
	S(next, NUMBER),
	S(stamp, NUMBER),
	S(quick, NUMBER),
	S(often, NUMBER),
	S(window_left, NUMBER),
	S(health_left, NUMBER),
};

#define LENGTH(a) (sizeof(a) / sizeof(a)[0])

static const char *const words[] = {
	[DAEMON_STATE_STARTING] = "starting",
	[DAEMON_STATE_READY] = "ready",
	[DAEMON_STATE_RELOADING] = "reloading",
	[DAEMON_STATE_STOPPING] = "stopping",
	[DAEMON_STATE_BACKOFF] = "backoff",
	[DAEMON_STATE_FAILED] = "failed",
	[DAEMON_STATE_STOPPED] = "stopped",
	[DAEMON_STATE_EXITED] = "exited",
	[DAEMON_STATE_PAUSED] = "paused",
	[DAEMON_STATE_UNSUPERVISED] = "unsupervised",
};

int
daemon_definition_in_place(const struct daemon_definition *d)
{
	return d->pidfile != NULL && d->lockfile != NULL &&
	    strcmp(d->pidfile, d->lockfile) == 0;
}

const char *
daemon_state_word(enum daemon_state s)
{
	return words[s];
}

static void *
member(const void *base, const struct field *f)
{
	return (char *)(uintptr_t)base + f->offset;
}

static void
clear(void *base, const struct field *table, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		switch (table[i].kind) {
		case TEXT: free(*(char **)member(base, &table[i])); break;
		case LIST: daemon_list_clear(member(base, &table[i])); break;
		case NUMBER: break;
		}
}

void
daemon_definition_clear(struct daemon_definition *d)
{
	clear(d, definition, LENGTH(definition));
	*d = (struct daemon_definition){ 0 };
}

void
daemon_status_clear(struct daemon_status *s)
{
	clear(s, status, LENGTH(status));
	*s = (struct daemon_status){ 0 };
}

static int
put(struct daemon_bytes *out, const char *key, const char *value)
{
	char head[64];
	size_t n = strlen(value);
	char *p = stpcpy(head, key);

	*p++ = ' ';
	p = stpcpy(daemon_decimal(p, n), "\n");
	if (daemon_bytes_add(out, head, (size_t)(p - head)) == -1 ||
	    daemon_bytes_add(out, value, n) == -1)
		return -1;
	return daemon_bytes_add(out, "\n", 1);
}

static int
put_number(struct daemon_bytes *out, const char *key, unsigned long long n)
{
	char digits[DAEMON_DECIMAL_MAX];

	(void)daemon_decimal(digits, n);
	return put(out, key, digits);
}

static int
put_field(struct daemon_bytes *out, const void *base, const struct field *f)
{
	const struct daemon_list *l;
	char number[DAEMON_DECIMAL_MAX + 1];
	long long n;
	const char *text;
	size_t i;

	switch (f->kind) {
	case TEXT:
		text = *(char **)member(base, f);
		return text != NULL ? put(out, f->key, text) : 0;
	case NUMBER:
		n = *(long long *)member(base, f);
		number[0] = '-';
		(void)daemon_decimal(number + (n < 0),
		    n < 0 ? -(unsigned long long)n : (unsigned long long)n);
		return put(out, f->key, number);
	case LIST:
		l = member(base, f);
		for (i = 0; i < l->n; i++)
			if (put(out, f->key, l->v[i]) == -1)
				return -1;
		return 0;
	}
	return 0;
}

static int
put_table(struct daemon_bytes *out, const void *base, const struct field *table,
    size_t n, int private)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((private || !table[i].private) &&
		    put_field(out, base, &table[i]) == -1)
			return -1;
	return 0;
}

static int
put_format(struct daemon_bytes *out)
{
	return daemon_bytes_add(
	    out, DAEMON_RECORD_FORMAT, strlen(DAEMON_RECORD_FORMAT));
}

int
daemon_record_state(struct daemon_bytes *out, const struct daemon_definition *d)
{
	if (put_format(out) == -1 ||
	    put_table(out, d, definition, LENGTH(definition), 1) == -1)
		return -1;
	return put(out, "end", "");
}

/* Boot and namespace are those of the command. */
static int
put_supervisor(struct daemon_bytes *out, const struct daemon_identity *id)
{
	return id->pid == 0 ||
		(put_number(out, "supervisor", (unsigned)id->pid) == 0 &&
		    put_number(out, "supervisor_start", id->start) == 0 &&
		    put_number(out, "supervisor_pidfd", id->pidfd) == 0)
	    ? 0
	    : -1;
}

int
daemon_record_public(struct daemon_bytes *out,
    const struct daemon_definition *d, const struct daemon_status *s)
{
	if (put_format(out) == -1 ||
	    put_table(out, d, definition, LENGTH(definition), 0) == -1 ||
	    put_table(out, s, status, LENGTH(status), 0) == -1 ||
	    put_supervisor(out, &s->supervisor) == -1)
		return -1;
	return put(out, "condition", words[s->state]);
}

/* put() without allocation. */
static char *
tail_text(char *p, const char *key, const char *value)
{
	p = stpcpy(stpcpy(p, key), " ");
	p = stpcpy(daemon_decimal(p, strlen(value)), "\n");
	return stpcpy(stpcpy(p, value), "\n");
}

static char *
tail_number(char *p, const char *key, unsigned long long n)
{
	char digits[DAEMON_DECIMAL_MAX];

	(void)daemon_decimal(digits, n);
	return tail_text(p, key, digits);
}

size_t
daemon_record_tail(
    char buf[DAEMON_RECORD_TAIL_MAX], const struct daemon_identity *id)
{
	char *p = buf;

	p = tail_number(p, "pid", (unsigned long long)id->pid);
	p = tail_number(p, "start", id->start);
	p = tail_number(p, "pidfd", id->pidfd);
	p = tail_number(p, "pidns", id->pidns);
	p = tail_number(p, "session", (unsigned long long)id->session);
	p = tail_text(p, "boot", id->boot);
	p = stpcpy(p, "end 0\n\n");
	return (size_t)(p - buf);
}

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
get_field(const struct cursor *c, void *base, const struct field *f)
{
	char **text;

	switch (f->kind) {
	case TEXT:
		text = member(base, f);
		free(*text);
		*text = strndup(c->value, c->nvalue);
		return *text == NULL ? -1 : 0;
	case NUMBER: return get_number(c, member(base, f));
	case LIST:
		return daemon_list_addn(member(base, f), c->value, c->nvalue);
	}
	return 0;
}

/* 1: it was one of the table's; 0: not; -1. */
static int
get_table(
    const struct cursor *c, void *base, const struct field *table, size_t n)
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
	size_t i;

	for (i = 0; i < LENGTH(words); i++)
		if (strlen(words[i]) == c->nvalue &&
		    memcmp(words[i], c->value, c->nvalue) == 0) {
			*s = (enum daemon_state)i;
			return 0;
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

/* Who it is, and who its supervisor. */
static int
get_identity(const struct cursor *c, struct daemon_status *s)
{
	struct daemon_identity *id = &s->id, *by = &s->supervisor;
	const struct place places[] = {
		{ "pid", NULL, &id->pid },
		{ "start", &id->start, NULL },
		{ "pidfd", &id->pidfd, NULL },
		{ "pidns", &id->pidns, NULL },
		{ "session", NULL, &id->session },
		{ "supervisor", NULL, &by->pid },
		{ "supervisor_start", &by->start, NULL },
		{ "supervisor_pidfd", &by->pidfd, NULL },
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
	int r = get_table(c, s, status, LENGTH(status));

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
		r = get_table(&c, &newd, definition, LENGTH(definition));
		if (r == 0)
			r = get_status(&c, &news);
		if (r == -1)
			goto damaged;
	}
	news.supervisor.pidns = news.id.pidns;
	(void)strcpy(news.supervisor.boot, news.id.boot);
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
