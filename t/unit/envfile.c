/* SPDX-License-Identifier: ISC */
/*
 * Environment files: what each piece of syntax amounts to, which line is
 * blamed, and that no text makes an entry which is none.
 */
#undef NDEBUG

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libdaemon/start/envfile.h"

/* The entries, each followed by "|". */
static const struct {
	const char *text, *entries;
} good[] = {
	{ "", "" },
	{ "\n\n  \n\t\r\n", "" },
	{ "# A=1\n;B=2\n  # C=3", "" },
	{ "A=1", "A=1|" },
	{ "A=1\n", "A=1|" },
	{ "A=1\r\nB=2\r\n", "A=1|B=2|" },
	{ "A=1\nA=2\n", "A=1|A=2|" },
	{ " A = 1 \n", "A=1|" },
	{ "A=\n", "A=|" },
	{ "A=  \nB=1", "A=|B=1|" },
	{ "A=a b  c \n", "A=a b  c|" },
	{ "A=a=b\n", "A=a=b|" },
	{ "A=a#b #c\n", "A=a#b #c|" },
	{ "A='a \"$b\\'\n", "A=a \"$b\\|" },
	{ "A=\"a 'b' \\\" \\\\ \\` \\$ \\x\"\n", "A=a 'b' \" \\ ` $ \\x|" },
	{ "A=' x '\n", "A= x |" },
	{ "A=a' b 'c\" d \"e\n", "A=a b c d e|" },
	{ "A=a\\ \\\nb\n", "A=a b|" },
	{ "A='a\nb'\nB=1\n", "A=a\nb|B=1|" },
	{ "A=\"a\nb\"\n", "A=a\nb|" },
	{ "A=\"a\\\nb\"\n", "A=ab|" },
	{ "A=a\\", "A=a|" },
	{ "A=$B${C}`d`\n", "A=$B${C}`d`|" },
	{ "_a9=1\n", "_a9=1|" },
};

static const struct {
	const char *text;
	unsigned line;
} bad[] = {
	{ "x", 1 },
	{ "A=1\nx\n", 2 },
	{ "\n\n# c\n=1\n", 4 },
	{ "1A=1", 1 },
	{ "A-B=1", 1 },
	{ "A B=1", 1 },
	{ "export A=1", 1 },
	{ "A=1\nB='x\ny\n", 2 },
	{ "A='1\n2'\nB=\"x", 3 },
	{ "A=1\\\n2\nx", 3 },
	{ "\xc3\xa4=1", 1 },
	{ "A", 1 },
};

static void
all_good(void)
{
	char out[256];
	unsigned line;
	size_t i, k;

	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct daemon_list env = { 0 };

		assert(daemon_envfile_parse(&env, good[i].text,
			   strlen(good[i].text), &line) == 0);
		out[0] = '\0';
		for (k = 0; k < env.n; k++)
			(void)strcat(strcat(out, env.v[k]), "|");
		if (strcmp(out, good[i].entries) != 0) {
			(void)fprintf(stderr, "%s: %s, not %s\n", good[i].text,
			    out, good[i].entries);
			exit(1);
		}
		daemon_list_clear(&env);
	}
}

static void
all_bad(void)
{
	unsigned line;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct daemon_list env = { 0 };

		errno = 0;
		line = 0;
		assert(daemon_envfile_parse(&env, bad[i].text,
			   strlen(bad[i].text), &line) == -1);
		assert(errno == EINVAL || errno == EILSEQ);
		if (line != bad[i].line) {
			(void)fprintf(stderr, "%s: line %u, not %u\n",
			    bad[i].text, line, bad[i].line);
			exit(1);
		}
		daemon_list_clear(&env);
	}
}

static void
is_entry(const char *s)
{
	size_t n = strspn(s,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_");

	assert(n > 0 && s[n] == '=' && (s[0] < '0' || s[0] > '9'));
}

static void
fuzz(void)
{
	static const char bytes[] = "AB1_==='\"\\\\\n\n #;$ \t\r`x\xff\0";
	size_t n, k, newlines;
	unsigned line;
	char *text;
	int i, r;

	for (i = 0; i < 200000; i++) {
		struct daemon_list env = { 0 };

		n = 1 + (size_t)rand() % 40;
		text = malloc(n);
		assert(text != NULL);
		newlines = 0;
		for (k = 0; k < n; k++) {
			text[k] = bytes[(size_t)rand() % (sizeof bytes - 1)];
			newlines += text[k] == '\n';
		}
		line = 0;
		errno = 0;
		r = daemon_envfile_parse(&env, text, n, &line);
		for (k = 0; k < env.n; k++)
			is_entry(env.v[k]);
		if (r == -1)
			assert((errno == EINVAL || errno == EILSEQ ||
				   errno == EBADMSG) &&
			    line <= newlines + 1);
		else
			assert(memchr(text, '\0', n) == NULL);
		daemon_list_clear(&env);
		free(text);
	}
}

int
main(void)
{
	srand(2);
	all_good();
	all_bad();
	fuzz();
	return 0;
}
