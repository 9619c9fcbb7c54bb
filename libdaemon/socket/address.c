/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

enum { MODE = 0660 };

static int
refuse(const char **why, const char *text)
{
	*why = text;
	return -1;
}

/* 0: it does not fit. */
static int
copy(char *to, size_t size, const char *from, size_t n)
{
	if (n >= size)
		return 0;
	(void)memcpy(to, from, n);
	to[n] = '\0';
	return 1;
}

/* Printable, and without what separates names. */
static int
is_name(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~' || p[i] == ',' || p[i] == ':' ||
		    p[i] == '=' || p[i] == '}')
			return 0;
	return n > 0 && n < DAEMON_ADDRESS_NAME;
}

/* What follows "word"; NULL: it does not begin so. */
static const char *
after(const char *text, const char *word)
{
	const size_t n = strlen(word);

	return strncmp(text, word, n) == 0 ? text + n : NULL;
}

static int
parse_port(struct daemon_address *a, const char *p, const char **why)
{
	const size_t n = strspn(p, "0123456789");
	const long port = n > 0 && n < sizeof a->port ? atol(p) : 0;

	if (p[n] != '\0' || p[0] == '0' || port < 1 || port > 65535)
		return refuse(why, "its port is no number from 1 to 65535");
	(void)snprintf(a->port, sizeof a->port, "%ld", port);
	return 0;
}

static int
parse_host(struct daemon_address *a, const char *text, const char **why)
{
	const char *colon = strrchr(text, ':'), *from = text;
	size_t n;

	if (colon == NULL)
		return refuse(why, "not HOST:PORT, :PORT or unix:PATH");
	n = (size_t)(colon - text);
	if (text[0] == '[') {
		if (n < 2 || colon[-1] != ']')
			return refuse(why, "not [ADDRESS]:PORT");
		from++;
		n -= 2;
	} else if (memchr(text, ':', n) != NULL) {
		return refuse(
		    why, "an IPv6 address is in brackets: [ADDRESS]:PORT");
	}
	if (!copy(a->host, sizeof a->host, from, n))
		return refuse(why, "its host is too long");
	return parse_port(a, colon + 1, why);
}

static int
parse_mode(struct daemon_address *a, const char *p, size_t n, const char **why)
{
	if (n == 0 || n > 4 || strspn(p, "01234567") < n)
		return refuse(why, "its mode is no octal number");
	a->mode = (mode_t)strtoul(p, NULL, 8) & 0777;
	return 0;
}

static int
parse_owner(struct daemon_address *a, const char *p, size_t n, const char **why)
{
	const char *colon = memchr(p, ':', n);
	const size_t user = colon != NULL ? (size_t)(colon - p) : n;

	if (n == 0 || !copy(a->owner, sizeof a->owner, p, user) ||
	    (colon != NULL &&
		!copy(a->group, sizeof a->group, colon + 1, n - user - 1)))
		return refuse(why, "its owner is no USER[:GROUP]");
	return 0;
}

/* ",mode=660,owner=www" */
static int
parse_file(struct daemon_address *a, const char *p, const char **why)
{
	const char *value;
	size_t n;

	for (; *p == ','; p += n) {
		p++;
		n = strcspn(p, ",");
		value = memchr(p, '=', n);
		if (value == NULL)
			return refuse(why, "not mode=OCTAL or owner=USER");
		value++;
		if (after(p, "mode=") != NULL
			? parse_mode(a, value, n - (size_t)(value - p), why)
			: after(p, "owner=") != NULL
			? parse_owner(a, value, n - (size_t)(value - p), why)
			: refuse(why, "not mode=OCTAL or owner=USER"))
			return -1;
	}
	return 0;
}

static int
parse_unix(struct daemon_address *a, const char *text, const char **why)
{
	const size_t n = strcspn(text, ",");

	a->mode = MODE;
	if (n == 0)
		return refuse(why, "has no path");
	if (text[0] == '@')
		return refuse(
		    why, "is abstract, and has no mode or owner: give a path");
	if (!copy(a->path, sizeof a->path, text, n))
		return refuse(why, "its path is longer than 107 bytes");
	return parse_file(a, text + n, why);
}

/* What an address begins with is no name. */
static const char *
parse_name(struct daemon_address *a, const char *text, const char **why)
{
	const size_t n = strcspn(text, "=:/[");

	if (text[n] != '=')
		return text;
	if (!is_name(text, n)) {
		(void)refuse(why, "its name is none");
		return NULL;
	}
	(void)copy(a->name, sizeof a->name, text, n);
	return text + n + 1;
}

int
daemon_address_parse(
    struct daemon_address *a, const char *text, const char **why)
{
	const char *p, *rest;

	*a = (struct daemon_address){ .kind = DAEMON_ADDRESS_TCP };
	p = parse_name(a, text, why);
	if (p == NULL)
		return -1;
	if ((rest = after(p, "unix:")) != NULL) {
		a->kind = DAEMON_ADDRESS_UNIX;
		return parse_unix(a, rest, why);
	}
	if ((rest = after(p, "udp:")) != NULL)
		a->kind = DAEMON_ADDRESS_UDP;
	else
		rest = after(p, "tcp:");
	if (rest != NULL)
		p = rest;
	return parse_host(a, p, why);
}

void
daemon_address_label(
    char label[DAEMON_ADDRESS_NAME], const struct daemon_address *a)
{
	const char *slash = strrchr(a->path, '/');
	const char *p = a->name[0] != '\0'   ? a->name
	    : a->kind != DAEMON_ADDRESS_UNIX ? a->port
	    : slash != NULL		     ? slash + 1
					     : a->path;

	if (!is_name(p, strlen(p)))
		p = "listen";
	(void)copy(label, DAEMON_ADDRESS_NAME, p, strlen(p));
}

static int
put_host(char *text, size_t size, const struct daemon_address *a)
{
	const int v6 = strchr(a->host, ':') != NULL;

	return snprintf(text, size, "%s%s%s%s:%s",
	    a->kind == DAEMON_ADDRESS_UDP ? "udp:" : "", v6 ? "[" : "", a->host,
	    v6 ? "]" : "", a->port);
}

static int
put_unix(char *text, size_t size, const struct daemon_address *a)
{
	return snprintf(text, size, "unix:%s,mode=%03o%s%s%s%s", a->path,
	    (unsigned)a->mode,
	    a->owner[0] != '\0' || a->group[0] != '\0' ? ",owner=" : "",
	    a->owner, a->group[0] != '\0' ? ":" : "", a->group);
}

int
daemon_address_text(
    char text[DAEMON_ADDRESS_TEXT], const struct daemon_address *a)
{
	int n = 0, m;

	text[0] = '\0';
	if (a->name[0] != '\0')
		n = snprintf(text, DAEMON_ADDRESS_TEXT, "%s=", a->name);
	m = a->kind == DAEMON_ADDRESS_UNIX
	    ? put_unix(text + n, DAEMON_ADDRESS_TEXT - (size_t)n, a)
	    : put_host(text + n, DAEMON_ADDRESS_TEXT - (size_t)n, a);
	return m < DAEMON_ADDRESS_TEXT - n ? 0 : -1;
}
