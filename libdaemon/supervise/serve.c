/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../start/limits.h"
#include "../identity/cgroup.h"
#include "../identity/retire.h"
#include "../identity/workers.h"
#include "keeping.h"
#include "policy.h"
#include "pool.h"
#include "publish.h"
#include "rebuild.h"
#include "resume.h"
#include "serve.h"
#include "sockets.h"
#include "verdict.h"

/* The definition is private; what is known of its last life is not. */
static int
read_snapshot(struct daemon_supervisor *s, struct daemon_definition *d,
    const struct daemon_serve *how, struct daemon_fault *f)
{
	struct daemon_definition again = { 0 };
	int r;

	if (daemon_record_read(how->dir, DAEMON_RECORD_STATE, d, NULL) == -1)
		return daemon_fault_set(f, "record", DAEMON_RECORD_STATE, NULL);
	if (d->name == NULL || d->command == NULL || d->argv.n == 0 ||
	    daemon_policy_of(s, d) == -1) {
		errno = EPROTO;
		return daemon_fault_set(f, "record", d->name, NULL);
	}
	d->again = 1;
	if (how->how == DAEMON_SERVE_START)
		return 0;
	d->truncate = 0;
	r = daemon_record_read(how->dir, DAEMON_RECORD_PUBLIC, &again, &s->st);
	daemon_definition_clear(&again);
	return r == -1
	    ? daemon_fault_set(f, "record", DAEMON_RECORD_PUBLIC, NULL)
	    : 0;
}

static void
tell_failure(int launcher, const struct daemon_fault *f)
{
	struct daemon_verdict_message m = { .verdict = DAEMON_VERDICT_FAILED };

	daemon_last_word_set(&m.word, f);
	daemon_verdict_send(launcher, &m);
}

/* Of a start nothing is left but why. */
static void
record_failure(struct daemon_supervisor *s, const struct daemon_fault *f)
{
	struct daemon_last_word w;

	daemon_last_word_set(&w, f);
	(void)daemon_identity_here(&s->st.id);
	s->st.state = DAEMON_STATE_FAILED;
	s->st.started = s->st.since = daemon_clock_wall();
	s->st.step = w.step;
	s->st.object = w.object;
	s->st.reason = w.reason;
	s->st.code = w.verdict;
	s->st.wanted = s->d->workers;
	s->st.supervisor.pid = 0;
	s->stale = DAEMON_STALE;
	daemon_supervisor_publish(s, NULL);
	s->st.step = s->st.object = s->st.reason = NULL;
}

/* From the launcher, from what we were, or from the keeper. */
static int
take_sockets(struct daemon_supervisor *s, const struct daemon_serve *how,
    struct daemon_fault *f)
{
	if (how->stored != NULL)
		daemon_store_parse(&s->store, how->stored, s->d->listen.n);
	return how->how == DAEMON_SERVE_ADOPT && s->d->listen.n > 0
	    ? daemon_sockets_fetch(&s->store, s->d, s->service.dir,
		  s->pool != NULL ? daemon_workers_live(s->service.dir, NULL)
				  : s->instance.pid,
		  f)
	    : 0;
}

/* What is of its one command; workers have their own. */
static int
open_command(struct daemon_supervisor *s, int notify, struct daemon_fault *f)
{
	if (notify != -1 &&
	    daemon_notified_reopen(
		&s->notified, notify, s->service.dir, s->d) == -1)
		return daemon_fault_set(f, "notify", s->d->name, NULL);
	return daemon_supervisor_attend(s, f);
}

/* Of workers the supervisor is who is meant. */
static int
open_pool(struct daemon_supervisor *s, enum daemon_serving how,
    struct daemon_fault *f)
{
	if (how == DAEMON_SERVE_START && s->service.dir != -1)
		daemon_workers_clear(s->service.dir);
	if ((s->service.dir != -1 &&
		daemon_enrol(&s->service, s->d, getpid()) == -1) ||
	    (how != DAEMON_SERVE_START && daemon_pool_resume(s->pool) == -1))
		return daemon_fault_set(f, "workers", s->d->name, NULL);
	return 0;
}

static void
resume(struct daemon_supervisor *s)
{
	if (s->pool == NULL)
		daemon_supervisor_resume(s);
	else
		daemon_supervisor_note_past(s);
}

static int
open_one_by_one(struct daemon_supervisor *s, const struct daemon_serve *how,
    struct daemon_fault *f)
{
	const int dir = s->service.dir;

