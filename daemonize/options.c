/* SPDX-License-Identifier: ISC */
/*
 * The option table of daemonize(1) and its parser.  Cases only store; what
 * follows from several options together is derived once, in settle().
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../libdaemon/decimal.h"
#include "../libdaemon/duration.h"
#include "../libdaemon/identity/service.h"
#include "../libdaemon/start/environment.h"
#include "../libdaemon/start/limits.h"
#include "../libdaemon/stop/stop.h"
#include "../libdaemon/supervise/policy.h"
#include "bsd.h"
#include "messages.h"
#include "options.h"

/* Who is supervised is ready when he has lived for so long. */
enum { DAY_MS = 24 * 3600 * 1000, SUPERVISED_ALIVE_MS = 200 };

enum id {
	NAME,
	PIDFILE,
	USER,
	GROUP,
	CWD,
	ENV,
	ENV_FILE,
	ENV_CLEAR,
	OUT,
	ERR,
	APPEND,
	IN,
	LOCK,
	UMASK,
	ROOT,
	ARGV0,
	RLIMIT,
	NICE,
	KEEP_FD,
	IGNORE_SIGCHLD,
	FOREGROUND,
	READY,
	READY_TIMEOUT,
	SUPERVISE,
	RESTART,
	RESTART_DELAY,
	SUPERVISOR_PIDFILE,
	TITLE,
	SYSLOG_TAG,
	MAX_RESTARTS,
	SUCCESS_STATUS,
	FINAL_STATUS,
	KEEP_TRYING,
	WATCHDOG,
	MAX_RUNTIME,
	MAX_MEMORY,
	BEFORE,
	LOG,
	ON_READY,
	ON_EXIT,
	ON_FAILED,
	CHECK,
	STOP,
	REPLACE,
	OKNODO,
	RUNDIR,
	DRY_RUN,
	VERBOSE,
	QUIET,
	VERSION,
	HELP
};

