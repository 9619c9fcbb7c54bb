/* SPDX-License-Identifier: ISC */
/*
 * A supervisor is started as any daemon is, by the same plan: with the
 * service's directory, its lock, and a pipe for one verdict in its hands.
 */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/retire.h"
#include "../programs.h"
#include "../start/children.h"
#include "../start/diagnose.h"
#include "../start/undo.h"
#include "../start/watch.h"
#include "../stop/stop.h"
#include "lastwords.h"
#include "launch.h"
#include "serve.h"
#include "verdict.h"

static char program[] = DAEMON_PROGRAM_SUPERVISOR;

/* So long may an adoption take. */
enum { ADOPTION_MS = 10000 };

/* The supervisor's own plan, and what it is walked with. */
struct own {
	struct daemon_definition d;
	struct daemon_held h;
	struct daemon_plan plan;
	int keep[3 + DAEMON_STORE_MAX];
};

static void
not_found(struct daemon_outcome *o)
{
	o->verdict = DAEMON_VERDICT_NOT_FOUND;
	(void)daemon_fault_set(&o->fault, "supervise", program,
	    "is not installed beside us, in ../libexec/daemonize or in "
	    "%s/daemonize",
	    LIBEXECDIR);
}

void
daemon_launch_rehearse(struct daemon_outcome *o)
{
	char *path = daemon_program_find(program);

	if (path == NULL && errno == ENOENT) {
		not_found(o);
	} else if (path == NULL) {
		o->verdict = DAEMON_VERDICT_FAILED;
		(void)daemon_fault_set(&o->fault, "supervise", NULL, NULL);
	}
	free(path);
}

/* "daemonize: web", or what was asked for, then the descriptors, which it takes
 * out of sight. */
static int
words(struct daemon_list *argv, const struct daemon_definition *d,
    const int *keep, enum daemon_serving how,
    const struct daemon_store *sockets)
{
	char text[DAEMON_STORE_TEXT];
	size_t i;
	int r = d->title != NULL
	    ? daemon_list_add(argv, d->title)
	    : daemon_list_addf(argv, "daemonize: %s", d->name);

	for (i = 0; r == 0 && i < 3; i++)
		r = daemon_list_addf(argv, "%d", keep[i]);
	if (r == -1 || how == DAEMON_SERVE_ADOPT)
		return r == -1 ? -1 : daemon_list_add(argv, "adopt");
	if (sockets->n == 0)
		return 0;
	daemon_store_text(text, sizeof text, sockets);
	return daemon_list_add(argv, "start") == -1
	    ? -1
	    : daemon_list_add(argv, text);
}

static int
prepare(struct own *own, const struct daemon_held *h, int launcher,
    enum daemon_serving how, const struct daemon_store *sockets)
{
	static char root[] = "/";
	size_t i;

	own->d = (struct daemon_definition){
		.command = program, .cwd = root, .umask = 022, .ready_ms = -1
	};
	own->h = DAEMON_HELD_NONE(&own->d);
	own->h.null_fd = h->null_fd;
	own->h.ignored = h->ignored;
	own->h.proc_ours = h->proc_ours;
	own->h.undoing = h->undoing;
	own->keep[0] = h->service.dir;
	own->keep[1] = h->service.lock;
	own->keep[2] = launcher;
	for (i = 0; i < sockets->n; i++)
		own->keep[3 + i] = sockets->item[i].fd;
	own->h.keep = own->keep;
	own->h.nkeep = 3 + sockets->n;
	return daemon_program_paths(&own->h.paths, program) == -1 ||
		words(&own->d.argv, h->d, own->keep, how, sockets) == -1 ||
		daemon_list_add(&own->h.script, "/bin/sh") == -1 ||
		daemon_list_add(&own->h.script, program) == -1 ||
		daemon_plan_make(&own->plan, &own->d, DAEMON_PLAN_DETACH) == -1
	    ? -1
	    : 0;
}

static void
clear(struct own *own)
{
	daemon_list_clear(&own->d.argv);
	daemon_list_clear(&own->h.paths);
	daemon_list_clear(&own->h.script);
}

static void
reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* The supervisor runs, and says nothing yet. */
static int
execute(struct daemon_outcome *o, struct own *own)
{
	struct daemon_report r = { 0 };
	struct daemon_detached c;

	if (daemon_detach(&c, &own->plan, &own->h) == -1)
		return daemon_fault_set(&o->fault, "fork", NULL, NULL);
	daemon_watch(o, &r, &c, &own->h);
	if (o->verdict == DAEMON_VERDICT_FAILED) {
		daemon_explain(o, &r, &own->plan, &own->h);
		if (o->verdict == DAEMON_VERDICT_NOT_FOUND)
			not_found(o);
	}
	reap(c.middle);
	return o->verdict == DAEMON_VERDICT_RUNNING ? 0 : -1;
}

/* Wait for its word; who wants us to undo the start, asks it to.  0; -1: it
 * died without one. */
