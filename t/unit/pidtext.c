/* SPDX-License-Identifier: ISC */
/*
 * The text of pidfiles, against a slow reading of the same sentence: up to
 * ten digits, the first not 0, perhaps one newline, at most the kernel's
 * largest.
 */
#undef NDEBUG

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "libdaemon/identity/pidtext.h"

/* In memory of exactly that size, so that a sanitizer sees one byte more. */
static pid_t
parse(const char *text, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);
	pid_t pid;

	assert(copy != NULL);
	(void)memcpy(copy, text, n);
	pid = daemon_pid_parse(copy, n);
	free(copy);
	return pid;
}

static pid_t
expected(const char *text, size_t n)
{
	unsigned long long value = 0;
	size_t digits = 0;

	if (n == 0)
		return 0;
	while (digits < n && strchr("0123456789", text[digits]) != NULL &&
	    text[digits] != '\0')
		digits++;
	if (digits < 1 || digits > 10 || text[0] == '0' || digits + 1 < n ||
	    (digits + 1 == n && text[digits] != '\n'))
		return -1;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (unsigned)(text[i] - '0');
	return value > 4194304 ? -1 : (pid_t)value;
}

static void
check(const char *text, size_t n)
{
	assert(parse(text, n) == expected(text, n));
}

/* Every text of up to two bytes, and every third byte behind two digits. */
static void
all_short(void)
{
	char text[3];
	int a, b;

	check("", 0);
	for (a = 0; a < 256; a++) {
		text[0] = (char)a;
		check(text, 1);
		for (b = 0; b < 256; b++) {
			text[1] = (char)b;
			check(text, 2);
			text[2] = '\n';
			check(text, 3);
		}
	}
}

static void
mutated(void)
{
	static const char bytes[] = "00123456789\n\n -+x";
	char text[24];
	size_t n, k;
	int i;

	for (i = 0; i < 300000; i++) {
		n = (size_t)rand() % sizeof text;
		for (k = 0; k < n; k++)
			text[k] = bytes[(size_t)rand() % sizeof bytes];
		check(text, n);
	}
}

static void
both_ways(void)
{
	char text[DAEMON_PID_TEXT_MAX];
	size_t n;
	pid_t pid;

	for (pid = 1; pid <= 4194304; pid += pid < 100000 ? 1 : 997) {
		n = daemon_pid_text(text, pid);
		assert(n <= sizeof text && text[n - 1] == '\n');
		assert(daemon_pid_parse(text, n) == pid);
		assert(daemon_pid_parse(text, n - 1) == pid);
	}
}

int
main(void)
{
	srand(1);
	all_short();
	mutated();
	both_ways();
	assert(parse("4194304\n", 8) == 4194304);
	assert(parse("4194305\n", 8) == -1);
	assert(parse("4294967297", 10) == -1);
	return 0;
}
