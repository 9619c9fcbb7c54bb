/* SPDX-License-Identifier: ISC */
/* Walking the arguments with an option table. */
#include <stdio.h>
#include <string.h>

#include "scan.h"

static const struct option_spec *
by_letter(const struct option_scan *s, char letter)
{
	const struct option_spec *o;

	for (o = s->table; o->help != NULL; o++)
		if (o->letter == letter)
			return o;
	return NULL;
}

static const struct option_spec *
by_name(const struct option_scan *s, const char *name, size_t n)
{
	const struct option_spec *o;

	for (o = s->table; o->help != NULL; o++)
		if (o->name != NULL && strlen(o->name) == n &&
		    strncmp(o->name, name, n) == 0)
			return o;
	return NULL;
}

static const struct option_spec *
mistake(struct option_scan *s, const char *why)
{
	(void)snprintf(s->error, sizeof s->error, "%s", why);
	return NULL;
}

/* The argument after this one is the value. */
static const struct option_spec *
with_next(
    struct option_scan *s, const struct option_spec *o, const char **value)
{
	if (s->argv[s->i] == NULL) {
		(void)snprintf(
		    s->error, sizeof s->error, "needs an argument: %s", o->arg);
		return NULL;
	}
	*value = s->argv[s->i++];
	return o;
}

static const struct option_spec *
long_option(struct option_scan *s, const char *arg, const char **value)
{
	size_t n = strcspn(arg, "=");
	const struct option_spec *o = by_name(s, arg, n);

	(void)snprintf(s->shown, sizeof s->shown, "--%.*s", (int)n, arg);
	if (o == NULL)
		return mistake(s, "no such option (--help lists them)");
	if (o->kind == OPTION_FLAG && arg[n] == '\0')
		return o;
	if (o->kind == OPTION_FLAG && o->arg == NULL)
		return mistake(s, "takes no argument");
	if (arg[n] == '\0')
		return with_next(s, o, value);
	*value = arg + n + 1;
	return o;
}

static const struct option_spec *
letter_option(struct option_scan *s, const char **value)
{
	char letter = *s->rest++;
	const struct option_spec *o = by_letter(s, letter);

	s->shown[0] = '-';
	s->shown[1] = letter;
	s->shown[2] = '\0';
	if (*s->rest == '\0')
		s->rest = NULL;
	if (o == NULL) {
		s->rest = NULL;
		return mistake(s, "no such option (--help lists them)");
	}
	if (o->kind == OPTION_FLAG)
		return o;
	if (s->rest == NULL)
		return with_next(s, o, value);
	*value = s->rest;
	s->rest = NULL;
	return o;
}

const struct option_spec *
option_next(struct option_scan *s, const char **value)
{
	const char *arg;

	*value = NULL;
	s->error[0] = '\0';
	if (s->rest != NULL)
		return letter_option(s, value);
	arg = s->argv[s->i];
	if (arg == NULL || arg[0] != '-' || arg[1] == '\0')
		return NULL;
	s->i++;
	if (strcmp(arg, "--") == 0)
		return NULL;
	if (arg[1] == '-')
		return long_option(s, arg + 2, value);
	s->rest = arg + 1;
	return letter_option(s, value);
}
