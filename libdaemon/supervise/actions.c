/* SPDX-License-Identifier: ISC */
/* What the machine asks for, done.  Nothing here waits. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/census.h"
#include "../identity/cgroup.h"
#include "hooks.h"
#include "keeping.h"
#include "lineend.h"
#include "pool.h"
#include "sockets.h"
#include "supervisor.h"

enum { ABORT_MS = 5000 };

static void
not_spawned(struct daemon_supervisor *s, const struct daemon_fault *f)
{
	s->spawned_pid = 0;
	daemon_last_word_set(&s->instance.word, f);
	daemon_supervisor_expect(s, DAEMON_EVENT_UNEXECUTED);
}

/* A fork that failed is an attempt that did. */
static void
spawn_now(struct daemon_supervisor *s)
{
	struct daemon_definition d = *s->d; /* borrows all it has */
	struct daemon_fault f;
	struct daemon_making m = { .d = &d,
		.service = &s->service,
		.carry = s->service.dir != -1 ? &s->st : NULL,
		.self = &s->self,
		.here = &s->here,
		.notified = &s->notified,
		.store = &s->store,
		.watchdog_ms = s->watchdog_ms,
		.first = !s->executed,
		.output = s->output,
		.spool = daemon_keeping_place(s),
		.oom = s->oom,
		.mastery = s->head->mastery,
		.caller = s };
	int r;

	s->detached = 0;
	s->policy.watchdog_ms = s->watchdog_ms;
	s->notified.lost = 0;
	daemon_memory_arm(&s->memory);
	daemon_sockets_listen(&s->store, s->d);
	if (!s->executed)
		daemon_lines_end(s); /* of a former life */
	s->adopted = 0;
	s->asked.n = 0;
	s->stopped[0] = s->says[0] = s->unready[0] = '\0';
	s->said_error = 0;
	/* Only the very first start empties the output files. */
	d.truncate = d.truncate && !s->executed;
	r = daemon_supervisor_open_ready(s, &m);
	if (r == 0)
		r = daemon_supervisor_open_channel(s);
	if (r == 0)
		r = daemon_instance_spawn(&s->instance, &m);
	daemon_supervisor_close_ready(&m);
	daemon_supervisor_close_end(s);
	s->spawned_pid = s->channel_pid = r == 0 ? s->instance.pid : 0;
	if (r == 0)
		return;
	(void)daemon_fault_set(&f, "fork", s->d->command, NULL);
	not_spawned(s, &f);
}

static void
spawn(struct daemon_supervisor *s)
{
	struct daemon_fault f;

	if (s->head != s &&
	    daemon_worker_prepare(daemon_worker_of(s), &f) == -1)
		not_spawned(s, &f);
	else
		spawn_now(s);
}

/* As who wants it to end has said, or as ever.  A worker whose time is up has
 * all the time to finish. */
static struct daemon_schedule *
schedule_of(struct daemon_supervisor *s)
{
	if (s->asked.n > 0)
		return &s->asked;
	return s->head != s && s->machine.why == DAEMON_WHY_RUNTIME
	    ? &s->pool->drain
	    : &s->schedule;
}

/* Who is hung is told so first: it may leave a core. */
static void
with_abort(struct daemon_schedule *s)
{
	if (s->n + 2 > DAEMON_SCHEDULE_MAX)
		return;
	(void)memmove(s->item + 2, s->item, s->n * sizeof *s->item);
	s->item[0] = (struct daemon_schedule_item){ .signal = SIGABRT };
	s->item[1] = (struct daemon_schedule_item){ .wait_ms = ABORT_MS };
	s->n += 2;
	s->repeat += 2;
}

/* By what the tree is known of which we are the subreaper.  Returned is who is
 * none of it, to be freed with the notes. */
static struct daemon_identity *
take_notes(const struct daemon_supervisor *s, struct daemon_stop_notes *n,
    char mark[DAEMON_MARK_MAX])
{
	struct daemon_identity *spare;

	*n = (struct daemon_stop_notes){
		/* One worker's orphans are not another's. */
		.reaper = s->head == s ? getpid() : 0,
		.mark = s->adopted || s->head != s
		    ? daemon_definition_mark(mark, s->d)
		    : NULL,
		.dir = s->head->service.dir,
		.name = s->service.dir != -1 ? s->d->name : NULL,
	};
	n->spare = spare = daemon_helpers_identify(s, &n->nspare);
	return spare;
}

/* In a child of ours, which may wait.  Its other siblings are orphans of the
 * tree, but only of ours: getppid() is 1 once we were killed, and whatever 1
 * has would be ended.  Who asks us for things would not find us here. */
