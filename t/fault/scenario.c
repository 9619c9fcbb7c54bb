/* SPDX-License-Identifier: ISC */
/*
 * Reading a scenario: one key and its words a line.  See scenario.h.
 */
#define _GNU_SOURCE 1

#include <err.h>
#include <libgen.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

/* WORD with each {name} replaced, in memory of its own. */
static char *
expand(const char *word, const struct places *at)
{
	const struct {
		const char *name, *value;
	} known[] = {
		{ "{dir}", at->dir },
		{ "{bin}", at->bin },
		{ "{target}", at->target },
	};
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (f == NULL)
		err(125, "memory");
	while (*word != '\0') {
		for (i = 0; i < 3; i++)
			if (strncmp(word, known[i].name,
				strlen(known[i].name)) == 0)
				break;
		if (i < 3) {
			(void)fputs(known[i].value, f);
			word += strlen(known[i].name);
		} else
			(void)fputc(*word++, f);
	}
	(void)fclose(f);
	return text;
}

/* The keys whose value is a list of words. */
static char **
list_of(struct scenario *sc, const char *key)
{
	const struct {
		const char *key;
		char **list;
	} lists[] = {
		{ "start", sc->start },
		{ "stop", sc->stop },
		{ "restart", sc->restart },
		{ "status", sc->status },
		{ "env", sc->env },
		{ "allow", sc->allow },
		{ "running", sc->running },
		{ "roles", sc->roles },
		{ "exits", sc->exits },
		{ "already", sc->already },
		{ "stopped", sc->stopped },
	};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (strcmp(lists[i].key, key) == 0)
			return lists[i].list;
	return NULL;
}

static int
add_words(char **list, char *rest, const struct places *at)
{
	char *word, *save;
	int n = 0;

	while (list[n] != NULL)
		n++;
	for (word = strtok_r(rest, " \t", &save); word != NULL;
	     word = strtok_r(NULL, " \t", &save)) {
		if (n == WORDS_MAX)
			return -1;
		list[n++] = expand(word, at);
	}
	return 0;
}

static int
set_subject(struct scenario *sc, const char *word)
{
	if (strcmp(word, "start") == 0)
		sc->subject = SUBJECT_START;
	else if (strcmp(word, "stop") == 0)
		sc->subject = SUBJECT_STOP;
	else if (strcmp(word, "restart") == 0)
		sc->subject = SUBJECT_RESTART;
	else if (strcmp(word, "status") == 0)
		sc->subject = SUBJECT_STATUS;
	else
		return -1;
	return 0;
}

static int
set_pidfile(struct scenario *sc, const char *rest, const struct places *at)
{
	char path[sizeof sc->pidfile], whose[16] = "daemon";
	char *full;
	int n;

	n = sscanf(rest, "%255s %15s", path, whose);
	sc->pid_of_parent = strcmp(whose, "parent") == 0;
	if (n < 1 || (!sc->pid_of_parent && strcmp(whose, "daemon") != 0))
		return -1;
	full = expand(path, at);
	n = snprintf(sc->pidfile, sizeof sc->pidfile, "%s", full);
	free(full);
	return n < (int)sizeof sc->pidfile ? 0 : -1;
}

static int
set(struct scenario *sc, const char *key, char *rest, const struct places *at)
{
	char **list = list_of(sc, key);

	if (list != NULL)
		return add_words(list, rest, at);
	if (strcmp(key, "inject") == 0)
		return set_subject(sc, rest);
	if (strcmp(key, "pidfile") == 0)
		return set_pidfile(sc, rest, at);
	if (strcmp(key, "resident") == 0)
		return sscanf(rest, "%u", &sc->resident) == 1 ? 0 : -1;
	if (strcmp(key, "expect") == 0)
		return sscanf(rest, "%d", &sc->expect) == 1 ? 0 : -1;
	if (strcmp(key, "deadline") == 0)
		return sscanf(rest, "%d", &sc->deadline) == 1 ? 0 : -1;
	return -1;
}

static void
set_name(struct scenario *sc, const char *file)
{
	const char *base = strrchr(file, '/');
	size_t len;

	base = base == NULL ? file : base + 1;
	(void)snprintf(sc->name, sizeof sc->name, "%s", base);
	len = strlen(sc->name);
	if (len > 3 && strcmp(sc->name + len - 3, ".sc") == 0)
		sc->name[len - 3] = '\0';
}

int
scenario_load(struct scenario *sc, const char *file, const struct places *at)
{
	char line[1024], *key, *rest;
	FILE *f = fopen(file, "re");
	int number = 0;

	if (f == NULL) {
		warn("%s", file);
		return -1;
	}
	*sc = (struct scenario){ .deadline = 3000 };
	set_name(sc, file);
	while (fgets(line, sizeof line, f) != NULL) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		key = line + strspn(line, " \t");
		if (*key == '\0' || *key == '#')
			continue;
		rest = key + strcspn(key, " \t");
		if (*rest != '\0')
			*rest++ = '\0';
		rest += strspn(rest, " \t");
		if (set(sc, key, rest, at) == -1) {
			warnx("%s:%d: %s: not understood", file, number, key);
			(void)fclose(f);
			return -1;
		}
	}
	(void)fclose(f);
	if (sc->start[0] == NULL ||
	    (sc->subject == SUBJECT_STOP && sc->stop[0] == NULL) ||
	    (sc->subject == SUBJECT_RESTART && sc->restart[0] == NULL) ||
	    (sc->subject == SUBJECT_STATUS && sc->status[0] == NULL)) {
		warnx("%s: the command to strike is missing", file);
		return -1;
	}
	return 0;
}
