/* SPDX-License-Identifier: ISC */
/* How the lines of a log look: by every way of cutting what makes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../libdaemon/output/lines.h"

static int failed;

static void
expect(int ok, const char *what, const char *text)
{
	if (ok)
		return;
	(void)printf("%s: %s\n", what, text);
	failed = 1;
}

static void
has_head(enum daemon_stamps stamps, int tags, char whose, const char *want)
{
	const struct daemon_layout how = { stamps, tags };
	char head[DAEMON_LINE_HEAD];
	size_t n =
	    daemon_line_head(head, &how, INT64_C(1795324211123456), whose);

	expect(n == strlen(want) && memcmp(head, want, n) == 0, "head", want);
}

static void
heads(void)
{
	has_head(DAEMON_STAMPS_NONE, 0, 'o', "");
	has_head(DAEMON_STAMPS_NONE, 0, '!', "");
	has_head(DAEMON_STAMPS_NONE, 1, 'e', "e ");
	has_head(DAEMON_STAMPS_NONE, 1, '!', "! ");
	has_head(DAEMON_STAMPS_ISO, 0, 'o', "2026-11-22T05:10:11.123456Z ");
	has_head(DAEMON_STAMPS_ISO, 0, '!', "2026-11-22T05:10:11.123456Z! ");
	has_head(DAEMON_STAMPS_ISO, 1, '!', "2026-11-22T05:10:11.123456Z ! ");
	has_head(DAEMON_STAMPS_UNIX, 1, 'o', "1795324211.123456 o ");
	has_head(DAEMON_STAMPS_TAI64N, 0, 'o', "@400000006b02793d075bca00 ");
}

/* What a head says can be read again; us is how fine that is. */
static void
is_time(enum daemon_stamps stamps, int64_t us)
{
	const struct daemon_layout how = { stamps, 0 };
	char head[DAEMON_LINE_HEAD];
	size_t n = daemon_line_head(head, &how, us, 'o');
	int64_t read = -1;

	expect(daemon_line_time(head, n, stamps, &read) == n - 1 && read == us,
	    "time", head);
	while (n-- > 1)
		expect(daemon_line_time(head, n - 1, stamps, &read) < n,
		    "beginning of a time", head);
}

static void
times(void)
{
	static const char *const none[] = { "", "x", "2026-11-22",
		"2026-11-22T05:10:11.123456", "2026-11-22T05:10:11+00:00",
		"@4000", "@400000006b02793d075bcaXX", "-1", ".5" };
	static const int64_t when[] = { 0, 1, INT64_C(1795324211123456),
		INT64_C(951782400000000), INT64_C(4102444799999999) };
	int64_t us;
	size_t i;

	for (i = 0; i < sizeof when / sizeof *when; i++) {
		is_time(DAEMON_STAMPS_ISO, when[i]);
		is_time(DAEMON_STAMPS_UNIX, when[i]);
		is_time(DAEMON_STAMPS_TAI64N, when[i]);
	}
	for (i = 0; i < sizeof none / sizeof *none; i++) {
		expect(daemon_line_time(none[i], strlen(none[i]),
			   DAEMON_STAMPS_ISO, &us) == 0,
		    "no iso time", none[i]);
		expect(daemon_line_time(none[i], strlen(none[i]),
			   DAEMON_STAMPS_TAI64N, &us) == 0,
		    "no tai64n time", none[i]);
	}
	expect(daemon_line_time("12 x", 4, DAEMON_STAMPS_NONE, &us) == 0,
	    "no time", "none asked for");
}

/* All the text of l, in pieces of size bytes. */
static size_t
all(struct daemon_lines l, char *text, size_t size)
{
	size_t n = 0, k;

	while ((k = daemon_lines_next(&l, text + n, size)) > 0)
		n += k;
	return n;
}

/* In pieces of any size, and however it is cut, the text is the same. */
static void
is_text(const char *bytes, int middle, const char *want)
{
	struct daemon_lines l = { .p = bytes,
		.n = strlen(bytes),
		.middle = middle,
		.head = "> ",
		.nhead = 2 };
	char text[256];
	size_t n, size, room, fit, whole = strlen(bytes);

	for (size = 1; size < 20; size++) {
		n = all(l, text, size);
		expect(n == strlen(want) && memcmp(text, want, n) == 0, "text",
		    want);
	}
	expect(daemon_lines_length(bytes, whole, middle, 2) == strlen(want),
	    "length", want);
	for (room = 0; room < 40; room++) {
		fit = daemon_lines_fit(bytes, whole, middle, 2, room);
		expect(daemon_lines_length(bytes, fit, middle, 2) <= room ||
			fit == 0,
		    "fits", want);
		expect(fit == whole || fit == 0 || bytes[fit - 1] == '\n',
		    "ends", want);
		expect(fit == whole ||
			daemon_lines_length(bytes,
			    fit + daemon_lines_first(bytes + fit, whole - fit),
			    middle, 2) > room,
		    "is all that fits", want);
	}
}

int
main(void)
{
	enum daemon_stamps s;

	heads();
	times();
	is_text("", 0, "");
	is_text("a\n", 0, "> a\n");
	is_text("a\n", 1, "a\n");
	is_text("a", 0, "> a");
	is_text("\n\n", 0, "> \n> \n");
	is_text("\nb\nc", 1, "\n> b\n> c");
	is_text("first\nsecond line\n\nlast", 0,
	    "> first\n> second line\n> \n> last");
	expect(daemon_lines_whole("a\nb", 3) == 2, "whole", "a b");
	expect(daemon_lines_whole("ab", 2) == 0, "whole", "ab");
	expect(daemon_lines_first("a\nb\n", 4) == 2, "first", "a b");
	expect(daemon_lines_count("a\n\nb", 4) == 2, "count", "a b");
	expect(daemon_stamps_parse(&s, "iso") == 0 && s == DAEMON_STAMPS_ISO,
	    "parse", "iso");
	expect(daemon_stamps_parse(&s, "ISO") == -1, "parse", "ISO");
	return failed;
}
