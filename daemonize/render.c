/* SPDX-License-Identifier: ISC */
/* Times, sizes, commands and JSON as text. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../libdaemon/utf8.h"
#include "messages.h"
#include "render.h"

void
render_span(char *buf, size_t size, long long ms)
{
	long long s = ms < 0 ? 0 : ms / 1000;

	if (s < 60)
		(void)snprintf(buf, size, "%llds", s);
	else if (s < 3600)
		(void)snprintf(buf, size, "%lldm %02llds", s / 60, s % 60);
	else if (s < 86400)
		(void)snprintf(
		    buf, size, "%lldh %02lldm", s / 3600, s % 3600 / 60);
	else
		(void)snprintf(
		    buf, size, "%lldd %lldh", s / 86400, s % 86400 / 3600);
}

void
render_time(char *buf, size_t size, long long ms)
{
	time_t t = (time_t)(ms / 1000), now = time(NULL);
	struct tm then, today;

	(void)localtime_r(&t, &then);
	(void)localtime_r(&now, &today);
	(void)strftime(buf, size,
	    then.tm_year == today.tm_year && then.tm_yday == today.tm_yday
		? "%H:%M:%S"
		: "%Y-%m-%d %H:%M:%S",
	    &then);
}

void
render_bytes(char *buf, size_t size, unsigned long long bytes)
{
	static const char units[] = "BKMGT";
	double v = (double)bytes;
	size_t u = 0;

	while (v >= 1024 && u + 2 < sizeof units) {
		v /= 1024;
		u++;
	}
	(void)snprintf(
	    buf, size, v < 10 && u > 0 ? "%.1f%c" : "%.0f%c", v, units[u]);
}

void
render_word(char *buf, size_t size, const char *word)
{
	const char *plain =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_@%+=:,./-";
	size_t n = 0;

	if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
		(void)snprintf(buf, size, "%s", word);
		return;
	}
	if (size < 8)
		return;
	buf[n++] = '\'';
	for (; *word != '\0' && n + 7 < size; word++) {
		if (*word == '\'')
			n += (size_t)snprintf(buf + n, size - n, "'\\''");
		else
			buf[n++] = *word;
	}
	buf[n++] = '\'';
	buf[n] = '\0';
}

void
render_command(char *buf, size_t size, char *const *argv, size_t n)
{
	char word[1024], safe[2048];
	size_t i, used = 0;

	buf[0] = '\0';
	for (i = 0; i < n && used + 4 < size; i++) {
		/* Of a title painted over the arguments, for one. */
		if (i > 0 && argv[i][0] == '\0' && argv[i - 1][0] == '\0') {
			if (i == 1 || argv[i - 2][0] != '\0')
				used += (size_t)snprintf(
				    buf + used, size - used, " ...");
			continue;
		}
		render_word(word, sizeof word, argv[i]);
		message_escape(safe, sizeof safe, word);
		used += (size_t)snprintf(
		    buf + used, size - used, "%s%s", i > 0 ? " " : "", safe);
	}
}

/* The number of the UTF-8 character of n bytes at p; n is at most 3. */
static unsigned
code_point(const unsigned char *p, size_t n)
{
	unsigned code = n == 1 ? p[0] : p[0] & (n == 2 ? 0x1fu : 0x0fu);
	size_t i;

	for (i = 1; i < n; i++)
		code = code << 6 | (p[i] & 0x3fu);
	return code;
}

/* What is no UTF-8 is written byte by byte as U+00XX, so that the output is
 * always JSON. */
static void
quote(FILE *f, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	(void)putc('"', f);
	for (; *p != '\0'; p += n) {
		n = daemon_utf8_length(p);
		if (n == 0)
			(void)fprintf(f, "\\u%04x", p[0]);
		else if (message_is_control(p))
			(void)fprintf(f, "\\u%04x", code_point(p, n));
		else
			(void)fprintf(f, "%s%.*s",
			    *p == '"' || *p == '\\' ? "\\" : "", (int)n,
			    (const char *)p);
		n += n == 0;
	}
	(void)putc('"', f);
}

void
json_open(struct json *j, FILE *f)
{
	j->f = f;
	j->members = 0;
	(void)putc('{', f);
}

void
json_close(struct json *j)
{
	(void)fputs("}\n", j->f);
}

static void
key(struct json *j, const char *k)
{
	if (j->members++ > 0)
		(void)fputs(", ", j->f);
	if (k == NULL)
		return;
	quote(j->f, k);
	(void)fputs(": ", j->f);
}

static void
begin(struct json *j, struct json *outer, const char *k, const char *ends)
{
	key(outer, k);
	*j = (struct json){ .f = outer->f, .end = ends[1] };
	(void)putc(ends[0], j->f);
}

void
json_object(struct json *j, struct json *outer, const char *k)
{
	begin(j, outer, k, "{}");
}

void
json_array(struct json *j, struct json *outer, const char *k)
{
	begin(j, outer, k, "[]");
}

void
json_end(struct json *j)
{
	(void)putc(j->end, j->f);
}

void
json_text(struct json *j, const char *k, const char *value)
{
	key(j, k);
	if (value == NULL)
		(void)fputs("null", j->f);
	else
		quote(j->f, value);
}

void
json_number(struct json *j, const char *k, long long value)
{
	key(j, k);
	(void)fprintf(j->f, "%lld", value);
}

void
json_texts(struct json *j, const char *k, char *const *v, size_t n)
{
	size_t i;

	key(j, k);
	if (n == 0) {
		(void)fputs("null", j->f);
		return;
	}
	(void)putc('[', j->f);
	for (i = 0; i < n; i++) {
		if (i > 0)
			(void)fputs(", ", j->f);
		quote(j->f, v[i]);
	}
	(void)putc(']', j->f);
}
