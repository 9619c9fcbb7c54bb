/* SPDX-License-Identifier: ISC */
/* status: one service, for a person or a program. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libdaemon/clock.h"
#include "ctl_facts.h"
#include "ctl_workers.h"
#include "messages.h"
#include "render.h"
#include "status.h"

int
status_code(const struct target *t)
{
	switch (t->state) {
	case DAEMON_STATE_STARTING:
	case DAEMON_STATE_READY:
	case DAEMON_STATE_RELOADING:
	case DAEMON_STATE_STOPPING:
	case DAEMON_STATE_PAUSED:
	case DAEMON_STATE_UNSUPERVISED: return STATUS_RUNNING;
	case DAEMON_STATE_BACKOFF:
	case DAEMON_STATE_FAILED: return STATUS_DEAD;
	case DAEMON_STATE_STOPPED:
	case DAEMON_STATE_EXITED:
		return t->pidfile_left || t->left != 0 ? STATUS_DEAD
						       : STATUS_STOPPED;
	}
	return STATUS_UNKNOWN;
}

/* It had a supervisor, that saw it. */
static int
is_known_end(const struct target *t)
{
	return t->st.state == DAEMON_STATE_EXITED;
}

static void
head(const struct target *t)
{
	char span[32], safe[512];

	message_escape(safe, sizeof safe, t->shown);
	render_span(span, sizeof span, daemon_clock_wall() - t->st.since);
	(void)printf("%s: %s", safe, daemon_state_word(t->state));
	if (status_code(t) == STATUS_RUNNING && t->st.id.pid != 0)
		(void)printf(", pid %ld, for %s", (long)t->st.id.pid, span);
	else if (t->left != 0)
		(void)printf(", but something of it still runs");
	else if (t->recorded &&
	    (t->state == DAEMON_STATE_STOPPED || is_known_end(t)))
		(void)printf(" %s ago", span);
	else if (t->pidfile_left)
		(void)printf(", but its pidfile is still there");
	(void)printf("%s", "\n");
}

static void
show_command(const struct target *t)
{
	const struct daemon_definition *d = &t->d;
	char command[2048], as[256] = "";
	struct daemon_list words = { 0 };

	if (d->argv.n == 0)
		return;
	(void)target_command(t, &words);
	render_command(command, sizeof command, words.v, words.n);
	daemon_list_clear(&words);
	if (d->user != NULL || d->group != NULL)
		(void)snprintf(as, sizeof as, " as %s%s%s",
		    d->user != NULL ? d->user : "", d->group != NULL ? ":" : "",
		    d->group != NULL ? d->group : "");
	/* The command is escaped already; the rest is not. */
	(void)printf("  %-9s %s\n", "command", command);
	if (d->cwd != NULL || as[0] != '\0')
		status_line("", "in %s%s%s%s", d->cwd != NULL ? d->cwd : "?",
		    as, d->root != NULL ? ", root " : "",
		    d->root != NULL ? d->root : "");
}

static void
show_usage(const struct target *t)
{
	char memory[16];
	struct usage u;

	usage_of_target(&u, t);
	if (u.cpu_ms < 0 || u.memory < 0)
		return;
	render_bytes(memory, sizeof memory, (unsigned long long)u.memory);
	status_line("uses", "%s of memory, %lld.%02lld s of CPU", memory,
	    u.cpu_ms / 1000, u.cpu_ms % 1000 / 10);
}

static void
show_end(const struct target *t)
{
	char when[32], started[32];

	render_time(when, sizeof when, t->st.since);
	render_time(started, sizeof started, t->st.started);
	if (t->state == DAEMON_STATE_FAILED)
		status_line("failed", "%s %s: %s%s%s (status %lld)", when,
		    t->st.step != NULL ? t->st.step : "?",
		    t->st.object != NULL ? t->st.object : "",
		    t->st.object != NULL && t->st.object[0] != '\0' ? ": " : "",
		    t->st.reason != NULL ? t->st.reason : "?", t->st.code);
	else if (t->st.ended != NULL)
		status_line("last", "%s %s", when, t->st.ended);
	else if (t->state == DAEMON_STATE_EXITED && t->recorded &&
	    !is_known_end(t) && t->st.state != DAEMON_STATE_BACKOFF)
		/* Its number may be somebody else's by now: not shown. */
		status_line("last",
		    "started %s, ended since, not by stop; when and how "
		    "was not recorded",
		    started);
}

