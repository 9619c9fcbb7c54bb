/* SPDX-License-Identifier: ISC */
/* Definition and status as bytes. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../decimal.h"
#include "fields.h"

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
daemon_definition_mark(
    char buf[DAEMON_MARK_MAX], const struct daemon_definition *d)
{
	if (d->mark == NULL || strlen(d->mark) > DAEMON_MARK_MAX - 16)
		return NULL;
	(void)stpcpy(stpcpy(buf, "DAEMONIZE_ID="), d->mark);
	return buf;
}

const char *
daemon_state_word(enum daemon_state s)
{
	return words[s];
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

int
daemon_field_put(
    struct daemon_bytes *out, const void *base, const struct daemon_field *f)
{
	const struct daemon_list *l;
	char number[DAEMON_FIELD_NUMBER_MAX];
	const char *text;
	size_t i;

	switch (f->kind) {
	case DAEMON_FIELD_TEXT:
		text = *(char **)daemon_field_of(base, f);
		return text != NULL ? put(out, f->key, text) : 0;
	case DAEMON_FIELD_NUMBER:
		return put(out, f->key,
		    daemon_field_number(
			number, *(long long *)daemon_field_of(base, f)));
	case DAEMON_FIELD_LIST:
		l = daemon_field_of(base, f);
		for (i = 0; i < l->n; i++)
			if (put(out, f->key, l->v[i]) == -1)
				return -1;
		return 0;
	}
	return 0;
}

static int
put_table(struct daemon_bytes *out, const void *base,
    const struct daemon_field *table, size_t n, int private)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((private || !table[i].private) &&
		    daemon_field_put(out, base, &table[i]) == -1)
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
	    put_table(out, d, daemon_definition_fields, daemon_definition_count,
		1) == -1)
		return -1;
	return put(out, "end", "");
}

/* Boot and namespace are those of the command. */
static int
put_other(struct daemon_bytes *out, const char *const key[3],
    const struct daemon_identity *id)
{
	return id->pid == 0 ||
		(put_number(out, key[0], (unsigned)id->pid) == 0 &&
		    put_number(out, key[1], id->start) == 0 &&
		    put_number(out, key[2], id->pidfd) == 0)
	    ? 0
	    : -1;
}

static int
put_others(struct daemon_bytes *out, const struct daemon_status *s)
{
	static const char *const supervisor[] = { "supervisor",
		"supervisor_start", "supervisor_pidfd" };
	static const char *const keeper[] = { "keeper", "keeper_start",
		"keeper_pidfd" };

	return put_other(out, supervisor, &s->supervisor) == -1
	    ? -1
	    : put_other(out, keeper, &s->keeper);
}

int
daemon_record_public(struct daemon_bytes *out,
    const struct daemon_definition *d, const struct daemon_status *s)
{
	if (put_format(out) == -1 ||
	    put_table(out, d, daemon_definition_fields, daemon_definition_count,
		0) == -1 ||
	    put_table(out, s, daemon_status_fields, daemon_status_count, 0) ==
		-1 ||
	    put_others(out, s) == -1)
		return -1;
	return put(out, "condition", daemon_state_word(s->state));
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

int
daemon_state_is_final(enum daemon_state s)
{
	return s == DAEMON_STATE_FAILED || s == DAEMON_STATE_STOPPED ||
	    s == DAEMON_STATE_EXITED;
}
