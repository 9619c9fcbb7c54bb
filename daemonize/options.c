/* SPDX-License-Identifier: ISC */
/*
 * The option table of daemonize(1) and its parser.  Cases only store; what
 * follows from several options together is derived once, in option_settle.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "messages.h"
#include "option_values.h"
#include "options.h"

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
	WORKERS,
	CPU_AFFINITY,
	RELOAD,
	DRAIN,
	AGENT,
	AGENT_USER,
	AGENT_EVERY,
	AGENT_DELAY,
	AGENT_ONCE,
	LISTEN,
	LISTEN_ENV,
	REUSEPORT,
	BACKLOG,
	LOG,
	LOG_SIZE,
	LOG_AGE,
	LOG_FILES,
	LOG_COMPRESS,
	TO_SYSLOG,
	LOG_TIMESTAMPS,
	LOG_TAGS,
	LOG_BLOCK,
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
	    "what its lines in syslog begin with (NAME)" },
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
	{ WORKERS, 'w', "workers", OPTION_TEXT, "N|auto",
	    "run N of it, or as many as processors *" },
	{ CPU_AFFINITY, 0, "cpu-affinity", OPTION_TEXT, "LIST|auto",
	    "each on one of these processors: 0-3,6" },
	{ RELOAD, 0, "reload", OPTION_TEXT, "HOW",
	    "rolling, batch, a signal or cmd:CMD (rolling)" },
	{ DRAIN, 0, "drain", OPTION_SCHEDULE, "SCHEDULE",
	    "how a worker is told to finish (QUIT/30)" },
	{ AGENT, 0, "agent", OPTION_TEXT, "NAME=CMD",
	    "beside workers, with the starter's rights *" },
	{ AGENT_USER, 0, "agent-user", OPTION_USER, "USER[:GROUP]",
	    "that one: as USER" },
	{ AGENT_EVERY, 0, "agent-every", OPTION_TEXT, "TIME",
	    "that one: begin it anew every TIME" },
	{ AGENT_DELAY, 0, "agent-delay", OPTION_TEXT, "TIME",
	    "that one: begin it after TIME" },
	{ AGENT_ONCE, 0, "agent-once", OPTION_FLAG, NULL,
	    "that one: do not begin it again" },
	{ LISTEN, 0, "listen", OPTION_TEXT, "ADDR",
	    "hold a socket for it: :80, unix:FILE .. *" },
	{ LISTEN_ENV, 0, "listen-env", OPTION_TEXT, "KIND",
	    "name it as others do, too: nginx" },
	{ REUSEPORT, 0, "reuseport", OPTION_FLAG, NULL,
	    "others may listen at that port, too" },
	{ BACKLOG, 0, "backlog", OPTION_TEXT, "N",
	    "so many connections may wait for it" },
	{ LOG, 0, "log", OPTION_FILE, "FILE",
	    "append its output to FILE, or -, or to none *" },
	{ LOG_SIZE, 0, "log-size", OPTION_TEXT, "SIZE",
	    "begin a new log at SIZE (10M), 0: never" },
	{ LOG_AGE, 0, "log-age", OPTION_TEXT, "TIME",
	    "begin a new log after TIME" },
	{ LOG_FILES, 0, "log-files", OPTION_TEXT, "N",
	    "keep N former ones (5): FILE.1, FILE.2 .." },
	{ LOG_COMPRESS, 0, "log-compress", OPTION_TEXT, "METHOD",
	    "and from FILE.2 on compressed: zstd, gzip" },
	{ LOG_TIMESTAMPS, 0, "log-timestamps", OPTION_FLAG, "[=KIND]",
	    "when each line came: iso, unix, tai64n (iso)" },
	{ TO_SYSLOG, 0, "syslog", OPTION_TEXT, "FACILITY.PRIORITY",
	    "send its lines to syslog, too *" },
	{ LOG_TAGS, 0, "log-tags", OPTION_FLAG, NULL,
	    "o or e before each line: from stdout, stderr" },
	{ LOG_BLOCK, 0, "log-block", OPTION_FLAG, NULL,
	    "let it wait while the log cannot be written" },
	{ ON_READY, 0, "on-ready", OPTION_COMMAND, "CMD",
	    "run CMD when it is ready *" },
	{ ON_EXIT, 0, "on-exit", OPTION_COMMAND, "CMD",
	    "run CMD when it has ended *" },
	{ ON_FAILED, 0, "on-failed", OPTION_COMMAND, "CMD",
	    "run CMD when it is given up *" },
	{ CHECK, 0, "check", OPTION_COMMAND, "CMD",
	    "must succeed before start, restart, reload" },
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
store(struct config *c, enum id id, const char *shown, const char *value)
{
	struct daemon_definition *d = &c->d;
	long long n;

	switch (id) {
	case NAME: return value_name(d, value);
	case PIDFILE: return value_path(&d->pidfile, shown, value);
	case USER: return value_user(d, shown, value);
	case GROUP: return value_group(d, shown, value);
	case CWD: return value_path(&d->cwd, shown, value);
	case ENV: return value_variable(&d->set, value);
	case ENV_FILE: return value_paths(&d->env_files, shown, value);
	case ENV_CLEAR: c->env_clear = 1; return 0;
	case OUT: return value_path(&d->out, shown, value);
	case ERR: return value_path(&d->err, shown, value);
	case APPEND: d->append = 1; return 0;
	case IN: return value_path(&d->in, shown, value);
	case LOCK: return value_path(&d->lockfile, shown, value);
	case UMASK: return value_umask(&d->umask, value);
	case ROOT: return value_path(&d->root, shown, value);
	case ARGV0:
		daemon_list_clear(&d->argv);
		return daemon_list_add(&d->argv, value);
	case RLIMIT: return value_limit(&d->limits, value);
	case NICE:
		d->renice = 1;
		return value_number(&d->nice, shown, value, -20, 19);
	case KEEP_FD:
		return value_number(&n, shown, value, 3, INT_MAX) == -1
		    ? -1
		    : daemon_list_add(&d->keep, value);
	case IGNORE_SIGCHLD: d->ignore_sigchld = 1; return 0;
	case FOREGROUND: c->foreground = 1; return 0;
	case READY: c->ready_given = 1; return value_ready(d, value);
	case SUPERVISE:
		return d->restart != NULL ? 0 : value_restart(d, "always");
	case RESTART: return value_restart(d, value);
	case RESTART_DELAY: return value_restart_delay(d, shown, value);
	case SUPERVISOR_PIDFILE:
		return value_path(&d->supervisor_pidfile, shown, value);
	case TITLE: return value_words(&d->title, shown, value);
	case SYSLOG_TAG: return value_words(&d->syslog_tag, shown, value);
	case MAX_RESTARTS: return value_max_restarts(d, value);
	case SUCCESS_STATUS:
		return value_endings(&d->success_status, shown, value);
	case FINAL_STATUS: return value_endings(&d->final_status, shown, value);
	case READY_TIMEOUT: return value_span(&d->ready_timeout, shown, value);
	case KEEP_TRYING: d->keep_trying = 1; return 0;
	case WATCHDOG: return value_span(&d->watchdog, shown, value);
	case MAX_RUNTIME: return value_span(&d->max_runtime, shown, value);
	case MAX_MEMORY: return value_size(&d->max_memory, shown, value);
	case BEFORE: return value_replace(&d->before, value);
	case WORKERS: return value_workers(d, shown, value);
	case CPU_AFFINITY: return value_cpus(d, shown, value);
	case RELOAD: return value_reload(d, shown, value);
	case DRAIN: return value_schedule(&d->drain, shown, value);
	case AGENT: return value_agent(d, shown, value);
	case AGENT_USER: return value_agent_how(d, shown, "user=", value);
	case AGENT_EVERY: return value_agent_how(d, shown, "every=", value);
	case AGENT_DELAY: return value_agent_how(d, shown, "delay=", value);
	case AGENT_ONCE: return value_agent_how(d, shown, "once", NULL);
	case LISTEN: return value_listen(&d->listen, shown, value);
	case LISTEN_ENV: return value_listen_env(d, shown, value);
	case REUSEPORT: d->reuseport = 1; return 0;
	case BACKLOG:
		return value_number(&d->backlog, shown, value, 1, INT_MAX);
	case LOG: return value_log(d, shown, value);
	case LOG_SIZE: return value_log_size(d, shown, value);
	case LOG_AGE: return value_span(&d->log_age, shown, value);
	case LOG_FILES:
		return value_number(&d->log_files, shown, value, 0, 9999);
	case LOG_COMPRESS: return value_zip(d, shown, value);
	case LOG_TIMESTAMPS: return value_stamps(d, shown, value);
	case TO_SYSLOG: return value_syslog(d, shown, value);
	case LOG_TAGS: d->log_tags = 1; return 0;
	case LOG_BLOCK: d->log_block = 1; return 0;
	case ON_READY: return value_replace(&d->on_ready, value);
	case ON_EXIT: return value_replace(&d->on_exit, value);
	case ON_FAILED: return value_replace(&d->on_failed, value);
	case CHECK: return value_replace(&d->check, value);
	case STOP: return value_schedule(&d->stop, shown, value);
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
		if (value_replace(&d->command, argv[0]) == -1)
			return -1;
	} else if (value_path(&d->command, "command", argv[0]) == -1) {
		return -1;
	}
	for (argv += given; *argv != NULL; argv++)
		if (daemon_list_borrow(&d->argv, *argv) == -1)
			return -1;
	return 0;
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

	*c = (struct config){
		.d = { .umask = 022, .ready_ms = -1, .log_files = -1 }
	};
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
	return command(&c->d, argv + s.i) == -1 ? -1 : options_settle(c);
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
		    o->kind != OPTION_FLAG ? "=" : "",
		    o->arg != NULL ? o->arg : "");
		(void)printf("  %-32s %s\n", left, o->help);
	}
	(void)printf(
	    "\n* turns on supervision: -n, -p or -F is needed then\n"
	    "exit: 0 runs and is ready, 1 a step failed, 2 usage, 3 already "
	    "running,\n4 died or not ready, 126 not executable, 127 not found; "
	    "with -F 125 for our own\nSee daemonize(1), and daemonctl(1): status "
	    "list logs events check metrics show\nstart stop restart reload "
	    "scale drain signal wait adopt release pause resume\nupgrade "
	    "forget\n");
}
