/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "../libdaemon/utf8.h"
#include "ctl_stream.h"
#include "messages.h"

#define RED    "\033[31m"
#define YELLOW "\033[33m"

enum { PIECE = 64 << 10 /* of a line that is longer */ };

/* What a terminal would obey, or could not show, as \xHH. */
static void
print_safe(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + n;
	size_t len;

	while (p < end) {
		len = daemon_utf8_length(p);
		if (*p != '\t' && message_is_control(p))
			len = 0;
		if (len == 0)
			(void)printf("\\x%02x", *p++);
		for (; len > 0; len--)
			(void)putchar(*p++);
	}
}

static const char *
paint_of(const struct stream *s, const char *text, size_t n)
{
	int64_t us;
	size_t at = daemon_line_time(text, n, s->layout.stamps, &us);

	if (!s->how->paints || !s->layout.tags)
		return s->how->paints && s->is_err ? RED : NULL;
	at += at > 0;
	if (at + 1 >= n || text[at + 1] != ' ')
		return NULL;
	return text[at] == 'e' ? RED : text[at] == '!' ? YELLOW : NULL;
}

/* Nothing of a log without a beginning that is late enough. */
static int
is_wanted(struct stream *s, const char *text, size_t n)
{
	int64_t us;

	if (s->waits && daemon_line_time(text, n, s->layout.stamps, &us) > 0 &&
	    us >= s->how->since_us)
		s->waits = 0;
	return !s->waits;
}

/* n bytes, a NUL behind them. */
static void
print_line(const struct stream *s, const char *text, size_t n, int ends)
{
	const char *paint = paint_of(s, text, n);

	if (s->name != NULL)
		(void)printf("%s: ", s->name);
	if (paint != NULL)
		(void)fputs(paint, stdout);
	if (s->how->terminal)
		print_safe(text, n);
	else
		(void)fwrite(text, 1, n, stdout);
	if (paint != NULL)
		(void)fputs("\033[0m", stdout);
	if (ends || s->how->many)
		(void)putchar('\n');
}

/* Of a line that has not ended what there is.  ends: there comes no more. */
int
stream_print_half(struct stream *s, int ends)
{
	if (s->half.n == 0)
		return 0;
	if (daemon_bytes_add(&s->half, "", 1) == -1)
		return -1;
	if (is_wanted(s, s->half.p, s->half.n - 1))
		print_line(s, s->half.p, s->half.n - 1, ends);
	s->half.n = 0;
	return 0;
}

/* The whole lines; the rest stays, if that is not too much. */
int
stream_print_lines(struct stream *s)
{
	char *p = s->half.p, *end;

	while (p != NULL &&
	    (end = memchr(p, '\n', s->half.n - (size_t)(p - s->half.p))) !=
		NULL) {
		*end = '\0';
		if (is_wanted(s, p, (size_t)(end - p)))
			print_line(s, p, (size_t)(end - p), 1);
		p = end + 1;
	}
	if (p != NULL) {
		s->half.n -= (size_t)(p - s->half.p);
		(void)memmove(s->half.p, p, s->half.n);
	}
	return s->half.n >= PIECE ? stream_print_half(s, 0) : 0;
}
