/* SPDX-License-Identifier: ISC */
/*
 * completions SHELL PROGRAM < TEXT: a completion script for PROGRAM.  TEXT
 * is from completions/, in the shell's own language; what it says of options,
 * verbs, signals and limits stands there as @NAME@ and is put in from the
 * tables the programs themselves use, so a script cannot fall behind them.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../libdaemon/signame.h"
#include "../libdaemon/start/limits.h"
#include "../libdaemon/stop/stop.h"
#include "ctl_options.h"
#include "options.h"

enum { TEXT_MAX = 64 * 1024 };

static const char *program;
static const struct option_spec *options;

/* What a value is, as the scripts call it; "" for flags. */
static const char *
word(enum option_kind kind)
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
	case OPTION_READY: return "ready";
	case OPTION_SCHEDULE: return "schedule";
	case OPTION_RESTART: return "restart";
	}
	return "";
}

/* For between single quotes, with a backslash before each of special. */
static void
quoted(const char *text, const char *special)
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

/* One that only some of daemonctl's verbs take. */
static int
is_for_some(const struct option_spec *o)
{
	return options == daemonctl_options &&
	    (CTL_GIVEN(o->id) & CTL_SOME) != 0;
}

/* The verbs that take o, with between between them. */
static void
takers(const struct option_spec *o, const char *between)
{
	const struct ctl_verb *v;
	const char *before = "";

	for (v = ctl_verbs; v->name != NULL; v++)
		if ((v->takes & CTL_GIVEN(o->id)) != 0) {
			(void)printf("%s%s", before, v->name);
			before = between;
		}
}

/* bash: "-p --pidfile=" */
static void
bash_option(const struct option_spec *o)
{
	if (o->letter != '\0')
		(void)printf("-%c ", o->letter);
	(void)printf("--%s%s", o->name, o->kind != OPTION_FLAG ? "=" : "");
}

/* bash: those of every verb */
static void
bash_options(void)
{
	const struct option_spec *o;
	const char *before = "";

	for (o = options; o->help != NULL; o++) {
		if (is_for_some(o))
			continue;
		(void)printf("%s", before);
		bash_option(o);
		before = " ";
	}
}

/* bash: those of some verbs, a command for each */
static void
bash_some(void)
{
	const struct option_spec *o;

	for (o = options; o->help != NULL; o++) {
		if (!is_for_some(o))
			continue;
		(void)printf("\t[[ -n $verb && ' ");
		takers(o, " ");
		(void)printf(" ' != *\" $verb \"* ]] || offered+=' ");
		bash_option(o);
		(void)printf("'\n");
	}
}

/* bash: the arms of a case */
static void
bash_kinds(void)
{
	const struct option_spec *o;

	for (o = options; o->help != NULL; o++) {
		if (o->kind == OPTION_FLAG)
			continue;
		(void)printf("\t");
		if (o->letter != '\0')
			(void)printf("-%c | ", o->letter);
		(void)printf("--%s) kind='%s' ;;\n", o->name, word(o->kind));
	}
}

static void
verbs(void)
{
	const struct ctl_verb *v;

	for (v = ctl_verbs; v->name != NULL; v++)
		(void)printf("%s%s", v != ctl_verbs ? " " : "", v->name);
}

/* zsh: a specification for _arguments; flags once, others again */
static void
zsh_option(const struct option_spec *o)
{
	int flag = o->kind == OPTION_FLAG;

	if (!flag)
		(void)printf("'*'");
	else if (o->letter != '\0')
		(void)printf("'(-%c --%s)'", o->letter, o->name);
	if (o->letter != '\0')
		(void)printf("{-%c%s,--%s%s}", o->letter, flag ? "" : "+",
		    o->name, flag ? "" : "=");
	else
		(void)printf("--%s%s", o->name, flag ? "" : "=");
	(void)printf("'[");
	quoted(o->help, "[]");
	(void)printf("]");
	if (!flag) {
		(void)printf(":");
		quoted(o->arg, ":");
		(void)printf(":_%s_%s", program, word(o->kind));
	}
	(void)printf("'");
}

/* Those of every verb, one a line. */
static void
zsh_options(void)
{
	const struct option_spec *o;

	for (o = options; o->help != NULL; o++) {
		if (is_for_some(o))
			continue;
		(void)printf("\t");
		zsh_option(o);
		(void)printf("\n");
	}
}

/* Those of some verbs, a command for each. */
static void
zsh_some(void)
{
	const struct option_spec *o;

	for (o = options; o->help != NULL; o++) {
		if (!is_for_some(o))
			continue;
		(void)printf("\t[[ -n $verb && $verb != (");
		takers(o, "|");
		(void)printf(") ]] || options+=(");
		zsh_option(o);
		(void)printf(")\n");
	}
}

static void
zsh_verbs(void)
{
	const struct ctl_verb *v;

	for (v = ctl_verbs; v->name != NULL; v++) {
		(void)printf("\t'%s:", v->name);
		quoted(v->help, ":");
		(void)printf("'\n");
	}
}

