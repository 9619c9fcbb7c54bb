/* SPDX-License-Identifier: ISC */
/* What is asked for now, and was not. */
#include <stdio.h>
#include <string.h>

#include "../decimal.h"
#include "fields.h"

/* Fields by the option that sets them; others have its name. */
static const struct {
	const char *key, *option;
} options[] = {
	{ "command", "command" },
	{ "argv", "arguments" },
	{ "lockfile", "--lock" },
	{ "in", "--stdin" },
	{ "out", "--stdout" },
	{ "err", "--stderr" },
	{ "set", "--env" },
	{ "env_files", "--env-file" },
	{ "limits", "--rlimit" },
	{ "keep", "--keep-fd" },
	{ "ready_ms", "--ready=alive (ms)" },
};

static int
add_option(struct daemon_bytes *line, const char *key)
{
	char option[64] = "--", *p;
	size_t i;

	for (i = 0; i < sizeof options / sizeof options[0]; i++)
		if (strcmp(options[i].key, key) == 0)
			return daemon_bytes_add(
			    line, options[i].option, strlen(options[i].option));
	(void)strncat(option, key, sizeof option - sizeof "--");
	for (p = option; *p != '\0'; p++)
		if (*p == '_')
			*p = '-';
	return daemon_bytes_add(line, option, strlen(option));
}

static const char *
render_number(char buf[DAEMON_FIELD_NUMBER_MAX], const struct daemon_field *f,
    long long n)
{
	if (strcmp(f->key, "umask") != 0)
		return daemon_field_number(buf, n);
	(void)snprintf(
	    buf, DAEMON_FIELD_NUMBER_MAX, "%03llo", (unsigned long long)n);
	return buf;
}

/* The values of a field in a line, after what is there: "a b". */
static int
add_values(
    struct daemon_bytes *line, const void *base, const struct daemon_field *f)
{
	const struct daemon_list *l;
	char number[DAEMON_FIELD_NUMBER_MAX];
	const char *text = "";
	size_t i;

	switch (f->kind) {
	case DAEMON_FIELD_TEXT:
		text = *(char **)daemon_field_of(base, f);
		break;
	case DAEMON_FIELD_NUMBER:
		text = render_number(
		    number, f, *(long long *)daemon_field_of(base, f));
		break;
	case DAEMON_FIELD_LIST:
		l = daemon_field_of(base, f);
		for (i = 0; i < l->n; i++)
			if ((i > 0 && daemon_bytes_add(line, " ", 1) == -1) ||
			    daemon_bytes_add(line, l->v[i], strlen(l->v[i])) ==
				-1)
				return -1;
		return 0;
	}
	if (text == NULL)
		text = "-";
	return daemon_bytes_add(line, text, strlen(text));
}

static int
add_difference(struct daemon_list *lines, const struct daemon_field *f,
    const void *was, const void *is)
{
	struct daemon_bytes b = { 0 };
	int r;

	r = add_option(&b, f->key);
	if (r == 0 && !f->private)
		r = daemon_bytes_add(&b, ": ", 2) == -1 ||
			add_values(&b, was, f) == -1 ||
			daemon_bytes_add(&b, " -> ", 4) == -1 ||
			add_values(&b, is, f) == -1
		    ? -1
		    : 0;
	if (r == 0)
		r = daemon_list_addn(lines, b.p, b.n);
	daemon_bytes_clear(&b);
	return r;
}

/* As bytes: of a record they are the same, or the value is not. */
static int
differ(const struct daemon_field *f, const void *was, const void *is)
{
	struct daemon_bytes a = { 0 }, b = { 0 };
	int r = daemon_field_put(&a, was, f) == -1 ||
		daemon_field_put(&b, is, f) == -1
	    ? -1
	    : a.n != b.n || (a.n > 0 && memcmp(a.p, b.p, a.n) != 0);

	daemon_bytes_clear(&a);
	daemon_bytes_clear(&b);
	return r;
}

int
daemon_definition_differ(struct daemon_list *lines,
    const struct daemon_definition *was, const struct daemon_definition *is)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < daemon_definition_count; i++) {
		if (daemon_definition_fields[i].brought)
			continue;
		r = differ(&daemon_definition_fields[i], was, is);
		if (r == 1)
			r = add_difference(
			    lines, &daemon_definition_fields[i], was, is);
	}
	return r;
}
