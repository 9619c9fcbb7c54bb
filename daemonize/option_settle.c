/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <unistd.h>

#include "../libdaemon/decimal.h"
#include "../libdaemon/identity/workers.h"
#include "../libdaemon/start/environment.h"
#include "../libdaemon/start/limits.h"
#include "../libdaemon/stop/stop.h"
#include "../libdaemon/output/sink.h"
#include "../libdaemon/supervise/logfile.h"
#include "messages.h"
#include "option_listen.h"
#include "option_values.h"
#include "options.h"

/* Who is supervised is ready when he has lived for so long. */
enum { SUPERVISED_ALIVE_MS = 200, WORKER_ALIVE_MS = 1000 };

static int
starter(struct daemon_definition *d)
{
	char uid[DAEMON_DECIMAL_MAX];

	(void)daemon_decimal(uid, getuid());
	return value_replace(&d->starter, uid);
}

/* What asks for a supervisor: marked with a star in --help. */
static int
is_supervised(const struct daemon_definition *d)
{
	return d->restart != NULL || d->restart_delay != NULL ||
	    d->max_restarts != NULL || d->watchdog != NULL ||
	    d->max_runtime != NULL || d->max_memory != NULL ||
	    d->on_ready != NULL || d->on_exit != NULL || d->on_failed != NULL ||
	    d->log != NULL || d->syslog != NULL || d->listen.n > 0 ||
	    d->workers > 0 || d->agents.n > 0;
}

/* What says when a log is a former one, and how that is kept; NULL: nothing
 * was given. */
static const char *
about_files(const struct daemon_definition *d)
{
	return d->log_size != NULL    ? "--log-size"
	    : d->log_age != NULL      ? "--log-age"
	    : d->log_files != -1      ? "--log-files"
	    : d->log_compress != NULL ? "--log-compress"
				      : NULL;
}

/* Or how it is written. */
static const char *
about_log(const struct daemon_definition *d)
{
	const char *of_files = about_files(d);

	return of_files != NULL		? of_files
	    : d->log_timestamps != NULL ? "--log-timestamps"
	    : d->log_tags		? "--log-tags"
	    : d->log_block		? "--log-block"
					: NULL;
}

/* Or workers. */
static const char *
about_workers(const struct daemon_definition *d)
{
	return d->cpus != NULL	? "--cpu-affinity"
	    : d->reload != NULL ? "--reload"
	    : d->drain != NULL	? "--drain"
				: NULL;
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
	    : listen_about(d) != NULL	    ? listen_about(d)
	    : about_workers(d) != NULL	    ? about_workers(d)
					    : about_log(d);
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
		d->ready_ms =
		    d->workers > 0 ? WORKER_ALIVE_MS : SUPERVISED_ALIVE_MS;
	return 0;
}

/* Its output is not ours to write anywhere.  0: it is. */
static int
is_elsewhere(const struct daemon_definition *d, const char *option, int none)
{
	if (option == NULL || (!none && d->out == NULL && d->err == NULL))
		return 0;
	message_option(option, "not with %s: what it prints is not ours",
	    none ? "--log=none" : "-o or -e");
	return 1;
}

static int
is_log(const struct daemon_definition *d, const char *what)
{
	return d->log != NULL && strcmp(d->log, what) == 0;
}

/* Our standard output is rotated by nobody, and in the background it is
 * nowhere. */
static int
settle_stdout(const struct config *c, const struct daemon_definition *d)
{
	const char *of_files = about_files(d);

	if (!c->foreground) {
		message_option("--log", "-: only with -F");
		return -1;
	}
	if (of_files == NULL)
		return 0;
	message_option(of_files, "only with --log=FILE");
	return -1;
}

static int
settle_log(const struct config *c, struct daemon_definition *d)
{
	const char *about = about_log(d);
	const int none = is_log(d, "none");

	if (is_elsewhere(d, about, none) ||
	    is_elsewhere(d, d->syslog != NULL ? "--syslog" : NULL, 0))
		return -1;
	if (c->foreground && d->log == NULL &&
	    (about != NULL || d->syslog != NULL) &&
	    value_replace(&d->log, DAEMON_LOG_STDOUT) == -1)
		return -1;
	if (is_log(d, DAEMON_LOG_STDOUT) && settle_stdout(c, d) == -1)
		return -1;
	if (d->log_files == -1)
		d->log_files = DAEMON_LOG_FILES;
	if (d->log == NULL || none)
		return 0;
	if (d->out != NULL || d->err != NULL) {
		message_option("--log", "stands for -o and -e: give it alone");
		return -1;
	}
	if (is_log(d, DAEMON_LOG_STDOUT))
		return 0;
	d->append = 1;
	return value_replace(&d->out, d->log) == -1
	    ? -1
	    : value_replace(&d->err, d->log);
}