static _Noreturn void
stop_tree(struct daemon_supervisor *s, const struct daemon_identity *id,
    struct daemon_stop_notes *notes, int out)
{
	struct daemon_schedule schedule = *schedule_of(s);
	struct daemon_stopping r;
	char text[sizeof s->stopped];
	struct daemon_fault f;
	int done;

	/* The others need no lock of ours to be adopted. */
	if (s->head != s && s->service.lock != -1)
		(void)close(s->service.lock);
	notes->cgroup = s->d->cgroup;
	daemon_control_leave(&s->head->control);
	if (s->machine.why == DAEMON_WHY_WATCHDOG)
		with_abort(&schedule);
	done = daemon_stop(&r, id, &schedule, notes, &f);
	if (done == -1)
		(void)snprintf(
		    text, sizeof text, "%s", daemon_fault_reason(&f));
	else
		daemon_stopping_text(text, sizeof text, &r);
	(void)!write(out, text, strlen(text));
	_exit(done == -1);
}

/* What a hook has started is spared; what it was about to start is not. */
static void
spare_guests(struct daemon_supervisor *s)
{
	daemon_helper_end(s, DAEMON_HELPER_ON_READY);
	daemon_guests_welcome(s);
}

static void
end_rest(struct daemon_supervisor *s)
{
	struct daemon_identity id = { 0 };
	struct daemon_identity *spare, *left;
	struct daemon_stop_notes notes;
	char mark[DAEMON_MARK_MAX];
	pid_t pid;
	int out;

	/* Dead by now: the sweep finds what it left. */
	if (s->instance.pidfd != -1)
		id = s->st.id;
	else if (s->instance.pid > 0 &&
	    daemon_identity_of(&id, s->instance.pid) == -1)
		id = (struct daemon_identity){ 0 };
	spare = take_notes(s, &notes, mark);
	notes.left = left = daemon_supervisor_orphans(s, &notes.nleft);
	pid = daemon_helper_fork_to_hear(s, DAEMON_HELPER_STOPPER, &out);
	if (pid == 0)
		stop_tree(s, &id, &notes, out);
	free(spare);
	free(left);
	if (pid == -1)
		daemon_supervisor_expect(s, DAEMON_EVENT_STUCK);
}

/* Of many workers most end when they are told to: that takes no process of its
 * own.  A schedule that begins anew at its end is not for us. */
static int
is_gentle(struct daemon_supervisor *s)
{
	const struct daemon_schedule *by = schedule_of(s);

	return s->head != s && s->machine.why != DAEMON_WHY_WATCHDOG &&
	    s->instance.pid != 0 && s->instance.pipe == -1 && by->n >= 2 &&
	    by->repeat >= by->n && by->item[0].signal != 0 &&
	    by->item[1].signal == 0;
}

static void
end_gently(struct daemon_supervisor *s)
{
	const struct daemon_schedule_item *item = schedule_of(s)->item;

	daemon_helper_end(s, DAEMON_HELPER_STOPPER);
	daemon_instance_signal(&s->instance, item[0].signal);
	daemon_instance_signal(&s->instance, SIGCONT);
	s->gently = 1;
	s->gently_ms = item[1].wait_ms == -1
	    ? -1
	    : daemon_clock_steady() + item[1].wait_ms;
}

/* What it leaves has come to us, or is in its group; but not where it was
 * another supervisor's when it left it. */
static int
sees_all(const struct daemon_supervisor *s)
{
	return !s->adopted ||
	    (s->d->cgroup != NULL && daemon_cgroup_is_there(s->d->cgroup));
}

void
daemon_gently_died(struct daemon_supervisor *s, int alone)
{
	if (!s->gently)
		return;
	s->gently = 0;
	if (alone && sees_all(s)) {
		daemon_supervisor_expect(s, DAEMON_EVENT_GONE);
		return;
	}
	spare_guests(s);
	end_rest(s);
}

void
daemon_gently_late(struct daemon_supervisor *s)
{
	struct daemon_schedule rest;

	if (!s->gently || s->gently_ms == -1 ||
	    daemon_clock_until(s->gently_ms) > 0)
		return;
	s->gently = 0;
	rest = *schedule_of(s);
	rest.n -= 2;
	rest.repeat = rest.n;
	(void)memmove(rest.item, rest.item + 2, rest.n * sizeof *rest.item);
	if (rest.n == 0) {
		daemon_supervisor_expect(s, DAEMON_EVENT_STUCK);
		return;
	}
	s->asked = rest;
	spare_guests(s);
	end_rest(s);
}

static void
end(struct daemon_supervisor *s)
{
	s->gently = 0;
	if (is_gentle(s)) {
		daemon_helper_end(s, DAEMON_HELPER_ON_READY);
		end_gently(s);
		return;
	}
	spare_guests(s);
	end_rest(s);
}