const struct option_spec daemonize_options[] = {
	{ NAME, 'n', "name", OPTION_NAME, "NAME", "its name for daemonctl" },
	{ PIDFILE, 'p', "pidfile", OPTION_FILE, "FILE",
	    "write its pid to FILE" },
	{ USER, 'u', "user", OPTION_USER, "USER[:GROUP]",
	    "run as USER (name or number)" },
	{ GROUP, 'g', "group", OPTION_GROUP, "GROUP",
	    "run as GROUP, not USER's own" },
	{ CWD, 'c', "cwd", OPTION_DIR, "DIR", "working directory (/)" },
	{ ENV, 'E', "env", OPTION_TEXT, "NAME=VALUE", "set a variable" },
	{ ENV_FILE, 0, "env-file", OPTION_FILE, "[-]FILE",
	    "set those in FILE; with - it may be missing" },
	{ ENV_CLEAR, 0, "env-clear", OPTION_FLAG, NULL,
	    "inherit no variables" },
	{ OUT, 'o', "stdout", OPTION_FILE, "FILE", "its stdout (/dev/null)" },
	{ ERR, 'e', "stderr", OPTION_FILE, "FILE", "its stderr (/dev/null)" },
	{ APPEND, 'a', "append", OPTION_FLAG, NULL,
	    "append to these, do not empty them first" },
	{ IN, 'i', "stdin", OPTION_FILE, "FILE", "its stdin (/dev/null)" },
	{ LOCK, 'l', "lock", OPTION_FILE, "FILE",
	    "lock FILE while it and its children live" },
	{ UMASK, 'm', "umask", OPTION_TEXT, "MASK",
	    "file mode creation mask (022)" },
	{ ROOT, 0, "root", OPTION_DIR, "DIR", "chroot to DIR" },
	{ ARGV0, 0, "argv0", OPTION_TEXT, "TEXT", "its argv[0]" },
	{ RLIMIT, 0, "rlimit", OPTION_LIMIT, "NAME=SOFT[:HARD]",
	    "a limit: nofile=4096, core=unlimited, as=2G" },
	{ NICE, 0, "nice", OPTION_TEXT, "N", "scheduling priority, -20 to 19" },
	{ KEEP_FD, 0, "keep-fd", OPTION_TEXT, "N", "leave descriptor N open" },
	{ IGNORE_SIGCHLD, 0, "ignore-sigchld", OPTION_FLAG, NULL,
	    "start it with SIGCHLD ignored" },
	{ FOREGROUND, 'F', "foreground", OPTION_FLAG, NULL,
	    "stay in the foreground, keep the terminal" },
	{ READY, 0, "ready", OPTION_READY, "HOW",
	    "exec, alive:TIME, notify, fd, tcp:... (exec)" },
	{ READY_TIMEOUT, 0, "ready-timeout", OPTION_TEXT, "TIME",
	    "be ready within TIME (60s)" },
	{ SUPERVISE, 'r', "supervise", OPTION_FLAG, NULL,
	    "restart it, after 0 0 2 4 8 .. 60 s *" },
	{ RESTART, 0, "restart", OPTION_RESTART, "WHEN",
	    "always (as -r), on-failure or never *" },
	{ RESTART_DELAY, 'R', "restart-delay", OPTION_TEXT, "TIME",
	    "restart it always after TIME *" },
	{ SUPERVISOR_PIDFILE, 'P', "supervisor-pidfile", OPTION_FILE, "FILE",
	    "write the supervisor's pid to FILE" },
	{ TITLE, 't', "title", OPTION_TEXT, "TEXT",
	    "the supervisor's title (daemonize: NAME)" },
	{ SYSLOG_TAG, 'T', "syslog-tag", OPTION_TEXT, "TAG",
	    "recorded only: for --syslog, to come" },
	{ MAX_RESTARTS, 0, "max-restarts", OPTION_TEXT, "N/TIME",
	    "give up after N in TIME *" },
	{ SUCCESS_STATUS, 0, "success-status", OPTION_TEXT, "STATUS,...",
	    "these are a success, too: 3,TERM" },
	{ FINAL_STATUS, 0, "final-status", OPTION_TEXT, "STATUS,...",
	    "after these it is not restarted (78,125)" },
	{ KEEP_TRYING, 0, "keep-trying", OPTION_FLAG, NULL,
	    "restart it, too, if it never became ready" },
	{ WATCHDOG, 0, "watchdog", OPTION_TEXT, "TIME",
	    "restart it without a sign of life for TIME *" },
	{ MAX_RUNTIME, 0, "max-runtime", OPTION_TEXT, "TIME",
	    "restart it when it has been ready for TIME *" },
	{ MAX_MEMORY, 0, "max-memory", OPTION_TEXT, "SIZE",
	    "restart it when it needs more than SIZE *" },
	{ BEFORE, 0, "before", OPTION_COMMAND, "CMD",
	    "must succeed before each start of it" },
	{ LOG, 0, "log", OPTION_FILE, "FILE",
	    "append its output to FILE, or to none *" },
	{ ON_READY, 0, "on-ready", OPTION_COMMAND, "CMD",
	    "run CMD when it is ready *" },
	{ ON_EXIT, 0, "on-exit", OPTION_COMMAND, "CMD",
	    "run CMD when it has ended *" },
	{ ON_FAILED, 0, "on-failed", OPTION_COMMAND, "CMD",
	    "run CMD when it is given up *" },
	{ CHECK, 0, "check", OPTION_COMMAND, "CMD",
	    "must succeed before a start or restart" },
	{ STOP, 0, "stop", OPTION_SCHEDULE, "SCHEDULE",
	    "how daemonctl stops it (TERM/30/KILL/5)" },
	{ REPLACE, 0, "replace", OPTION_FLAG, NULL,
	    "if it runs already, stop that one first" },
	{ OKNODO, 0, "oknodo", OPTION_FLAG, NULL,
	    "already running is success" },
	{ RUNDIR, 0, "rundir", OPTION_DIR, "DIR",
	    "where records are kept (/run/daemonize)" },
	{ DRY_RUN, 0, "dry-run", OPTION_FLAG, NULL,
	    "print the plan, do nothing" },
	{ VERBOSE, 'v', "verbose", OPTION_FLAG, NULL,
	    "print the steps first, the pid at the end" },
	{ QUIET, 'q', "quiet", OPTION_FLAG, NULL,
	    "say nothing, also on failure, nor with -v" },
	{ VERSION, 'V', "version", OPTION_FLAG, NULL, "print the version" },
	{ HELP, 'h', "help", OPTION_FLAG, NULL, "print this" },
	{ 0, 0, NULL, OPTION_FLAG, NULL, NULL },
};

