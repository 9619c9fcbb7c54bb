/* SPDX-License-Identifier: ISC */
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
#include "../libdaemon/start/limits.h"
#include "../libdaemon/socket/address.h"
#include "../libdaemon/stop/stop.h"
#include "../libdaemon/output/lines.h"
#include "../libdaemon/output/sink.h"
#include "../libdaemon/output/syslog.h"
#include "../libdaemon/output/ziphead.h"
#include "../libdaemon/supervise/policy.h"
#include "../libdaemon/supervise/store.h"
#include "bsd.h"
#include "messages.h"
#include "option_values.h"

enum { DAY_MS = 24 * 3600 * 1000 };

int
value_replace(char **where, const char *text)
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
	return value_replace(where, abs);
}

/* Absolute as text against the caller's directory, and nothing more: the
 * path is looked up anew whenever it is used. */
int
value_path(char **where, const char *shown, const char *text)
{
	if (text[0] == '/')
		return value_replace(where, text);
	if (text[0] != '\0')
		return relative(where, shown, text);
	message_option(shown, "an empty path");
	return -1;
}

int
value_paths(struct daemon_list *l, const char *shown, const char *text)
{
	char *abs = NULL;
	int optional = text[0] == '-', r;

	r = value_path(&abs, shown, text + optional);
	if (r == 0)
		r = daemon_list_addf(l, "%s%s", optional ? "-" : "", abs);
	free(abs);
	return r;
}

