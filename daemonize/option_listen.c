/* SPDX-License-Identifier: ISC */
/* What sockets mean together, and to the other options. */
#include <stdio.h>
#include <string.h>

#include "../libdaemon/socket/address.h"
#include "messages.h"
#include "option_listen.h"

const char *
listen_about(const struct daemon_definition *d)
{
	return d->listen_env != NULL ? "--listen-env"
	    : d->reuseport	     ? "--reuseport"
	    : d->backlog > 0	     ? "--backlog"
				     : NULL;
}

/* Of that number. */
static struct daemon_address
address_of(const struct daemon_definition *d, size_t i)
{
	struct daemon_address a;
	const char *why;

	(void)daemon_address_parse(&a, d->listen.v[i], &why); /* it was */
	return a;
}

/* How many go by that name? */
static int
labels(const struct daemon_definition *d, const char *name, size_t n)
{
	char label[DAEMON_ADDRESS_NAME];
	struct daemon_address a;
	size_t i;
	int found = 0;

	for (i = 0; i < d->listen.n; i++) {
		a = address_of(d, i);
		daemon_address_label(label, &a);
		found += strlen(label) == n && strncmp(label, name, n) == 0;
	}
	return found;
}

/* {fd:NAME}: each is one of them. */
static int
settle_names(const struct daemon_definition *d, const char *text)
{
	const char *p = text, *name;
	size_t n;
	int found;

	while ((p = strstr(p, "{fd:")) != NULL) {
		name = p + strlen("{fd:");
		n = strcspn(name, "}");
		p = name + n;
		found = *p != '\0' ? labels(d, name, n) : 1;
		if (found == 1)
			continue;
		message_option("--listen", "{fd:%.*s}: %s that name", (int)n,
		    name, found == 0 ? "none has" : "several have");
		return -1;
	}
	return 0;
}

static int
settle_words(const struct daemon_definition *d, const struct daemon_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (settle_names(d, l->v[i]) == -1)
			return -1;
	return 0;
}

/* Whether it answers there, our socket does not tell. */
static int
probes_ours(const struct daemon_definition *d)
{
	const char *ready = d->ready != NULL ? d->ready : "";
	const int tcp = strncmp(ready, "tcp:", 4) == 0,
		  file = strncmp(ready, "unix:", 5) == 0;
	struct daemon_address a;
	size_t i;

	for (i = 0; i < d->listen.n; i++) {
		a = address_of(d, i);
		if (tcp && a.kind == DAEMON_ADDRESS_TCP &&
		    strcmp(a.port, strrchr(ready, ':') + 1) == 0)
			return 1;
		if (file && a.kind == DAEMON_ADDRESS_UNIX &&
		    strcmp(a.path, ready + 5) == 0)
			return 1;
	}
	return 0;
}

/* The second of two that are the same; NULL: each is another. */
static const char *
given_twice(const struct daemon_definition *d)
{
	struct daemon_address a, b;
	size_t i, k;

	for (i = 0; i < d->listen.n && !d->reuseport; i++)
		for (k = 0; k < i; k++) {
			a = address_of(d, i);
			b = address_of(d, k);
			if (a.kind == b.kind && strcmp(a.host, b.host) == 0 &&
			    strcmp(a.port, b.port) == 0 &&
			    strcmp(a.path, b.path) == 0)
				return d->listen.v[i];
		}
	return NULL;
}

int
listen_settle(const struct daemon_definition *d)
{
	if (d->listen.n == 0) {
		if (listen_about(d) == NULL)
			return 0;
		message_option(listen_about(d), "only with --listen");
		return -1;
	}
	if (given_twice(d) != NULL) {
		message_option(
		    "--listen", "%s: is given twice", given_twice(d));
		return -1;
	}
	if (probes_ours(d)) {
		message_option("--ready",
		    "%s: is open as soon as we have it (--listen)", d->ready);
		return -1;
	}
	return settle_words(d, &d->argv) == -1 ? -1 : settle_words(d, &d->set);
}
