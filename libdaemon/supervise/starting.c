/* SPDX-License-Identifier: ISC */
/*
 * Starting what is to be supervised: claim its name, choose what nobody has
 * asked for, put all of it on disk, launch its supervisor.  Or give it one, if
 * that is all it lacks.
 */
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/cgroup.h"
#include "keeping.h"
#include "lastwords.h"
#include "launch.h"
#include "logfile.h"
#include "memory.h"
#include "sockets.h"

void
daemon_adopt(struct daemon_outcome *o, struct daemon_definition *d,
    struct daemon_service *locked)
{
	struct daemon_held h = DAEMON_HELD_NONE(d);
	const struct daemon_store none = { .n = 0 };

	*o = (struct daemon_outcome){ .verdict = DAEMON_VERDICT_FAILED };
	h.service = *locked;
	*locked = DAEMON_SERVICE_NONE;
	if (daemon_hold_alone(&h, &o->fault) == -1)
		return;
	daemon_cgroup_emigrate(h.service.dir);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	daemon_launch_process(o, &h, DAEMON_SERVE_ADOPT, &none);
	daemon_held_release(&h, 0);
}

/* Its step may stand in the other's own memory. */
static void
take_fault(struct daemon_outcome *o, const struct daemon_outcome *from)
{
	o->fault = from->fault;
	if (from->fault.step == from->step) {
		(void)strcpy(o->step, from->step);
		o->fault.step = o->step;
	}
}

static int
is_readable(struct daemon_outcome *o, struct daemon_definition *was,
    const struct daemon_service *s)
{
	if (daemon_record_read(s->dir, DAEMON_RECORD_STATE, was, NULL) == 0)
		return 1;
	o->verdict = DAEMON_VERDICT_FAILED;
	(void)daemon_record_fault(
	    &o->fault, o->rival.name, s->dir, DAEMON_RECORD_STATE);
	return 0;
}

/* What is in the way only needs a supervisor: it gets one, as it was
 * recorded.  If it is what is asked for now, that is all there was to do. */
static void
take_over(struct daemon_outcome *o, struct daemon_definition *d,
    const struct daemon_rundirs *dirs)
{
	struct daemon_definition known = { 0 }, was = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_outcome new;
	struct daemon_service s;
	int rundir, live;

	rundir = daemon_rundir_open(dirs->path[0], 0, NULL);
	if (daemon_service_lock(&s, rundir, o->rival.name, DAEMON_LOCK_NOW,
		&known, &st, &live, NULL) == 0 &&
	    live && daemon_logfile_choose(d, o->rival.name) == 0 &&
	    is_readable(o, &was, &s) &&
	    daemon_definition_differ(&o->differences, &was, d) == 0) {
		daemon_adopt(&new, &was, &s);
		o->adopted = new.verdict == DAEMON_VERDICT_RUNNING;
		o->pid = new.pid;
		if (!o->adopted)
			take_fault(o, &new);
		if (!o->adopted || (o->differences.n == 0 && !st.stopping))
			o->verdict = new.verdict;
		daemon_outcome_clear(&new);
	}
	daemon_service_close(&s);
	daemon_definition_clear(&known);
	daemon_definition_clear(&was);
	daemon_status_clear(&st);
	if (rundir != -1)
		(void)close(rundir);
}

/* By which its processes are known when all other ties are cut. */
static int
make_mark(struct daemon_definition *d)
{
	unsigned long long random;
	char *mark = NULL;

	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random ||
	    asprintf(&mark, "%s-%016llx", d->name, random) == -1)
		return -1;
	free(d->mark);
	d->mark = mark;
	return 0;
}

/* Of the last time: nothing of it runs. */
static void
remove_group(const struct daemon_service *s)
{
	struct daemon_definition was = { 0 };

	if (daemon_record_read(s->dir, DAEMON_RECORD_STATE, &was, NULL) == 0)
		daemon_cgroup_remove_both(was.cgroup, was.memory_group);
	daemon_definition_clear(&was);
}

/* What nobody has to ask for. */
static int
choose(struct daemon_definition *d, struct daemon_fault *f)
{
	if (make_mark(d) == -1 || daemon_logfile_choose(d, d->name) == -1)
		return daemon_fault_set(f, "record", d->name, NULL);
	if (d->out == NULL && d->err == NULL && d->log == NULL) {
		errno = 0;
		return daemon_fault_set(f, "log", d->name,
		    "there is no place for it without HOME (--log=none keeps "
		    "no output)");
	}
	if (daemon_logfile_make_room(d, f) == -1 ||
	    daemon_launch_check(d, f) == -1)
		return -1;
	free(d->cgroup);
	d->cgroup = daemon_cgroup_make(d->mark);
	free(d->memory_group);
	d->memory_group = NULL;
	if (d->max_memory == NULL || d->workers > 0)
		return 0;
	d->memory_group = daemon_memory_make(d->mark, d->cgroup, f);
	return d->memory_group == NULL ? -1 : 0;
}

void
daemon_launch(struct daemon_outcome *o, struct daemon_definition *d,
    const struct daemon_rundirs *dirs, struct daemon_service *locked)
{
	struct daemon_held h = DAEMON_HELD_NONE(d);
	struct daemon_store sockets = { .n = 0 };

	*o = (struct daemon_outcome){ .verdict = DAEMON_VERDICT_FAILED };
	if (locked != NULL) {
		h.service = *locked;
		*locked = DAEMON_SERVICE_NONE;
	}
	if (daemon_hold_name(&h, dirs, &o->rival, &o->fault) == -1) {
		if (errno == EEXIST)
			o->verdict = DAEMON_VERDICT_ALREADY;
		if (o->rival.orphaned)
			take_over(o, d, dirs);
		return;
	}
	daemon_cgroup_emigrate(h.service.dir);
	if (choose(d, &o->fault) == -1) {
		daemon_held_release(&h, 1);
		return;
	}
	remove_group(&h.service);
	daemon_outputs_mark(&h);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (d->listen.n > 0)
		daemon_keeping_dismiss(h.service.dir, d);
	if (daemon_sockets_open(&sockets, d, &o->fault) == 0 &&
	    daemon_hold_definition(&h, &o->fault) == 0)
		daemon_launch_process(o, &h, DAEMON_SERVE_START, &sockets);
	daemon_sockets_close(&sockets);
	if (o->verdict != DAEMON_VERDICT_RUNNING) {
		daemon_sockets_remove(d);
		daemon_cgroup_remove_both(d->cgroup, d->memory_group);
	}
	daemon_held_release(&h, o->verdict != DAEMON_VERDICT_RUNNING);
}