	if (how->how != DAEMON_SERVE_START)
		resume(s);
	if (take_sockets(s, how, f) == -1)
		return -1;
	/* Who is on record can be asked. */
	if (dir != -1 && daemon_control_open(&s->control, dir) == -1)
		return daemon_fault_set(f, "control", s->d->name, NULL);
	if (daemon_keeping_open(s, how->output, f) == -1 ||
	    (how->how == DAEMON_SERVE_START && daemon_keeping_try(s, f) == -1))
		return -1;
	daemon_keeping_start(s);
	if (dir != -1 && daemon_supervisor_introduce(s, f) == -1)
		return -1;
	if ((s->pool != NULL ? open_pool(s, how->how, f)
			     : open_command(s, how->notify, f)) == -1)
		return -1;
	if (dir != -1)
		daemon_rebuild_watch(s);
	/* Who has become another program has the number it had. */
	return how->how == DAEMON_SERVE_UPGRADE ? 0
						: daemon_supervisor_enrol(s, f);
}

/* Whoever asked what we were before. */
static DAEMON_APART void
tell_upgraded(struct daemon_supervisor *s)
{
	char packet[DAEMON_PACKET_MAX], pid[24];
	size_t n;

	if (s->launcher == -1)
		return;
	(void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
	n = daemon_answer_put(packet, DAEMON_ANSWER_DONE, pid);
	(void)send(s->launcher, packet, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)close(s->launcher);
	s->launcher = -1;
}

static void
close_pool(struct daemon_supervisor *s)
{
	if (s->pool == NULL)
		return;
	if (s->service.dir != -1)
		(void)daemon_retire(&s->service, s->d, getpid(), NULL);
	daemon_pool_free(s->pool);
	s->pool = NULL;
}

static void
close_all(struct daemon_supervisor *s)
{
	daemon_keeping_end(s);
	close_pool(s);
	daemon_sockets_close(&s->store);
	daemon_store_clear(&s->store);
	if (s->machine.why != DAEMON_WHY_RELEASED)
		daemon_sockets_remove(s->d);
	daemon_notified_close(&s->notified, s->service.dir);
	daemon_control_close(&s->control, s->service.dir);
	daemon_rebuild_unwatch(s);
}

/* All that can fail, before anything is started or signalled. */
static DAEMON_APART int
open_all(struct daemon_supervisor *s, const struct daemon_serve *how,
    struct daemon_fault *f)
{
	if (daemon_supervisor_begin(s) == -1)
		return daemon_fault_set(f, "supervise", s->d->command, NULL);
	if (s->d->workers > 0 && (s->pool = daemon_pool_make(s)) == NULL)
		return daemon_fault_set(f, "workers", s->d->command, NULL);
	if (open_one_by_one(s, how, f) == 0)
		return 0;
	close_all(s);
	(void)close(s->signals);
	s->signals = -1;
	if (how->how == DAEMON_SERVE_START && s->service.dir != -1)
		record_failure(s, f);
	return -1;
}

static void
run(struct daemon_supervisor *s, enum daemon_serving how)
{
	const struct daemon_supervised adopted = { .actions =
						       DAEMON_DO_TELL_READY };

	if (how == DAEMON_SERVE_ADOPT)
		daemon_supervisor_publish(s, &adopted);
	if (how == DAEMON_SERVE_UPGRADE) {
		daemon_guests_welcome(s);
		tell_upgraded(s);
	}
	daemon_supervisor_run(s);
	/* Before its exec it has the lock, as we do. */
	daemon_helper_end(s, DAEMON_HELPER_CHECKER);
	daemon_cgroup_remove_both(s->d->cgroup, s->d->memory_group);
	close_all(s);
}

int
daemon_supervisor_serve(
    struct daemon_supervisor *s, const char *sockets, struct daemon_fault *f)
{
	const struct daemon_serve how = { .how = DAEMON_SERVE_START,
		.notify = -1,
		.output = { -1, -1 },
		.stored = sockets };

	if (open_all(s, &how, f) == -1)
		return -1;
	run(s, DAEMON_SERVE_START);
	return 0;
}

static DAEMON_APART int
prepare(struct daemon_supervisor *s, struct daemon_definition *d,
    const struct daemon_serve *how)
{
	struct daemon_fault f = { .step = NULL };

	daemon_limits_lift();
	if (read_snapshot(s, d, how, &f) == 0 && how->how == DAEMON_SERVE_CHECK)
		return 0;
	if (f.step == NULL && open_all(s, how, &f) == 0)
		return 0;
	if (s->launcher != -1 && how->how != DAEMON_SERVE_UPGRADE)
		tell_failure(s->launcher, &f);
	return -1;
}

int
daemon_serve(const struct daemon_serve *how)
{
	struct daemon_definition d = { 0 };
	struct daemon_supervisor s = {
		.d = &d,
		.service = { .dir = how->dir, .lock = how->lock },
		.forwards = 1,
		.launcher = how->launcher,
	};

	(void)snprintf(s.title, sizeof s.title, "%s", how->title);
	if (prepare(&s, &d, how) == -1)
		return -1;
	if (how->how == DAEMON_SERVE_CHECK) {
		(void)!write(
		    how->launcher, DAEMON_CHECK_YES, strlen(DAEMON_CHECK_YES));
		daemon_status_clear(&s.st); /* else it borrows */
	} else {
		run(&s, how->how);
	}
	daemon_definition_clear(&d);
	return 0;
}
