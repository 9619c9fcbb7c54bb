/* SPDX-License-Identifier: ISC */
/*
 * Faults as text, both ways.  See spec.h.
 */
#define _GNU_SOURCE 1

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "spec.h"

#define ERRNO_LAST 133

static int
error_number(const char *name)
{
	for (int e = 1; e <= ERRNO_LAST; e++) {
		const char *n = strerrorname_np(e);

		if (n != NULL && strcmp(n, name) == 0)
			return e;
	}
	return 0;
}

static int
signal_number(const char *name)
{
	for (int sig = 1; sig < 32; sig++) {
		const char *n = sigabbrev_np(sig);

		if (n != NULL && strcmp(n, name) == 0)
			return sig;
	}
	return 0;
}

/* "EIO+", "EIO~", "KILL", "short+" */
static int
parse_action(const char *text, struct fault *f)
{
	char word[32];
	size_t len = strlen(text);
	char mark = len > 0 ? text[len - 1] : '\0';

	if (mark == '+' || mark == '~')
		len--;
	else
		mark = '\0';
	if (len == 0 || len >= sizeof word)
		return -1;
	memcpy(word, text, len);
	word[len] = '\0';
	f->lasting = mark == '+';
	if (strcmp(word, "short") == 0) {
		f->action = ACTION_SHORT;
		return mark == '~' ? -1 : 0;
	}
	if ((f->value = error_number(word)) != 0) {
		f->action = mark == '~' ? ACTION_REPORT : ACTION_FAIL;
		return 0;
	}
	f->action = ACTION_SIGNAL;
	f->value = signal_number(word);
	return f->value == 0 || mark != '\0' ? -1 : 0;
}

int
spec_parse(const char *text, struct fault *f)
{
	struct fault new = { .nth = 0 };
	char call[32], *end;
	const char *colon = strchr(text, ':'), *second;

	if (colon == NULL || (second = strchr(colon + 1, ':')) == NULL)
		return -1;
	if (colon == text || colon - text >= ROLE_MAX)
		return -1;
	if (second - colon - 1 >= (long)sizeof call)
		return -1;
	memcpy(new.role, text, (size_t)(colon - text));
	memcpy(call, colon + 1, (size_t)(second - colon - 1));
	call[second - colon - 1] = '\0';
	new.nr = call_number(call);
	new.nth = (unsigned)strtoul(second + 1, &end, 10);
	if (new.nr == -1 || new.nth == 0 || *end != '=')
		return -1;
	if (parse_action(end + 1, &new) == -1)
		return -1;
	*f = new;
	return 0;
}

const char *
spec_print(const struct fault *f, char buf[SPEC_MAX])
{
	const char *word = "?", *mark = f->lasting ? "+" : "";
	char name[24];

	switch (f->action) {
	case ACTION_REPORT:
		mark = "~";
		/* FALLTHROUGH */
	case ACTION_FAIL: word = strerrorname_np(f->value); break;
	case ACTION_SIGNAL: word = sigabbrev_np(f->value); break;
	case ACTION_SHORT: word = "short"; break;
	}
	(void)snprintf(buf, SPEC_MAX, "%s:%s:%u=%s%s", f->role,
	    call_name(f->nr, name), f->nth, word, mark);
	return buf;
}