/* zsh: a pattern */
static void
zsh_verb_names(void)
{
	const struct ctl_verb *v;

	for (v = ctl_verbs; v->name != NULL; v++)
		(void)printf("%s%s", v != ctl_verbs ? "|" : "", v->name);
}

/* fish: a command for each */
static void
fish_options(void)
{
	const struct option_spec *o;

	for (o = options; o->help != NULL; o++) {
		(void)printf(
		    "complete -c %s -n '__%s_options", program, program);
		if (is_for_some(o)) {
			(void)printf(" ");
			takers(o, " ");
		}
		(void)printf("'");
		if (o->letter != '\0')
			(void)printf(" -s %c", o->letter);
		(void)printf(" -l %s -d '", o->name);
		quoted(o->help, "\\");
		(void)printf("'");
		if (o->kind == OPTION_FILE)
			(void)printf(" -r -F");
		else if (o->kind != OPTION_FLAG)
			(void)printf(
			    " -x -a '(__%s_%s)'", program, word(o->kind));
		(void)printf("\n");
	}
}

/* fish: the options after which a word is theirs */
static void
fish_values(void)
{
	const struct option_spec *o;

	for (o = options; o->help != NULL; o++) {
		if (o->kind == OPTION_FLAG)
			continue;
		if (o->letter != '\0')
			(void)printf("-%c ", o->letter);
		(void)printf("--%s ", o->name);
	}
}

/* The letters that take none: one cluster may hold several. */
static void
fish_flags(void)
{
	const struct option_spec *o;

	for (o = options; o->help != NULL; o++)
		if (o->kind == OPTION_FLAG && o->letter != '\0')
			(void)putchar(o->letter);
}

static void
fish_verbs(void)
{
	const struct ctl_verb *v;

	for (v = ctl_verbs; v->name != NULL; v++) {
		(void)printf("complete -c %s -n __%s_verb -a %s -d '", program,
		    program, v->name);
		quoted(v->help, "\\");
		(void)printf("'\n");
	}
}

static void
signals(void)
{
	const char *name;
	int sig;

	for (sig = 1; sig < SIGSYS + 1; sig++)
		if ((name = daemon_signal_name(sig)) != NULL)
			(void)printf("%s%s", sig > 1 ? " " : "", name);
}

/* The usual one first. */
static void
schedules(void)
{
	(void)printf(
	    "%s INT/30/KILL/5 QUIT/30/KILL/5 KILL/5", DAEMON_SCHEDULE_DEFAULT);
}

static void
limits(void)
{
	const char *name;
	size_t i;

	for (i = 0; (name = daemon_limit_name(i)) != NULL; i++)
		(void)printf("%s%s=", i > 0 ? " " : "", name);
}

static void
name_program(void)
{
	(void)printf("%s", program);
}

static const struct {
	const char *shell; /* NULL: of all */
	const char *name;
	void (*print)(void);
} parts[] = {
	{ NULL, "@PROGRAM@", name_program },
	{ NULL, "@SIGNALS@", signals },
	{ NULL, "@LIMITS@", limits },
	{ NULL, "@SCHEDULES@", schedules },
	{ "bash", "@OPTIONS@", bash_options },
	{ "bash", "@SOME@\n", bash_some },
	{ "bash", "@KINDS@\n", bash_kinds },
	{ "bash", "@VERBS@", verbs },
	{ "zsh", "@OPTIONS@\n", zsh_options },
	{ "zsh", "@SOME@\n", zsh_some },
	{ "zsh", "@VERBNAMES@", zsh_verb_names },
	{ "zsh", "@VERBS@\n", zsh_verbs },
	{ "fish", "@OPTIONS@\n", fish_options },
	{ "fish", "@VALUES@", fish_values },
	{ "fish", "@FLAGS@", fish_flags },
	{ "fish", "@VERBS@\n", fish_verbs },
};

enum { PARTS = sizeof parts / sizeof parts[0] };

/* The part that stands at p, printed: its length there, or 0. */
static size_t
part(const char *shell, const char *p)
{
	size_t i, n;

	for (i = 0; i < PARTS; i++) {
		n = strlen(parts[i].name);
		if ((parts[i].shell != NULL &&
			strcmp(parts[i].shell, shell) != 0) ||
		    strncmp(p, parts[i].name, n) != 0)
			continue;
		parts[i].print();
		return n;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	static char text[TEXT_MAX];
	const char *p = text;
	size_t n;

	if (argc != 3) {
		(void)fprintf(stderr,
		    "usage: completions bash|zsh|fish daemonize|daemonctl\n");
		return 2;
	}
	program = argv[2];
	options = strcmp(program, "daemonctl") == 0 ? daemonctl_options
						    : daemonize_options;
	n = fread(text, 1, sizeof text - 1, stdin);
	if (n == 0 || n == sizeof text - 1) {
		(void)fprintf(stderr, "completions: no text, or too long\n");
		return 1;
	}
	while (*p != '\0') {
		n = *p == '@' ? part(argv[1], p) : 0;
		if (n == 0)
			(void)putchar(*p++);
		p += n;
	}
	return fflush(stdout) == EOF;
}
