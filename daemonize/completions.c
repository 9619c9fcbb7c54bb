/* SPDX-License-Identifier: ISC */
/*
 * completions SHELL PROGRAM: prints the completion script of daemonize or
 * daemonctl for bash, zsh or fish.  Options and verbs come from the tables
 * the programs parse with, so a script cannot fall behind them.
 *
 * A script is a text with "@" for the program's name and "@NAME@" for a
 * part made from the tables; the texts are in completions_*.c.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../libdaemon/signame.h"
#include "../libdaemon/start/limits.h"
#include "completions.h"
#include "ctl_options.h"
#include "options.h"

/* What a value is, as the scripts call it. */
const char *
completion_kind(enum option_kind kind)
{
	switch (kind) {
	case OPTION_FLAG: return "";
	case OPTION_TEXT: return "text";
	case OPTION_FILE: return "file";
	case OPTION_DIR: return "dir";
	case OPTION_USER: return "user";
	case OPTION_GROUP: return "group";
	case OPTION_NAME: return "name";
	case OPTION_COMMAND: return "command";
	case OPTION_LIMIT: return "limit";
	}
	return "";
}

void
completion_signals(const struct completion *c)
{
	const char *name;
	int sig;

	(void)c;
	for (sig = 1; sig < SIGRTMIN; sig++)
		if ((name = daemon_signal_name(sig)) != NULL)
			(void)printf("%s%s", sig > 1 ? " " : "", name);
}

void
completion_limits(const struct completion *c)
{
	const char *name;
	size_t i;

	(void)c;
	for (i = 0; (name = daemon_limit_name(i)) != NULL; i++)
		(void)printf("%s%s=", i > 0 ? " " : "", name);
}

/* Within single quotes, and with a backslash before each of special. */
void
completion_quoted(const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			(void)printf("'\\''");
		else if (strchr(special, *text) != NULL)
			(void)printf("\\%c", *text);
		else
			(void)putchar(*text);
	}
}

/* The part at p, if one begins there: its length. */
static size_t
part(const struct completion *c, const char *p)
{
	const struct completion_part *t;
	size_t n;

	for (t = c->parts; t->name != NULL; t++) {
		n = strlen(t->name);
		if (strncmp(p, t->name, n) == 0 && p[n] == '@') {
			t->print(c);
			return n + 1;
		}
	}
	return 0;
}

static void
expand(const struct completion *c, const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text += n) {
		if (*text != '@') {
			(void)putchar(*text);
			n = 1;
		} else if ((n = 1 + part(c, text + 1)) == 1) {
			(void)printf("%s", c->program);
		}
	}
}

static const struct {
	const char *shell;
	const struct completion_part *parts;
	const char *const *daemonize, *const *daemonctl;
} shells[] = {
	{ "bash", completion_bash_parts, completion_bash_daemonize,
	    completion_bash_daemonctl },
	{ "zsh", completion_zsh_parts, completion_zsh_daemonize,
	    completion_zsh_daemonctl },
	{ "fish", completion_fish_parts, completion_fish_daemonize,
	    completion_fish_daemonctl },
};

int
main(int argc, char **argv)
{
	struct completion c = { 0 };
	const char *const *text = NULL;
	size_t i;

	for (i = 0; argc == 3 && i < sizeof shells / sizeof shells[0]; i++) {
		if (strcmp(argv[1], shells[i].shell) != 0)
			continue;
		c.program = argv[2];
		c.parts = shells[i].parts;
		if (strcmp(argv[2], "daemonize") == 0) {
			c.options = daemonize_options;
			text = shells[i].daemonize;
		} else if (strcmp(argv[2], "daemonctl") == 0) {
			c.options = daemonctl_options;
			text = shells[i].daemonctl;
		}
	}
	if (text == NULL) {
		(void)fprintf(stderr,
		    "usage: completions bash|zsh|fish daemonize|daemonctl\n");
		return 2;
	}
	for (; *text != NULL; text++)
		expand(&c, *text);
	return fflush(stdout) == EOF;
}
