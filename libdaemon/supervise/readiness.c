/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "readiness.h"

static int
parse_fd(struct daemon_readiness_how *h, const char *text)
{
	h->fd = text == NULL ? 3 : text[0] - '0';
	return text == NULL || (h->fd >= 3 && h->fd <= 9 && text[1] == '\0')
	    ? 0
	    : -1;
}

static int
parse_path(struct daemon_readiness_how *h, const char *text)
{
	h->object = text;
	return text[0] != '\0' ? 0 : -1;
}

static int
parse_pidfile(struct daemon_readiness_how *h, const char *text)
{
	return text == NULL ? 0 : parse_path(h, text);
}

static int
parse_unix(struct daemon_readiness_how *h, const char *text)
{
	return text == NULL ? -1 : parse_path(h, text);
}

static int
parse_command(struct daemon_readiness_how *h, const char *text)
{
	h->object = text;
	return text == NULL || text[0] == '\0' ? -1 : 0;
}

static int
copy(char *to, size_t size, const char *from, size_t n)
{
	if (n == 0 || n >= size)
		return -1;
	(void)memcpy(to, from, n);
	to[n] = '\0';
	return 0;
}

/* 1 to 65535. */
static int
is_port(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && n <= 5 && strspn(text, "0123456789") == n &&
	    atoi(text) >= 1 && atoi(text) <= 65535;
}

static int
parse_tcp(struct daemon_readiness_how *h, const char *text)
{
	const char *colon = text != NULL ? strrchr(text, ':') : NULL;
	size_t n;

	if (colon == NULL || !is_port(colon + 1) ||
	    copy(h->port, sizeof h->port, colon + 1, strlen(colon + 1)) == -1)
		return -1;
	n = (size_t)(colon - text);
	if (text[0] == '[') {
		if (n < 3 || text[n - 1] != ']')
			return -1;
		return copy(h->host, sizeof h->host, text + 1, n - 2);
	}
	return memchr(text, ':', n) != NULL
	    ? -1
	    : copy(h->host, sizeof h->host, text, n);
}

static int
parse_notify(struct daemon_readiness_how *h, const char *text)
{
	(void)h;
	return text == NULL ? 0 : -1;
}

/* One line for each word there is. */
static const struct {
	const char *word;
	enum daemon_readiness_kind kind;
	int (*parse)(struct daemon_readiness_how *h, const char *text);
} words[] = {
	{ "fd", DAEMON_BY_FD, parse_fd },
	{ "notify", DAEMON_BY_NOTIFY, parse_notify },
	{ "pidfile", DAEMON_BY_PIDFILE, parse_pidfile },
	{ "tcp", DAEMON_BY_TCP, parse_tcp },
	{ "unix", DAEMON_BY_UNIX, parse_unix },
	{ "cmd", DAEMON_BY_COMMAND, parse_command },
};

int
daemon_readiness_parse(struct daemon_readiness_how *h, const char *text)
{
	size_t i, n = text != NULL ? strcspn(text, ":") : 0;

	*h = (struct daemon_readiness_how){ .kind = DAEMON_BY_TIME, .fd = -1 };
	if (text == NULL)
		return 0;
	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strlen(words[i].word) != n ||
		    strncmp(words[i].word, text, n) != 0)
			continue;
		h->kind = words[i].kind;
		if (words[i].parse(h, text[n] == ':' ? text + n + 1 : NULL) ==
		    0)
			return 0;
		break;
	}
	errno = EINVAL;
	return -1;
}