/* What other tools take, and what to say to those who come from there. */
static const struct {
	const char *shown, *hint;
} elsewhere[] = {
	{ "-f", "not needed, 0-2 are /dev/null unless -i, -o or -e is given" },
	{ "-b",
	    "not needed, the background is the default (-F for the other)" },
	{ "-d",
	    "no such option: -c DIR is the working directory, -v prints the steps" },
	{ "--chdir", "no such option: -c DIR" },
	{ "--chuid", "no such option: -u USER" },
	{ "--exec", "no such option: the command follows the options" },
	{ "--make-pidfile", "not needed: -p FILE makes it" },
	{ "--background", "not needed, the background is the default" },
};

static int
replace(char **where, const char *text)
{
	free(*where);
	*where = strdup(text);
	return *where == NULL ? -1 : 0;
}

/* Below the caller's directory.  Its buffers are only for those who need
 * them: a page of stack costs more than a system call. */
static __attribute__((noinline)) int
relative(char **where, const char *shown, const char *text)
{
	char cwd[PATH_MAX], abs[2 * PATH_MAX];

	if (getcwd(cwd, sizeof cwd) == NULL) {
		if (errno == ENOMEM) /* told by options_parse() */
			return -1;
		message_option(shown,
		    "%s: relative, and the working "
		    "directory: %s",
		    text, strerror(errno));
		return -1;
	}
	(void)snprintf(
	    abs, sizeof abs, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, text);
	return replace(where, abs);
}

/* Absolute as text against the caller's directory, and nothing more: the
 * path is looked up anew whenever it is used. */
static int
path(char **where, const char *shown, const char *text)
{
	if (text[0] == '/')
		return replace(where, text);
	if (text[0] != '\0')
		return relative(where, shown, text);
	message_option(shown, "an empty path");
	return -1;
}

static int
path_list(struct daemon_list *l, const char *shown, const char *text)
{
	char *abs = NULL;
	int optional = text[0] == '-', r;

	r = path(&abs, shown, text + optional);
	if (r == 0)
		r = daemon_list_addf(l, "%s%s", optional ? "-" : "", abs);
	free(abs);
	return r;
}

