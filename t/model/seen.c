/* SPDX-License-Identifier: ISC */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seen.h"

enum { SLOTS = 2 * SEEN_MAX };

void
seen_make(struct seen *s, size_t world, size_t event)
{
	*s = (struct seen){ .world = world, .event = event };
	s->worlds = calloc(SEEN_MAX, world);
	s->events = calloc(SEEN_MAX, event);
	s->from = calloc(SEEN_MAX, sizeof *s->from);
	s->slot = calloc(SLOTS, sizeof *s->slot);
	if (s->worlds == NULL || s->events == NULL || s->from == NULL ||
	    s->slot == NULL)
		err(1, NULL);
}

void
seen_empty(struct seen *s)
{
	memset(s->slot, 0, SLOTS * sizeof *s->slot);
	s->known = 0;
}

const void *
seen_world(const struct seen *s, size_t i)
{
	return s->worlds + i * s->world;
}

const void *
seen_event(const struct seen *s, size_t i)
{
	return s->events + i * s->event;
}

/* By words. */
static size_t
hash(const char *p, size_t n)
{
	unsigned long long h = 0;
	unsigned word;
	size_t i;

	for (i = 0; i < n; i += sizeof word) {
		memcpy(&word, p + i, sizeof word);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	return (size_t)h % SLOTS;
}

void
seen_meet(struct seen *s, const void *world, size_t from, const void *event)
{
	size_t h = hash(world, s->world), i = s->known;

	for (; s->slot[h] != 0; h = (h + 1) % SLOTS)
		if (memcmp(seen_world(s, s->slot[h] - 1), world, s->world) == 0)
			return;
	if (i == SEEN_MAX)
		errx(1, "more than %d worlds", SEEN_MAX);
	memcpy(s->worlds + i * s->world, world, s->world);
	memcpy(s->events + i * s->event, event, s->event);
	s->from[i] = from;
	s->known++;
	s->slot[h] = (unsigned)s->known;
}

enum { ROWS = 4096, ROW = 160 };
static char row[ROWS][ROW];
static size_t rows;

void
row_note(const char *text)
{
	size_t i;

	for (i = 0; i < rows; i++)
		if (strcmp(row[i], text) == 0)
			return;
	if (rows == ROWS || strlen(text) >= ROW)
		errx(1, "more than %d rows, or a longer one", ROWS);
	strcpy(row[rows++], text);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

void
rows_print(void)
{
	size_t i;

	qsort(row, rows, ROW, by_text);
	for (i = 0; i < rows; i++)
		puts(row[i]);
}
