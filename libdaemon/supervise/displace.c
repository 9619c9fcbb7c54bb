/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <unistd.h>

#include "../identity/retire.h"
#include "../stop/recorded.h"
#include "ask.h"
#include "displace.h"
#include "keeping.h"
#include "launch.h"
#include "sockets.h"

/* Its supervisor does it. */
static int
ask(const struct daemon_service *s, const char *name,
    const struct daemon_identity *supervisor, struct daemon_fault *f)
{
	char text[DAEMON_PACKET_MAX];

	switch (
	    daemon_ask(s->dir, supervisor, DAEMON_REQUEST_STOP, NULL, text)) {
	case DAEMON_ASKED_DONE:
	case DAEMON_ASKED_GONE: return 0;
	case DAEMON_ASKED_SILENT:
		return daemon_fault_set(f, "replace", name,
		    "its supervisor, pid %ld, has not answered for 5 s",
		    (long)supervisor->pid);
	case DAEMON_ASKED_DENIED:
		return daemon_fault_set(f, "replace", name, NULL);
	case DAEMON_ASKED_FAILED:
	case DAEMON_ASKED_STUCK: break;
	}
	return daemon_fault_set(
	    f, "replace", name, "could not be stopped: %.900s", text);
}

/* Nobody does: we do, under the lock. */
static int
stop(const struct daemon_service *s, const struct daemon_definition *d,
    const struct daemon_status *st, struct daemon_fault *f)
{
	struct daemon_stopping r = { 0 };
	struct daemon_schedule schedule;
	int done;

	if (daemon_schedule_parse(&schedule,
		d->stop != NULL ? d->stop : DAEMON_SCHEDULE_DEFAULT, f) == -1)
		return -1;
	done = daemon_stop_recorded(&r, s, d, st, &schedule, f);
	daemon_stopping_clear(&r);
	if (done == 0)
		daemon_keeping_dismiss(s->dir, d);
	if (done == -1 || daemon_retire(s, d, st->id.pid, f) == -1)
		return -1;
	return daemon_retire_supervisor(d, st, f);
}

/* Is there room for its record? */
static int
has_room(int dir, const char *name, const struct daemon_definition *next,
    struct daemon_fault *f)
{
	int fd = daemon_record_reserve(dir, next);

	if (fd != -1)
		(void)close(fd);
	else if (errno != EOPNOTSUPP)
		return daemon_fault_set(f, "record", name, NULL);
	return 0;
}

/* Can the next one be had, as far as this one has not what it needs?  It was
 * another's a moment ago. */
static int
can_follow(int rundir, const char *name, const struct daemon_definition *next,
    struct daemon_fault *f)
{
	struct daemon_definition d = { 0 };
	struct daemon_service s;
	int r;

	if (daemon_launch_check(next, f) == -1 ||
	    daemon_service_open(&s, rundir, name, f) == -1)
		return -1;
	r = has_room(s.dir, name, next, f);
	if (r == 0) {
		(void)daemon_record_read(s.dir, DAEMON_RECORD_PUBLIC, &d, NULL);
		r = daemon_sockets_rehearse(next, &d, f);
		daemon_definition_clear(&d);
	}
	daemon_service_close(&s);
	return r;
}

int
daemon_displace(int rundir, const char *name,
    const struct daemon_definition *next, struct daemon_fault *f)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_service s;
	int live, r;

	if (can_follow(rundir, name, next, f) == -1)
		return -1;
	/* A supervisor is asked at once, whatever it is doing. */
	r = daemon_service_lock(
	    &s, rundir, name, DAEMON_LOCK_NOW, &d, &st, &live, f);
	if (r == -1 && errno == EEXIST && (!live || st.supervisor.pid == 0))
		r = daemon_service_lock(&s, rundir, name,
		    DAEMON_LOCK_UNLESS_LIVE, &d, &st, &live, f);
	if (r == 0) {
		r = stop(&s, &d, &st, f);
	} else if (errno == EEXIST && live) {
		r = daemon_service_open(&s, rundir, name, f);
		if (r == 0)
			r = ask(&s, name, &st.supervisor, f);
	}
	daemon_service_close(&s);
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return r;
}