/* Whoever lives of the tree of a dead one has come to us. */
static void
sweep(struct daemon_supervisor *s)
{
	const int worker = s->head != s;

	if (!worker)
		spare_guests(s);
	if (daemon_supervisor_deserted(s) && !s->adopted) {
		daemon_supervisor_expect(s, DAEMON_EVENT_GONE);
		return;
	}
	if (worker)
		spare_guests(s);
	end_rest(s);
}

/* Those who had no record yet when the others were stopped: from then on they
 * cannot have got one. */
static void
let_go_on(const struct daemon_census *were, const struct daemon_stop_notes *n)
{
	const struct daemon_stop_notes none = { .reaper = 0 };
	struct daemon_census are;
	size_t i;

	daemon_census_take(&are, n->dir, n->name);
	for (i = 0; i < are.n; i++)
		if (!daemon_census_has(were, are.known[i].pid))
			(void)daemon_signal_tree(&are.known[i], SIGCONT, &none);
}

static _Noreturn void
signal_apart(struct daemon_supervisor *s, int sig, struct daemon_stop_notes *n)
{
	struct daemon_census were = { .known = NULL };
	int r;

	n->dir = fcntl(n->dir, F_DUPFD_CLOEXEC, 3);
	daemon_helper_detach(s, sig == SIGSTOP);
	if (n->name != NULL)
		daemon_census_take(&were, n->dir, n->name);
	r = daemon_signal_tree(&s->st.id, sig, n);
	if (n->name != NULL && sig == SIGSTOP)
		let_go_on(&were, n);
	_exit(r == -1);
}

/* In a child of ours, like a stop; ourselves, where there can be none.  Who
 * lets it go on may outlive us. */
static void
signal_tree(struct daemon_supervisor *s, int sig)
{
	struct daemon_stop_notes notes;
	struct daemon_identity *spare;
	char mark[DAEMON_MARK_MAX];
	pid_t pid;
	int grouped = s->d->cgroup != NULL &&
	    daemon_cgroup_has(s->d->cgroup, s->instance.pid);

	/* Whoever is dead by now is in no group, which may be frozen yet. */
	if (s->d->cgroup != NULL && (grouped || sig == SIGCONT) &&
	    daemon_cgroup_freeze(s->d->cgroup, sig == SIGSTOP) == 0 && grouped)
		return;
	spare = take_notes(s, &notes, mark);
	pid = daemon_helper_fork(s, DAEMON_HELPER_FREEZER);
	if (pid == 0)
		signal_apart(s, sig, &notes);
	if (pid == -1)
		(void)daemon_signal_tree(&s->st.id, sig, &notes);
	free(spare);
}

static void
prepare(struct daemon_supervisor *s)
{
	struct daemon_fault f;

	if (daemon_hook_run(s, DAEMON_HELPER_BEFORE) != -1)
		return;
	(void)daemon_fault_set(&f, "before", s->d->before, NULL);
	daemon_last_word_set(&s->instance.word, &f);
	daemon_supervisor_expect(s, DAEMON_EVENT_UNPREPARED);
}

void
daemon_supervisor_act(struct daemon_supervisor *s, unsigned actions)
{
	unsigned bit;

	for (bit = 1; bit <= DAEMON_DO_FINISH; bit <<= 1) {
		if ((actions & bit) == 0)
			continue;
		switch ((enum daemon_do)bit) {
		case DAEMON_DO_END: end(s); break;
		case DAEMON_DO_SWEEP: sweep(s); break;
		case DAEMON_DO_SPAWN: spawn(s); break;
		case DAEMON_DO_RELOAD:
			daemon_instance_signal(&s->instance, SIGHUP);
			break;
		/* daemon_supervise() tells */
		case DAEMON_DO_TELL_READY:
		case DAEMON_DO_TELL_TRYING:
		case DAEMON_DO_TELL_FAILED:
		case DAEMON_DO_FINISH: break;
		case DAEMON_DO_HOOK_READY:
			(void)daemon_hook_run(s, DAEMON_HELPER_ON_READY);
			break;
		case DAEMON_DO_HOOK_EXIT:
			daemon_lines_end(s);
			(void)daemon_hook_run(s, DAEMON_HELPER_ON_EXIT);
			break;
		case DAEMON_DO_HOOK_FAILED:
			(void)daemon_hook_run(s, DAEMON_HELPER_ON_FAILED);
			break;
		case DAEMON_DO_BEFORE: prepare(s); break;
		case DAEMON_DO_CANCEL:
			daemon_helper_end(s, DAEMON_HELPER_BEFORE);
			sweep(s);
			break;
		case DAEMON_DO_THAW: signal_tree(s, SIGCONT); break;
		case DAEMON_DO_FREEZE: signal_tree(s, SIGSTOP); break;
		}
	}
}