/* What there is one of has no number. */
static const char *
is_numbered(const struct daemon_definition *d)
{
	const struct {
		const char *option, *path;
	} one[] = { { "--log", d->log }, { "-p", d->pidfile },
		{ "-P", d->supervisor_pidfile } };
	size_t i;

	for (i = 0; i < sizeof one / sizeof one[0]; i++)
		if (daemon_worker_has_own(one[i].path))
			return one[i].option;
	return NULL;
}

/* What is one process's cannot be several's. */
static int
settle_workers(struct daemon_definition *d)
{
	const char *about = about_workers(d);

	/* What an agent is beside is a worker. */
	if (d->workers == 0 && d->agents.n > 0)
		d->workers = 1;
	if (d->workers == 0) {
		if (about == NULL)
			return 0;
		message_option(about, "only with -w");
		return -1;
	}
	if (d->lockfile != NULL) {
		message_option("-l", "not with -w: a lock is one process's");
		return -1;
	}
	if (is_numbered(d) != NULL) {
		message_option(is_numbered(d),
		    DAEMON_WORKER_TEXT ": there is one for all workers");
		return -1;
	}
	if (d->ready == NULL || strncmp(d->ready, "pidfile", 7) != 0)
		return 0;
	message_option("--ready", "%s: not with -w: workers stay", d->ready);
	return -1;
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

/* Of those that ask for a supervisor, one that was given. */
static const char *
asking(const struct daemon_definition *d)
{
	return d->agents.n > 0 ? "--agent"
	    : d->workers > 0   ? "-w"
	    : d->listen.n > 0  ? "--listen"
			       : "-r";
}

/* about: NULL, or an option. */
static int
is_about(const char *option, const char *about)
{
	return about != NULL && strcmp(option, about) == 0;
}

static void
say_lonely(const struct daemon_definition *d, const char *option)
{
	if (is_about(option, listen_about(d)))
		message_option(option, "only with --listen");
	else if (is_about(option, about_workers(d)))
		message_option(option, "only with -w");
	else
		message_option(option,
		    "%sonly with -r or another of those "
		    "marked * in --help",
		    strcmp(option, "--ready") == 0 ? "of this kind " : "");
}

/* What asks for a supervisor, and what needs one. */
static int
settle_supervision(struct config *c)
{
	struct daemon_definition *d = &c->d;
	const char *alone = lonely(d);

	if (!is_supervised(d)) {
		if (alone == NULL) {
			d->log_files = 0;
			return 0;
		}
		say_lonely(d, alone);
		return -1;
	}
	if (d->restart == NULL && value_replace(&d->restart, "always") == -1)
		return -1;
	if (settle_readiness(c) == -1 || settle_log(c, d) == -1 ||
	    listen_settle(d) == -1 || settle_workers(d) == -1 ||
	    settle_pidfiles(d) == -1)
		return -1;
	if (c->foreground)
		return settle_foreground(d);
	if (d->name == NULL && d->pidfile == NULL) {
		message_option(
		    asking(d), "needs a name (-n), a pidfile (-p) or -F");
		return -1;
	}
	if (d->keep.n == 0)
		return 0;
	message_option("--keep-fd", "with -r only together with -F");
	return -1;
}

/* What several options, or their absence, mean together. */
int
options_settle(struct config *c)
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
	if (d->cwd == NULL && !c->foreground &&
	    value_replace(&d->cwd, "/") == -1)
		return -1;
	if (d->stop == NULL &&
	    value_replace(&d->stop, DAEMON_SCHEDULE_DEFAULT) == -1)
		return -1;
	if (!c->env_clear && daemon_environment_inherit(&d->env, environ) == -1)
		return -1;
	if (daemon_limits_get(&d->inherited) == -1)
		return -1;
	return starter(d);
}
