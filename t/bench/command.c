/* SPDX-License-Identifier: ISC */
/*
 * Replaces {B} {O} {L} {child} {pid} {dir} {n} in the words of a contender,
 * and finds @tool where systems keep their tools: PATH is not asked, as the
 * first daemonize in it may be ours.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

/* The value of the name at P, which ends with a brace; its length. */
static size_t
value(const struct bench *b, const char *p, int n, char v[PATH_SIZE])
{
	size_t len = strcspn(p, "}");

#define IS(name) (len == sizeof(name) - 1 && memcmp(p, name, len) == 0)
	if (IS("B"))
		(void)snprintf(v, PATH_SIZE, "%s", b->built);
	else if (IS("O"))
		(void)snprintf(v, PATH_SIZE, "%s", b->ordinary);
	else if (IS("L"))
		(void)snprintf(v, PATH_SIZE, "%s",
		    b->lean != NULL ? b->lean : "(lean build)");
	else if (IS("child"))
		(void)snprintf(v, PATH_SIZE, "%s/stamp", b->built);
	else if (IS("dir"))
		(void)snprintf(v, PATH_SIZE, "%s", b->scratch.pids);
	else if (IS("n"))
		(void)snprintf(v, PATH_SIZE, "b%d", n);
	else if (IS("pid"))
		scratch_pidfile(&b->scratch, n, v, PATH_SIZE);
	else
		abort(); /* the tables are wrong */
#undef IS
	return strlen(v);
}

/* The absolute path of TOOL; the first guess where there is none. */
static void
find(const char *tool, char path[PATH_SIZE])
{
	static const char *const dirs[] = { "/usr/sbin", "/usr/bin", "/sbin",
		"/bin" };
	size_t i;

	for (i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		(void)snprintf(path, PATH_SIZE, "%s/%s", dirs[i], tool);
		if (access(path, X_OK) == 0)
			return;
	}
	(void)snprintf(path, PATH_SIZE, "%s", tool);
}

/* Appends the value of WORD at *AT of C. */
static void
expand(const struct bench *b, const char *word, int n, struct command *c,
    size_t *at)
{
	char v[PATH_SIZE];
	size_t len;

	while (*word != '\0') {
		len = 1;
		if (*word == '{') {
			len = value(b, word + 1, n, v);
			word += strcspn(word, "}");
		} else if (*word == '@') {
			find(word + 1, v);
			len = strlen(v);
			word += strlen(word) - 1;
		} else {
			*v = *word;
		}
		assert(*at + len < sizeof c->text);
		memcpy(c->text + *at, v, len);
		*at += len;
		word++;
	}
	c->text[(*at)++] = '\0';
}

void
command_make(
    const struct bench *b, const char *const *words, int n, struct command *c)
{
	size_t at = 0;
	int i;

	for (i = 0; i < WORDS_MAX && words[i] != NULL; i++) {
		c->argv[i] = c->text + at;
		expand(b, words[i], n, c, &at);
	}
	c->argv[i] = NULL;
}

int
command_program(const struct bench *b, const char *word, char path[PATH_SIZE])
{
	const char *words[WORDS_MAX] = { word };
	struct command c;

	command_make(b, words, 0, &c);
	(void)snprintf(path, PATH_SIZE, "%s", c.argv[0]);
	return access(path, X_OK);
}