int
value_number(long long *n, const char *shown, const char *text, long long min,
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

int
value_umask(long long *mask, const char *text)
{
	if (daemon_mask_read(mask, text) == 0)
		return 0;
	message_option("-m", "%s: not an octal mask (022)", text);
	return -1;
}

int
value_variable(struct daemon_list *l, const char *text)
{
	size_t n = strcspn(text, "=");

	if (n == 0 || text[n] != '=') {
		/* The value is nobody's business: do not repeat the text. */
		message_option("-E", "not NAME=VALUE");
		return -1;
	}
	return daemon_list_add(l, text);
}

int
value_limit(struct daemon_list *l, const char *text)
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

/* Behind its word there may be a path. */
static int
absolute(char **where, const char *text, const char *path)
{
	char *abs = NULL;
	int r;

	if (path == NULL)
		return value_replace(where, text);
	r = value_path(&abs, "--ready", path);
	if (r == 0 &&
	    asprintf(where, "%.*s%s", (int)(path - text), text, abs) == -1) {
		*where = NULL;
		r = -1;
	}
	free(abs);
	return r;
}

int
value_ready(struct daemon_definition *d, const char *text)
{
	struct daemon_readiness_how how;

	free(d->ready);
	d->ready = NULL;
	d->ready_ms = -1;
	if (strcmp(text, "exec") == 0)
		return 0;
	if (strncmp(text, "alive:", strlen("alive:")) == 0)
		return alive(d, text);
	if (daemon_readiness_parse(&how, text) == -1)
		return not_readiness(text);
	d->ready_ms = 0;
	if (how.kind != DAEMON_BY_PIDFILE && how.kind != DAEMON_BY_UNIX)
		return value_replace(&d->ready, text);
	return absolute(&d->ready, text, how.object);
}

/* A time that is kept as it was given. */
int
value_span(char **where, const char *shown, const char *text)
{
	long long ms;

	if (daemon_duration_parse(text, &ms) == 0 && ms > 0)
		return value_replace(where, text);
	message_option(shown, "%s: not a time (500ms, 30s, 5m)", text);
	return -1;
}

int
value_words(char **where, const char *shown, const char *text)
{
	if (text[0] != '\0')
		return value_replace(where, text);
	message_option(shown, "the text is empty");
	return -1;
}

/* A size that is kept as it was given. */
int
value_size(char **where, const char *shown, const char *text)
{
	long long bytes;

	if (daemon_size_parse(text, &bytes) == 0 && bytes > 0)
		return value_replace(where, text);
	message_option(shown, "%s: not a size (4096, 64K, 10M, 2G)", text);
	return -1;
}

int
value_restart(struct daemon_definition *d, const char *text)
{
	enum daemon_restart r;

	if (daemon_restart_parse(&r, text) == 0)
		return value_replace(&d->restart, text);
	message_option(
	    "--restart", "%s: not always, on-failure or never", text);
	return -1;
}

int
value_restart_delay(
    struct daemon_definition *d, const char *shown, const char *text)
{
	long long ms;

	if (daemon_duration_parse(text, &ms) == 0 && ms <= DAY_MS)
		return value_replace(&d->restart_delay, text);
	message_option(
	    shown, "%s: not a time of a day at most (500ms, 5s)", text);
	return -1;
}

int
value_max_restarts(struct daemon_definition *d, const char *text)
{
	long long ms;
	unsigned n;

	if (daemon_max_restarts_parse(&n, &ms, text) == 0)
		return value_replace(&d->max_restarts, text);
	message_option("--max-restarts", "%s: not N/TIME (5/60s)", text);
	return -1;
}

int
value_endings(char **where, const char *shown, const char *text)
{
	struct daemon_endings e = { .signal = 0 };

	if (daemon_endings_parse(&e, text) == 0)
		return value_replace(where, text);
	message_option(shown,
	    "%s: not statuses (0 to 255) or signals with commas between", text);
	return -1;
}

int
value_schedule(char **where, const char *shown, const char *text)
{
	struct daemon_schedule s;
	struct daemon_fault f;

	if (daemon_schedule_parse(&s, text, &f) == 0)
		return value_replace(where, text);
	message_option(shown, "%s: %s", text, daemon_fault_reason(&f));
	return -1;
}

int
value_name(struct daemon_definition *d, const char *text)
{
	if (daemon_name_ok(text))
		return value_replace(&d->name, text);
	message_option("-n",
	    "%s: a name is 1 to %d of A-Z a-z 0-9 _ . @ : - "
	    "and begins with neither . nor -",
	    text, DAEMON_NAME_MAX);
	return -1;
}

int
value_group(struct daemon_definition *d, const char *shown, const char *text)
{
	if (text[0] != '\0')
		return value_replace(&d->group, text);
	message_option(shown, "the group is empty");
	return -1;
}

/* USER, or USER:GROUP. */
int
value_user(struct daemon_definition *d, const char *shown, const char *text)
{
	const char *colon = strchr(text, ':');

	if (text[0] == '\0' || colon == text) {
		message_option(shown, "the user is empty");
		return -1;
	}
	if (value_replace(&d->user, text) == -1)
		return -1;
	if (colon == NULL)
		return 0;
	d->user[colon - text] = '\0';
	return value_group(d, shown, colon + 1);
}

/* FILE is both outputs; "none" and "-" are words. */
int
value_log(struct daemon_definition *d, const char *shown, const char *text)
{
	if (strcmp(text, "none") == 0 || strcmp(text, DAEMON_LOG_STDOUT) == 0)
		return value_replace(&d->log, text);
	return value_path(&d->log, shown, text);
}

/* The path of a socket is absolute, as all are. */
static int
settle_path(struct daemon_address *a, const char *shown)
{
	char *path = NULL;
	int r = value_path(&path, shown, a->path);

	if (r == 0 && strlen(path) >= sizeof a->path) {
		message_option(shown, "%s: is longer than %zu bytes", path,
		    sizeof a->path - 1);
		r = -1;
	}
	if (r == 0)
		(void)strcpy(a->path, path);
	free(path);
	return r;
}

int
value_listen(struct daemon_list *l, const char *shown, const char *text)
{
	struct daemon_address a;
	char whole[DAEMON_ADDRESS_TEXT];
	const char *why = "is too long";

	if (daemon_address_parse(&a, text, &why) == -1) {
		message_option(shown, "%s: %s", text, why);
		return -1;
	}
	if (a.kind == DAEMON_ADDRESS_UNIX && settle_path(&a, shown) == -1)
		return -1;
	if (l->n == DAEMON_STORE_MAX) {
		message_option(shown, "%d at most", DAEMON_STORE_MAX);
		return -1;
	}
	return daemon_address_text(whole, &a) == -1 ? -1
						    : daemon_list_add(l, whole);
}

int
value_listen_env(
    struct daemon_definition *d, const char *shown, const char *text)
{
	if (strcmp(text, "nginx") == 0)
		return value_replace(&d->listen_env, text);
	message_option(shown, "%s: not nginx", text);
	return -1;
}

/* 0 is no limit. */
int
value_log_size(struct daemon_definition *d, const char *shown, const char *text)
{
	return strcmp(text, "0") == 0 ? value_replace(&d->log_size, text)
				      : value_size(&d->log_size, shown, text);
}

int
value_zip(struct daemon_definition *d, const char *shown, const char *text)
{
	if (daemon_zip_parse(text) != DAEMON_ZIP_NONE)
		return value_replace(&d->log_compress, text);
	message_option(shown, "%s: not zstd or gzip", text);
	return -1;
}

int
value_syslog(struct daemon_definition *d, const char *shown, const char *text)
{
	int priority;

	if (daemon_syslog_parse(text, &priority) == 0)
		return value_replace(&d->syslog, text);
	message_option(shown, "%s: not as daemon.info or local0.notice", text);
	return -1;
}

int
value_stamps(struct daemon_definition *d, const char *shown, const char *text)
{
	enum daemon_stamps s;

	if (text == NULL)
		text = "iso";
	if (text[0] != '\0' && daemon_stamps_parse(&s, text) == 0)
		return value_replace(&d->log_timestamps, text);
	message_option(shown, "%s: not iso, unix or tai64n", text);
	return -1;
}
