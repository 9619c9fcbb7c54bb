/* SPDX-License-Identifier: ISC */
/* Values as people, and as programs, like to read them. */
#ifndef RENDER_H
#define RENDER_H

#include <stddef.h>
#include <stdio.h>

/* "12d 4h", "3h 02m", "41s": two units at most. */
void render_span(char *buf, size_t size, long long ms);
/* "09:12:03" today, else "2026-11-20 09:12:03". */
void render_time(char *buf, size_t size, long long ms);
/* "212M", "1.2G" */
void render_bytes(char *buf, size_t size, unsigned long long bytes);
/* argv as a shell would take it back, control bytes escaped, cut to fit, and
 * of several empty words in a row the first, and "...". */
void render_command(char *buf, size_t size, char *const *argv, size_t n);
/* One word quoted for a shell if it needs to be. */
void render_word(char *buf, size_t size, const char *word);

/* JSON, one object at a time. */
struct json {
	FILE *f;
	int members;
	char end; /* } or ] */
};

void json_open(struct json *j, FILE *f);
void json_close(struct json *j);
/* One within another: in an array without a key.  To be ended before more
 * comes of the outer one. */
void json_object(struct json *j, struct json *outer, const char *key);
void json_array(struct json *j, struct json *outer, const char *key);
void json_end(struct json *j);
void json_text(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, long long value);
void json_texts(struct json *j, const char *key, char *const *v, size_t n);

#endif
