/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "../identity/workers.h"
#include "../start/start.h"
#include "../step.h"
#include "hooks.h"
#include "pool.h"
#include "supervisor.h"

static const struct {
	const char *step;
	size_t command; /* of a definition */
} hooks[DAEMON_HELPERS] = {
	[DAEMON_HELPER_BEFORE] = { "before",
	    offsetof(struct daemon_definition, before) },
	[DAEMON_HELPER_CHECK] = { "check",
	    offsetof(struct daemon_definition, check) },
	[DAEMON_HELPER_RELOADER] = { "reload",
	    offsetof(struct daemon_definition, reload) },
	[DAEMON_HELPER_ON_READY] = { "on-ready",
	    offsetof(struct daemon_definition, on_ready) },
	[DAEMON_HELPER_ON_EXIT] = { "on-exit",
	    offsetof(struct daemon_definition, on_exit) },
	[DAEMON_HELPER_ON_FAILED] = { "on-failed",
	    offsetof(struct daemon_definition, on_failed) },
};

static const char *
command_of(const struct daemon_definition *d, enum daemon_helper role)
{
	const char *base = (const char *)d;
	const char *command =
	    *(char *const *)(const void *)(base + hooks[role].command);

	return role == DAEMON_HELPER_RELOADER ? daemon_reload_command(command)
					      : command;
}

/* Somebody waits for what comes of it. */
static int
is_awaited(enum daemon_helper role)
{
	return role == DAEMON_HELPER_BEFORE || role == DAEMON_HELPER_CHECK ||
	    role == DAEMON_HELPER_RELOADER;
}

/* The main process; of several workers their supervisor, and who they are. */
static int
tell_pids(struct daemon_list *env, const struct daemon_supervisor *s)
{
	const int several = s->pool != NULL && s->head == s;
	const pid_t pid = several ? getppid() : s->instance.pid;
	char pids[DAEMON_WORKERS_MAX * 12] = "";
	const struct daemon_worker *w;
	size_t i, n = 0;

	if (daemon_list_addf(env, "DAEMONIZE_PID=%ld", (long)pid) == -1)
		return -1;
	if (!several)
		return 0;
	for (i = 0; i < s->pool->n && n < sizeof pids; i++) {
		w = s->pool->worker[i];
		if (w->role == DAEMON_WORKER_OF_CREW && w->s.instance.pid != 0)
			n += (size_t)snprintf(pids + n, sizeof pids - n,
			    "%s%ld", n > 0 ? " " : "", (long)w->s.instance.pid);
	}
	return daemon_list_addf(env, "DAEMONIZE_WORKERS=%s", pids);
}

static int
tell(struct daemon_list *env, const struct daemon_supervisor *s)
{
	const struct daemon_definition *d = s->d;
	const char *end = daemon_status_last_end(&s->st);

	return daemon_list_addf(env, "DAEMONIZE_NAME=%s",
		   d->name != NULL ? d->name : "") == -1 ||
		tell_pids(env, s) == -1 ||
		daemon_list_addf(env, "DAEMONIZE_STATE=%s",
		    daemon_state_word(s->st.state)) == -1 ||
		daemon_list_addf(
		    env, "DAEMONIZE_EXIT=%s", end != NULL ? end : "") == -1 ||
		daemon_list_addf(
		    env, "DAEMONIZE_RESTARTS=%lld", s->st.restarts) == -1
	    ? -1
	    : 0;
}

/* Why a reload is not done is to be read. */
static int
logs(enum daemon_helper role)
{
	return role == DAEMON_HELPER_CHECK || role == DAEMON_HELPER_RELOADER;
}

/* Where what the command says goes: into the log, if there is one. */
static void
plug(const struct daemon_supervisor *s, enum daemon_helper role)
{
	const int *out = s->head->output;

	if (logs(role) && s->d->foreground && out[0] == -1)
		return;
	(void)daemon_stdio_null();
	if (logs(role))
		(void)daemon_stdio_redirect(
		    -1, out[0], out[1] != -1 ? out[1] : out[0]);
}

/* Where each worker has a file of its own, there is none for all. */
static char *
of_all(const struct daemon_supervisor *s, char *path)
{
	return s->pool != NULL && daemon_worker_has_own(path) ? NULL : path;
}

static _Noreturn void
run(struct daemon_supervisor *s, enum daemon_helper role, int out)
{
	struct daemon_definition d = *s->d; /* our copy of the memory */
	const struct daemon_errand e = { .step = hooks[role].step,
		.command = command_of(&d, role),
		.leaves = !is_awaited(role),
		.beside = fcntl(s->head->service.dir, F_DUPFD_CLOEXEC, 3),
		.name = d.name,
		.logs = logs(role) };
	struct daemon_last_word w;
	struct daemon_fault f;
	int r;

	daemon_helper_detach(s, is_awaited(role));
	plug(s, role);
	d.out = of_all(s, d.out);
	d.err = of_all(s, d.err);
	r = tell(&d.set, s);
	if (r == -1)
		(void)daemon_fault_set(&f, e.step, NULL, NULL);
	else
		r = daemon_errand(&d, &e, &f);
	if (r == -1 && out != -1) {
		daemon_last_word_set(&w, &f);
		(void)!write(out, &w, sizeof w);
	}
	_exit(r == -1);
}

pid_t
daemon_hook_run(struct daemon_supervisor *s, enum daemon_helper role)
{
	int out = -1;
	pid_t pid;

	if (command_of(s->d, role) == NULL)
		return 0;
	pid = is_awaited(role) ? daemon_helper_fork_to_hear(s, role, &out)
			       : daemon_helper_fork(s, role);
	if (pid == 0)
		run(s, role, out);
	return pid;
}

void
daemon_hook_hear(struct daemon_supervisor *s, enum daemon_helper role,
    struct daemon_last_word *w)
{
	struct daemon_fault f;

	if (daemon_helper_hear(s, role, w, sizeof *w) == sizeof *w)
		return;
	(void)daemon_fault_set(
	    &f, hooks[role].step, command_of(s->d, role), "was killed");
	daemon_last_word_set(w, &f);
}