static int
number(long long *n, const char *shown, const char *text, long long min,
    long long max)
{
	const char *why;

	*n = strtonum(text, min, max, &why);
	/* strtonum(3) lets blanks and a plus sign pass; we do not. */
	if (why == NULL &&
	    (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')))
		return 0;
	message_option(
	    shown, "%s: not a number from %lld to %lld", text, min, max);
	return -1;
}

static int
umask_text(long long *mask, const char *text)
{
	size_t n = strlen(text);

	if (n >= 1 && n <= 4 && strspn(text, "01234567") == n) {
		*mask = strtoll(text, NULL, 8);
		if (*mask <= 0777)
			return 0;
	}
	message_option("-m", "%s: not an octal mask (022)", text);
	return -1;
}

static int
variable(struct daemon_list *l, const char *text)
{
	size_t n = strcspn(text, "=");

	if (n == 0 || text[n] != '=') {
		/* The value is nobody's business: do not repeat the text. */
		message_option("-E", "not NAME=VALUE");
		return -1;
	}
	return daemon_list_add(l, text);
}

static int
limit(struct daemon_list *l, const char *text)
{
	struct rlimit rl;
	int resource;

	if (daemon_limit_parse(text, &resource, &rl) == 0)
		return daemon_list_add(l, text);
	message_option("--rlimit", "%s: %s", text,
	    errno == ENOENT	? "no such limit (nofile, nproc, as, core, ...)"
		: errno == EDOM ? "the soft limit is above the hard one"
		: errno == ERANGE ? "too large a number"
				  : "not NAME=SOFT[:HARD]");
	return -1;
}

static int
not_readiness(const char *text)
{
	message_option("--ready",
	    "%s: not exec, alive:TIME, fd[:N], notify, pidfile[:PATH], "
	    "tcp:HOST:PORT, unix:PATH or cmd:CMD",
	    text);
	return -1;
}

/* "alive:TIME", of a day at most. */
static int
alive(struct daemon_definition *d, const char *text)
{
	int r = daemon_duration_parse(text + strlen("alive:"), &d->ready_ms);

	if (r == 0 && d->ready_ms <= DAY_MS)
		return 0;
	if (r == -1 && errno != ERANGE)
		return not_readiness(text);
	message_option("--ready", "%s: more than a day", text);
	return -1;
}

static int
ready(struct daemon_definition *d, const char *text)
{
	struct daemon_readiness_how how;

	free(d->ready);
	d->ready = NULL;
	d->ready_ms = -1;
	if (strcmp(text, "exec") == 0)
		return 0;
	if (strncmp(text, "alive:", strlen("alive:")) == 0)
		return alive(d, text);
	if (daemon_readiness_parse(&how, text) == 0) {
		d->ready_ms = 0;
		return replace(&d->ready, text);
	}
	return not_readiness(text);
}

/* A time that is kept as it was given. */
static int
span(char **where, const char *shown, const char *text)
{
	long long ms;

	if (daemon_duration_parse(text, &ms) == 0 && ms > 0)
		return replace(where, text);
	message_option(shown, "%s: not a time (500ms, 30s, 5m)", text);
	return -1;
}

static int
words(char **where, const char *shown, const char *text)
{
	if (text[0] != '\0')
		return replace(where, text);
	message_option(shown, "the text is empty");
	return -1;
}

/* A size that is kept as it was given. */
static int
size(char **where, const char *shown, const char *text)
{
	long long bytes;

	if (daemon_size_parse(text, &bytes) == 0 && bytes > 0)
		return replace(where, text);
	message_option(shown, "%s: not a size (4096, 64K, 10M, 2G)", text);
	return -1;
}

static int
restart(struct daemon_definition *d, const char *text)
{
	enum daemon_restart r;

	if (daemon_restart_parse(&r, text) == 0)
		return replace(&d->restart, text);
	message_option(
	    "--restart", "%s: not always, on-failure or never", text);
	return -1;
}

static int
restart_delay(struct daemon_definition *d, const char *shown, const char *text)
{
	long long ms;

	if (daemon_duration_parse(text, &ms) == 0 && ms <= DAY_MS)
		return replace(&d->restart_delay, text);
	message_option(
	    shown, "%s: not a time of a day at most (500ms, 5s)", text);
	return -1;
}

static int
max_restarts(struct daemon_definition *d, const char *text)
{
	long long ms;
	unsigned n;

	if (daemon_max_restarts_parse(&n, &ms, text) == 0)
		return replace(&d->max_restarts, text);
	message_option("--max-restarts", "%s: not N/TIME (5/60s)", text);
	return -1;
}

static int
endings(char **where, const char *shown, const char *text)
{
	struct daemon_endings e = { .signal = 0 };

	if (daemon_endings_parse(&e, text) == 0)
		return replace(where, text);
	message_option(shown,
	    "%s: not statuses (0 to 255) or signals with commas between", text);
	return -1;
}

static int
schedule(struct daemon_definition *d, const char *text)
{
	struct daemon_schedule s;
	struct daemon_fault f;

	if (daemon_schedule_parse(&s, text, &f) == 0)
		return replace(&d->stop, text);
	message_option("--stop", "%s: %s", text, daemon_fault_reason(&f));
	return -1;
}

static int
name(struct daemon_definition *d, const char *text)
{
	if (daemon_name_ok(text))
		return replace(&d->name, text);
	message_option("-n",
	    "%s: a name is 1 to %d of A-Z a-z 0-9 _ . @ : - "
	    "and begins with neither . nor -",
	    text, DAEMON_NAME_MAX);
	return -1;
}

static int
group(struct daemon_definition *d, const char *shown, const char *text)
{
	if (text[0] != '\0')
		return replace(&d->group, text);
	message_option(shown, "the group is empty");
	return -1;
}

/* USER, or USER:GROUP. */
static int
user(struct daemon_definition *d, const char *shown, const char *text)
{
	const char *colon = strchr(text, ':');

	if (text[0] == '\0' || colon == text) {
		message_option(shown, "the user is empty");
		return -1;
	}
	if (replace(&d->user, text) == -1)
		return -1;
	if (colon == NULL)
		return 0;
	d->user[colon - text] = '\0';
	return group(d, shown, colon + 1);
}

/* FILE is both outputs; "none" is a word. */
static int
log_file(struct daemon_definition *d, const char *shown, const char *text)
{
	if (strcmp(text, "none") == 0)
		return replace(&d->log, text);
	return path(&d->log, shown, text);
}

static int
store(struct config *c, enum id id, const char *shown, const char *value)
{
	struct daemon_definition *d = &c->d;
	long long n;

	switch (id) {
	case NAME: return name(d, value);
	case PIDFILE: return path(&d->pidfile, shown, value);
	case USER: return user(d, shown, value);
	case GROUP: return group(d, shown, value);
	case CWD: return path(&d->cwd, shown, value);
	case ENV: return variable(&d->set, value);
	case ENV_FILE: return path_list(&d->env_files, shown, value);
	case ENV_CLEAR: c->env_clear = 1; return 0;
	case OUT: return path(&d->out, shown, value);
	case ERR: return path(&d->err, shown, value);
	case APPEND: d->append = 1; return 0;
	case IN: return path(&d->in, shown, value);
	case LOCK: return path(&d->lockfile, shown, value);
	case UMASK: return umask_text(&d->umask, value);
	case ROOT: return path(&d->root, shown, value);
	case ARGV0:
		daemon_list_clear(&d->argv);
		return daemon_list_add(&d->argv, value);
	case RLIMIT: return limit(&d->limits, value);
	case NICE:
		d->renice = 1;
		return number(&d->nice, shown, value, -20, 19);
	case KEEP_FD:
		return number(&n, shown, value, 3, INT_MAX) == -1
		    ? -1
		    : daemon_list_add(&d->keep, value);
	case IGNORE_SIGCHLD: d->ignore_sigchld = 1; return 0;
	case FOREGROUND: c->foreground = 1; return 0;
	case READY: c->ready_given = 1; return ready(d, value);
	case SUPERVISE: return restart(d, "always");
	case RESTART: return restart(d, value);
	case RESTART_DELAY: return restart_delay(d, shown, value);
	case SUPERVISOR_PIDFILE:
		return path(&d->supervisor_pidfile, shown, value);
	case TITLE: return words(&d->title, shown, value);
	case SYSLOG_TAG: return words(&d->syslog_tag, shown, value);
	case MAX_RESTARTS: return max_restarts(d, value);
	case SUCCESS_STATUS: return endings(&d->success_status, shown, value);
	case FINAL_STATUS: return endings(&d->final_status, shown, value);
	case READY_TIMEOUT: return span(&d->ready_timeout, shown, value);
	case KEEP_TRYING: d->keep_trying = 1; return 0;
	case WATCHDOG: return span(&d->watchdog, shown, value);
	case MAX_RUNTIME: return span(&d->max_runtime, shown, value);
	case MAX_MEMORY: return size(&d->max_memory, shown, value);
	case BEFORE: return replace(&d->before, value);
	case LOG: return log_file(d, shown, value);
	case ON_READY: return replace(&d->on_ready, value);
	case ON_EXIT: return replace(&d->on_exit, value);
	case ON_FAILED: return replace(&d->on_failed, value);
	case CHECK: return replace(&d->check, value);
	case STOP: return schedule(d, value);
	case REPLACE: c->replace = 1; return 0;
	case OKNODO: c->oknodo = 1; return 0;
	case RUNDIR:
		c->rundir = value;
		if (value[0] == '/')
			return 0;
		message_option(shown, "%s: not an absolute path", value);
		return -1;
	case DRY_RUN: c->dry_run = 1; return 0;
	case VERBOSE: c->verbose = 1; return 0;
	case QUIET: c->quiet = 1; return 0;
	case VERSION: c->version = 1; return 0;
	case HELP: c->help = 1; return 0;
	}
	return -1;
}

static const char *
hint(const struct option_scan *s)
{
	size_t i;

	for (i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
		if (strcmp(elsewhere[i].shown, s->shown) == 0)
			return elsewhere[i].hint;
	return s->error;
}

/* The command: its argv, and where it is looked for. */
static int
command(struct daemon_definition *d, char *const *argv)
{
	int given = d->argv.n > 0; /* --argv0 */

	if (argv[0][0] == '\0') {
		message("usage: the command is empty");
		return -1;
	}
	if (strchr(argv[0], '/') == NULL) {
		if (replace(&d->command, argv[0]) == -1)
			return -1;
	} else if (path(&d->command, "command", argv[0]) == -1) {
		return -1;
	}
	for (argv += given; *argv != NULL; argv++)
		if (daemon_list_borrow(&d->argv, *argv) == -1)
			return -1;
	return 0;
}

static int
starter(struct daemon_definition *d)
{
	char uid[DAEMON_DECIMAL_MAX];

	(void)daemon_decimal(uid, getuid());
	return replace(&d->starter, uid);
}

/* What asks for a supervisor: marked with a star in --help. */
static int
is_supervised(const struct daemon_definition *d)
{
	return d->restart != NULL || d->restart_delay != NULL ||
	    d->max_restarts != NULL || d->watchdog != NULL ||
	    d->max_runtime != NULL || d->max_memory != NULL ||
	    d->on_ready != NULL || d->on_exit != NULL || d->on_failed != NULL ||
	    d->log != NULL;
}

/* What means nothing without one; NULL: nothing of it was given. */
static const char *
lonely(const struct daemon_definition *d)
{
	return d->success_status != NULL    ? "--success-status"
	    : d->final_status != NULL	    ? "--final-status"
	    : d->ready_timeout != NULL	    ? "--ready-timeout"
	    : d->before != NULL		    ? "--before"
	    : d->keep_trying		    ? "--keep-trying"
	    : d->ready != NULL		    ? "--ready"
	    : d->supervisor_pidfile != NULL ? "-P"
	    : d->title != NULL		    ? "-t"
	    : d->syslog_tag != NULL	    ? "-T"
					    : NULL;
}

static int
settle_readiness(struct config *c)
{
	struct daemon_definition *d = &c->d;

	if (d->ready == NULL && d->ready_timeout != NULL) {
		message_option("--ready-timeout",
		    "only with --ready=notify, fd, pidfile, tcp, unix or cmd");
		return -1;
	}
	if (!c->ready_given)
		d->ready_ms = SUPERVISED_ALIVE_MS;
	return 0;
}

static int
settle_log(struct daemon_definition *d)
{
	if (d->log == NULL || strcmp(d->log, "none") == 0)
		return 0;
	if (d->out != NULL || d->err != NULL) {
		message_option("--log", "not with -o or -e: it is both");
		return -1;
	}
	d->append = 1;
	return replace(&d->out, d->log) == -1 ? -1 : replace(&d->err, d->log);
}

/* A file can name one process. */
static int
settle_pidfiles(const struct daemon_definition *d)
{
	const char *own = d->supervisor_pidfile;

	if (own == NULL ||
	    ((d->pidfile == NULL || strcmp(own, d->pidfile) != 0) &&
		(d->lockfile == NULL || strcmp(own, d->lockfile) != 0)))
		return 0;
	message_option("-P", "%s: is the file of -p or -l", own);
	return -1;
}

/* What the caller executed keeps its name. */
static int
settle_foreground(const struct daemon_definition *d)
{
	if (d->title == NULL && d->max_memory == NULL)
		return 0;
	message_option(d->title != NULL ? "-t" : "--max-memory", "not with -F");
	return -1;
}

/* What asks for a supervisor, and what needs one. */
static int
settle_supervision(struct config *c)
{
	struct daemon_definition *d = &c->d;
	const char *alone = lonely(d);

	if (!is_supervised(d)) {
		if (alone == NULL)
			return 0;
		message_option(alone,
		    "%sonly with -r or another of those "
		    "marked * in --help",
		    strcmp(alone, "--ready") == 0 ? "of this kind " : "");
		return -1;
	}
	if (d->restart == NULL && replace(&d->restart, "always") == -1)
		return -1;
	if (settle_readiness(c) == -1 || settle_log(d) == -1 ||
	    settle_pidfiles(d) == -1)
		return -1;
	if (c->foreground)
		return settle_foreground(d);
	if (d->name == NULL && d->pidfile == NULL) {
		message_option("-r", "needs a name (-n), a pidfile (-p) or -F");
		return -1;
	}
	if (d->keep.n == 0)
		return 0;
	message_option("--keep-fd", "with -r only together with -F");
	return -1;
}

/* What several options, or their absence, mean together. */
static int
settle(struct config *c)
{
	struct daemon_definition *d = &c->d;
	extern char **environ;

	if (settle_supervision(c) == -1)
		return -1;
	if (c->foreground && d->ready_ms >= 0 && d->restart == NULL) {
		message_option("--ready", "not with -F: nobody waits");
		return -1;
	}
	if (c->foreground && c->oknodo) {
		message_option("--oknodo", "not with -F");
		return -1;
	}
	if (c->replace && d->name == NULL && d->pidfile == NULL) {
		message_option(
		    "--replace", "needs a name (-n) or a pidfile (-p)");
		return -1;
	}
	c->verbose = c->verbose && !c->quiet;
	d->foreground = c->foreground;
	d->truncate = !d->append && (d->out != NULL || d->err != NULL);
	if (d->cwd == NULL && !c->foreground && replace(&d->cwd, "/") == -1)
		return -1;
	if (d->stop == NULL && replace(&d->stop, DAEMON_SCHEDULE_DEFAULT) == -1)
		return -1;
	if (!c->env_clear && daemon_environment_inherit(&d->env, environ) == -1)
		return -1;
	if (daemon_limits_get(&d->inherited) == -1)
		return -1;
	return starter(d);
}

static int
parse(struct config *c, char **argv)
{
	struct option_scan s = {
		.table = daemonize_options, .argv = argv, .i = 1
	};
	const struct option_spec *o;
	const char *value;
	int bad = 0;

	*c = (struct config){ .d = { .umask = 022, .ready_ms = -1 } };
	errno = 0;
	c->d.nice = getpriority(PRIO_PROCESS, 0);
	for (;;) {
		o = option_next(&s, &value);
		if (o == NULL && s.error[0] == '\0')
			break;
		/* The first mistake is told; -F is looked for to the end. */
		if (o == NULL && !bad)
			message_option(s.shown, "%s", hint(&s));
		if (o == NULL || (bad && o->id != FOREGROUND))
			bad = 1;
		else if (store(c, (enum id)o->id, s.shown, value) == -1)
			bad = 1;
		if (c->help || c->version)
			return 0;
	}
	if (bad)
		return -1;
	if (argv[s.i] == NULL) {
		message("usage: a command is missing (daemonize --help)");
		return -1;
	}
	return command(&c->d, argv + s.i) == -1 ? -1 : settle(c);
}

int
options_parse(struct config *c, char **argv)
{
	errno = 0;
	if (parse(c, argv) == 0)
		return 0;
	/* The one failure that is nobody's mistake, told here for all. */
	c->failed = errno == ENOMEM;
	if (c->failed)
		message("option: %s", strerror(ENOMEM));
	return -1;
}

void
options_help(void)
{
	const struct option_spec *o;
	char left[64];

	(void)printf(
	    "usage: daemonize [options] [--] command [args]\n"
	    "Run a command as a daemon; with -r, under a supervisor.\n\n");
	for (o = daemonize_options; o->help != NULL; o++) {
		(void)snprintf(left, sizeof left, "%s%c%s--%s%s%s",
		    o->letter != 0 ? "-" : " ",
		    o->letter != 0 ? o->letter : ' ',
		    o->letter != 0 ? ", " : "  ", o->name,
		    o->arg != NULL ? "=" : "", o->arg != NULL ? o->arg : "");
		(void)printf("  %-32s %s\n", left, o->help);
	}
	(void)printf(
	    "\n* turns on supervision: -n, -p or -F is needed then\n"
	    "exit: 0 runs and is ready, 1 a step failed, 2 usage, 3 already "
	    "running,\n4 died or not ready, 126 not executable, 127 not found; "
	    "with -F 125 for our own\nSee daemonize(1), and daemonctl(1): status "
	    "stop start\nrestart reload signal wait show list forget\n");
}
