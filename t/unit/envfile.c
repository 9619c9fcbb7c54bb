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
	/* A quote is one in front, or behind another and blanks. */
	{ "A=a' b 'c\" d \"e\n", "A=a' b 'c\" d \"e|" },
	{ "CFG={\"a\": 1}\n", "CFG={\"a\": 1}|" },
	{ "OPT=--title=\"a b\"\n", "OPT=--title=\"a b\"|" },
	{ "MSG=it's ok\n", "MSG=it's ok|" },
	{ "A=x\"y z\"w\n", "A=x\"y z\"w|" },
	{ "A=a'b'c\n", "A=a'b'c|" },
	{ "A=a\"b", "A=a\"b|" },
	{ "A=\\\"x\\\"\n", "A=\"x\"|" },
	{ "A=\"a\" \"b\"\n", "A=ab|" },
	{ "A=\"a\" 'b' c\n", "A=abc|" },
	{ "A='it''s'\n", "A=its|" },
	{ "A=\"a b\"c\n", "A=a bc|" },
	{ "A=\"a\"b 'c'  \n", "A=ab 'c'|" },
	{ "A='a\\'b'\n", "A=a\\b'|" },
	{ "A='a' #c\n", "A=a#c|" },
	{ "A='a '  \n", "A=a |" },
	/* One that is not closed goes to the end. */
	{ "A=\"x \nB=1\n", "A=x \nB=1\n|" },
	{ "A='x\ny", "A=x\ny|" },
	{ "A=\"x\\", "A=x|" },
	{ "A='", "A=|" },
	{ "A=a\\ \\\nb\n", "A=a b|" },
	{ "A='a\nb'\nB=1\n", "A=a\nb|B=1|" },
	{ "A=\"a\nb\"\n", "A=a\nb|" },
	{ "A=\"a\\\nb\"\n", "A=ab|" },
	{ "A=a\\", "A=a|" },
	{ "A=$B${C}`d`\n", "A=$B${C}`d`|" },
	{ "_a9=1\n", "_a9=1|" },
	{ "A=a  \\\n", "A=a  |" },
	{ "A=a\\\n  b\n", "A=a  b|" },
	{ "A=tr\\ \n", "A=tr |" },
	{ "A=\\ lead\n", "A= lead|" },
	{ "A='a\\\nb'\n", "A=a\\\nb|" },
	/* A carriage return ends a line, but in quotes. */
	{ "A=1\rB=2", "A=1|B=2|" },
	{ "A=a\\\r\nB=1\n", "A=a|B=1|" },
	{ "A=\"x\ry\\\rz\"\n", "A=x\ry\\\rz|" },
	/* A comment is one line, as from systemd 254 on. */
	{ "# c \\\nA=1\n", "A=1|" },
	/* What is no variable is none. */
	{ "x", "" },
	{ "x\nA=1\n", "A=1|" },
	{ "=x\nA=1\n", "A=1|" },
	{ "=x=y\nA=1\n", "A=1|" },
	{ "  \\\nA=1\n", "A=1|" },
	{ "1A=1\nA=1\n", "A=1|" },
	{ "A-B=1\nA=1\n", "A=1|" },
	{ "A B=1\nA=1\n", "A=1|" },
	{ "export A=1\nB=2\n", "B=2|" },
	{ "A-B='\nA=1\n'\nB=2\n", "B=2|" },
	{ "\xef\xbb\xbf"
	  "A=1\nB=2\n",
	    "B=2|" },
	{ "\xff\n# \xff\nA=\xc3\xa9\n", "A=\xc3\xa9|" },
	{ "A=\xf0\x9f\x98\x80\n", "A=\xf0\x9f\x98\x80|" },
};

/* Not UTF-8, as systemd has it. */
static const struct {
	const char *text;
	unsigned line;
} bad[] = {
	{ "A=\xff", 1 },
	{ "\n\n# c\nA=\xe9\nB=1\n", 4 },
	{ "A='1\n2'\nB=\"x\n\xc3\"", 3 },
	{ "A=1\\\n2\nB\xff=1\n", 3 },
	{ "A=\xed\xa0\x80\n", 1 },
	{ "A=\xef\xb7\x90\n", 1 },
	{ "A=\xef\xbf\xbf\n", 1 },
	{ "A=\xf0\x9f\xbf\xbe\n", 1 },
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
		assert(errno == EILSEQ);
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
			assert((errno == EILSEQ || errno == EBADMSG) &&
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
