/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "machine.h"
#include "notice.h"

enum { US_IN_MS = 1000 };

/* A line's value; end is behind it. */
struct value {
	const char *p, *end;
};

/* -1: not a number, or too large a one. */
static long long
number(const struct value *v)
{
	const char *p;
	long long n = 0;

	if (v->p == v->end || v->end - v->p > 18)
		return -1;
	for (p = v->p; p < v->end; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		n = n * 10 + (*p - '0');
	}
	return n;
}

static int
is(const struct value *v, const char *word)
{
	size_t n = (size_t)(v->end - v->p);

	return strlen(word) == n && memcmp(v->p, word, n) == 0;
}

static void
text(char to[DAEMON_SAYS_MAX], const struct value *v)
{
	size_t n = (size_t)(v->end - v->p);

	if (n >= DAEMON_SAYS_MAX)
		n = DAEMON_SAYS_MAX - 1;
	(void)memcpy(to, v->p, n);
	to[n] = '\0';
}

static void
happens(struct daemon_notice *n, enum daemon_event_kind kind, int really)
{
	if (really)
		n->events |= 1u << kind;
}

static void
ready(struct daemon_notice *n, const struct value *v)
{
	happens(n, DAEMON_EVENT_READY, is(v, "1"));
}

static void
reloading(struct daemon_notice *n, const struct value *v)
{
	happens(n, DAEMON_EVENT_RELOADING, is(v, "1"));
}

static void
stopping(struct daemon_notice *n, const struct value *v)
{
	happens(n, DAEMON_EVENT_LEAVING, is(v, "1"));
}

static void
watchdog(struct daemon_notice *n, const struct value *v)
{
	happens(n, DAEMON_EVENT_SIGN, is(v, "1"));
	happens(n, DAEMON_EVENT_HUNG, is(v, "trigger"));
}

/* Rounded up: what is asked for is at least given. */
static void
extend(struct daemon_notice *n, const struct value *v)
{
	long long us = number(v);

	happens(n, DAEMON_EVENT_EXTEND, us >= 0);
	n->extend_ms = (us + US_IN_MS - 1) / US_IN_MS;
}

static void
watchdog_usec(struct daemon_notice *n, const struct value *v)
{
	long long us = number(v);

	if (us > 0)
		n->watchdog_ms = (us + US_IN_MS - 1) / US_IN_MS;
}

static void
monotonic(struct daemon_notice *n, const struct value *v)
{
	n->reloading_us = number(v);
}

static void
mainpid(struct daemon_notice *n, const struct value *v)
{
	long long pid = number(v);

	if (pid > 1 && pid <= 1 << 22)
		n->main = (pid_t)pid;
}

static void
status(struct daemon_notice *n, const struct value *v)
{
	n->says = 1;
	text(n->status, v);
}

static void
error(struct daemon_notice *n, const struct value *v)
{
	long long e = number(v);

	if (e >= 0 && e < 1 << 16)
		n->error = (int)e;
}

static void
store(struct daemon_notice *n, const struct value *v)
{
	n->store |= is(v, "1");
}

static void
forget(struct daemon_notice *n, const struct value *v)
{
	n->forget |= is(v, "1");
}

static void
barrier(struct daemon_notice *n, const struct value *v)
{
	n->barrier |= is(v, "1");
}

static void
name(struct daemon_notice *n, const struct value *v)
{
	text(n->name, v);
}

static const struct {
	const char *key;
	void (*take)(struct daemon_notice *n, const struct value *v);
} lines[] = {
	{ "READY=", ready },
	{ "RELOADING=", reloading },
	{ "STOPPING=", stopping },
	{ "MONOTONIC_USEC=", monotonic },
	{ "STATUS=", status },
	{ "ERRNO=", error },
	{ "MAINPID=", mainpid },
	{ "WATCHDOG=", watchdog },
	{ "WATCHDOG_USEC=", watchdog_usec },
	{ "EXTEND_TIMEOUT_USEC=", extend },
	{ "FDSTORE=", store },
	{ "FDSTOREREMOVE=", forget },
	{ "FDNAME=", name },
	{ "BARRIER=", barrier },
};

static void
take_line(struct daemon_notice *n, const char *p, const char *end)
{
	struct value v;
	size_t i, key;

	for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		key = strlen(lines[i].key);
		if ((size_t)(end - p) < key ||
		    memcmp(p, lines[i].key, key) != 0)
			continue;
		v = (struct value){ p + key, end };
		lines[i].take(n, &v);
		return;
	}
}

void
daemon_notice_parse(struct daemon_notice *notice, const char *p, size_t n)
{
	const char *end = p + strnlen(p, n), *line;

	*notice = (struct daemon_notice){
		.watchdog_ms = -1, .reloading_us = -1, .error = -1
	};
	for (; p < end; p = line + 1) {
		line = memchr(p, '\n', (size_t)(end - p));
		if (line == NULL)
			line = end;
		take_line(notice, p, line);
	}
}