static int
hear_start(struct daemon_outcome *o, int pipe, pid_t supervisor,
    const sigset_t *undoing, struct daemon_verdict_message *m)
{
	sigset_t none;
	int sig = daemon_watch_pipe(pipe, undoing, -1);

	if (sig != 0) {
		o->signal = sig;
		(void)kill(supervisor, SIGTERM);
		(void)sigemptyset(&none);
		(void)daemon_watch_pipe(pipe, &none, -1);
	}
	return daemon_verdict_receive(pipe, m);
}

/* An adoption is short, and not undone: who is not done with it soon never
 * will be, and makes room for the next one. */
static int
hear_adoption(int pipe, pid_t supervisor, struct daemon_verdict_message *m)
{
	sigset_t none;

	(void)sigemptyset(&none);
	if (daemon_watch_pipe(pipe, &none, ADOPTION_MS) == 0)
		return daemon_verdict_receive(pipe, m);
	(void)kill(supervisor, SIGKILL);
	return -1;
}

/* It was killed: what it started is ours, as its next of kin. */
static void
clean_up(struct daemon_outcome *o, struct daemon_held *h)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_schedule kill_it;
	struct daemon_stopping r;

	o->verdict = DAEMON_VERDICT_FAILED;
	errno = 0;
	(void)daemon_fault_set(&o->fault, "supervise", h->d->name,
	    "the supervisor was killed before the command was ready");
	if (daemon_record_read(h->service.dir, DAEMON_RECORD_PUBLIC, &d, &st) ==
		0 &&
	    daemon_schedule_parse(&kill_it, "KILL/5", NULL) == 0 &&
	    st.id.pid != 0) {
		(void)daemon_stop(&r, &st.id, &kill_it, NULL, NULL);
		daemon_stopping_clear(&r);
		o->pid = st.id.pid;
	}
	(void)daemon_retire_supervisor(&d, &st, NULL);
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	if (h->childless)
		daemon_children_end(0, h, h->service.dir, h->d->name);
	daemon_undo(o, h, 0);
}

static void
take_word(struct daemon_outcome *o, const struct daemon_verdict_message *m)
{
	o->verdict = m->verdict;
	o->pid = m->pid;
	o->status = m->status;
	(void)strcpy(o->step, m->word.step);
	o->fault =
	    (struct daemon_fault){ .step = o->step, .error = m->word.error };
	(void)strcpy(o->fault.object, m->word.object);
	(void)strcpy(o->fault.reason, m->word.reason);
}

static void
undone(struct daemon_outcome *o, const struct daemon_held *h)
{
	o->verdict = DAEMON_VERDICT_INTERRUPTED;
	errno = 0;
	(void)daemon_fault_set(
	    &o->fault, "start", h->d->command, "undone by a signal");
}

/* The service was there before it, and is left to the next one. */
static void
not_adopted(struct daemon_outcome *o, const struct daemon_held *h)
{
	o->verdict = DAEMON_VERDICT_FAILED;
	o->pid = 0;
	errno = 0;
	(void)daemon_fault_set(&o->fault, "supervise", h->d->name,
	    "the supervisor ended, or had to, before it had adopted it");
}

static void
conclude(struct daemon_outcome *o, struct daemon_held *h, int pipe,
    enum daemon_serving how)
{
	struct daemon_verdict_message m;
	pid_t supervisor = o->pid;
	int r = how == DAEMON_SERVE_START
	    ? hear_start(o, pipe, supervisor, &h->undoing, &m)
	    : hear_adoption(pipe, supervisor, &m);

	if (r == -1) {
		reap(supervisor);
		if (how == DAEMON_SERVE_START)
			clean_up(o, h);
		else
			not_adopted(o, h);
		return;
	}
	take_word(o, &m);
	if (o->verdict == DAEMON_VERDICT_RUNNING && o->signal == 0) {
		if (m.word.verdict == DAEMON_VERDICT_DIED)
			daemon_outputs_last(o, h, o->fault.reason);
		return;
	}
	reap(supervisor);
	if (o->signal != 0) {
		undone(o, h);
	} else if (o->verdict == DAEMON_VERDICT_INTERRUPTED) {
		errno = 0;
		(void)daemon_fault_set(&o->fault, "start", h->d->command,
		    "stopped by somebody before it was ready");
	} else if (o->verdict == DAEMON_VERDICT_DIED) {
		daemon_outputs_last(o, h, o->fault.reason);
	}
}

void
daemon_launch_process(struct daemon_outcome *o, struct daemon_held *h,
    enum daemon_serving how, const struct daemon_store *sockets)
{
	struct own own;
	int ends[2], r;

	o->verdict = DAEMON_VERDICT_FAILED;
	if (pipe2(ends, O_CLOEXEC) == -1) {
		(void)daemon_fault_set(&o->fault, "supervise", NULL, NULL);
		return;
	}
	r = prepare(&own, h, ends[1], how, sockets);
	if (r == -1)
		(void)daemon_fault_set(&o->fault, "supervise", NULL, NULL);
	else
		r = execute(o, &own);
	clear(&own);
	(void)close(ends[1]);
	if (r == 0)
		conclude(o, h, ends[0], how);
	else if (how == DAEMON_SERVE_START)
		daemon_undo(o, h, 0);
	(void)close(ends[0]);
}