static void
show_left(const struct target *t)
{
	if (t->left != 0)
		status_line("left",
		    "pid %ld and perhaps others: %s "
		    "(daemonctl stop %s%s)",
		    (long)t->left,
		    t->d.restart != NULL ? "of its last instance"
					 : "a stop was cut short",
		    t->name[0] == '%' ? "-p " : "", t->shown);
}

static void
show_files(const struct daemon_definition *d)
{
	size_t i;

	if (d->pidfile != NULL)
		status_line("pidfile", "%s", d->pidfile);
	for (i = 0; i < d->listen.n; i++)
		status_line(i == 0 ? "listens" : "", "%s", d->listen.v[i]);
	if (d->out != NULL && d->err != NULL && strcmp(d->out, d->err) == 0) {
		status_line("output", "%s", d->out);
		return;
	}
	if (d->out != NULL)
		status_line("stdout", "%s", d->out);
	if (d->err != NULL)
		status_line("stderr", "%s", d->err);
}

/* "by root", or "by uid 4711" where it has no name. */
static void
show_start(const struct target *t)
{
	const char *starter = t->d.starter;
	const struct passwd *pw = NULL;
	char when[32];

	if (t->st.started == 0)
		return;
	render_time(when, sizeof when, t->st.started);
	if (starter == NULL) {
		status_line("started", "%s", when);
		return;
	}
	if (starter[0] != '\0' &&
	    strspn(starter, "0123456789") == strlen(starter))
		pw = getpwuid((uid_t)strtoul(starter, NULL, 10));
	status_line("started", "%s by %s%s", when, pw != NULL ? "" : "uid ",
	    pw != NULL ? pw->pw_name : starter);
}

static void
human(const struct target *t)
{
	head(t);
	show_command(t);
	if (status_code(t) == STATUS_RUNNING) {
		show_start(t);
		show_usage(t);
	} else {
		show_end(t);
		show_left(t);
	}
	status_workers(t);
	status_supervised(t);
	show_files(&t->d);
	status_last_lines(t);
	if (status_code(t) == STATUS_RUNNING)
		status_line("stop",
		    "%s to the process, then to what is left of its %s",
		    t->d.stop != NULL ? t->d.stop : DAEMON_SCHEDULE_DEFAULT,
		    t->d.cgroup != NULL ? "cgroup" : "tree");
}

void
status_json(const struct target *t, FILE *f)
{
	const struct daemon_definition *d = &t->d;
	struct daemon_list words = { 0 };
	struct usage u;
	struct json j;

	usage_of_target(&u, t);
	json_open(&j, f);
	json_text(&j, "name", t->recorded ? t->name : NULL);
	json_text(&j, "state", daemon_state_word(t->state));
	json_number(&j, "status", status_code(t));
	json_number(
	    &j, "pid", status_code(t) == STATUS_RUNNING ? t->st.id.pid : 0);
	json_number(&j, "since_ms",
	    t->state == DAEMON_STATE_EXITED && !is_known_end(t) ? 0
								: t->st.since);
	json_number(&j, "started_ms", t->st.started);
	(void)target_command(t, &words);
	json_texts(&j, "command", words.v, words.n);
	daemon_list_clear(&words);
	json_text(&j, "cwd", d->cwd);
	json_text(&j, "root", d->root);
	json_text(&j, "user", d->user);
	json_text(&j, "group", d->group);
	json_text(&j, "pidfile", d->pidfile);
	json_text(&j, "stdout", d->out);
	json_text(&j, "stderr", d->err);
	json_text(&j, "stop", d->stop);
	json_number(&j, "cpu_ms", u.cpu_ms);
	json_number(&j, "memory_bytes", u.memory);
	json_text(&j, "failed_step",
	    t->state == DAEMON_STATE_FAILED ? t->st.step : NULL);
	json_text(&j, "failed_object",
	    t->state == DAEMON_STATE_FAILED ? t->st.object : NULL);
	json_text(&j, "failed_reason",
	    t->state == DAEMON_STATE_FAILED ? t->st.reason : NULL);
	json_number(&j, "failed_status",
	    t->state == DAEMON_STATE_FAILED ? t->st.code : 0);
	json_number(&j, "left_pid", t->left);
	status_supervised_json(t, &j);
	status_workers_json(t, &j);
	json_close(&j);
}

int
verb_status(const struct ctl *c, struct target *t)
{
	if (!c->quiet && c->json)
		status_json(t, stdout);
	else if (!c->quiet)
		human(t);
	return status_code(t);
}
