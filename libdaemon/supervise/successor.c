/* SPDX-License-Identifier: ISC */
/*
 * Who is the main process now: one that the command named, one that it has
 * left when it detached, or one that it has made way for.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/cgroup.h"
#include "../identity/mark.h"
#include "../identity/pidtext.h"
#include "../identity/walk.h"
#include "supervisor.h"

enum {
	SEEN_ENOUGH = 10, /* looks, each 10 ms after the last */
	DEPTH = 64, /* of a family tree */
	WELCOME_MS = 200, /* from one look for guests to the next */
	SUCCESSION_MS = 2000 /* for who has ended well to be followed */
};

/* What we do beside the service is none of its processes. */
static int
is_of_helper(const struct daemon_supervisor *s, pid_t pid)
{
	struct daemon_process_stat st;
	int depth;

	for (depth = 0; depth < DEPTH && pid > 1 && pid != getpid(); depth++) {
		if (daemon_helper_knows(s, pid))
			return 1;
		if (daemon_process_stat(pid, &st) == -1)
			break;
		pid = st.ppid;
	}
	return 0;
}

/* Where the descent tells nothing: is it in its control group?  Where there is
 * none, has it its mark?  That anybody can write into an environment, and who
 * is given a new one has none. */
static int
is_of_tree(const struct daemon_supervisor *s, pid_t pid)
{
	char buf[DAEMON_MARK_MAX];
	const char *mark = daemon_definition_mark(buf, s->d);

	return s->d->cgroup != NULL && daemon_cgroup_is_there(s->d->cgroup)
	    ? daemon_cgroup_has(s->d->cgroup, pid)
	    : mark != NULL && daemon_mark_has(pid, mark);
}

/* Of several workers what one leaves may be anybody's, by its descent. */
int
daemon_supervisor_is_kin(const void *supervisor, pid_t pid)
{
	const struct daemon_supervisor *s = supervisor;

	switch (daemon_notified_kin(pid, s->instance.pid)) {
	case DAEMON_KIN_ITS: return 1;
	case DAEMON_KIN_OURS: return s->pool == NULL || is_of_tree(s, pid);
	case DAEMON_KIN_NONE: break;
	}
	return s->adopted && is_of_tree(s, pid);
}

/* Its user may name whom he could signal himself; and who is kin may be a
 * guest all the same. */
static int
may_be_main(struct daemon_supervisor *s, pid_t pid)
{
	uid_t uid;

	if (s->instance.uid != 0 &&
	    (daemon_process_uid(pid, &uid) == -1 || uid != s->instance.uid))
		return 0;
	if (!daemon_supervisor_is_kin(s, pid))
		return 0;
	daemon_guests_welcome(s);
	return !is_of_helper(s, pid);
}

int
daemon_supervisor_follow(struct daemon_supervisor *s, pid_t pid)
{
	int fd = daemon_pidfd_open(pid);

	/* Proved with the pidfd in hand. */
	if (fd == -1 || !may_be_main(s, pid) || daemon_pidfd_wait(fd, 0) != 0) {
		if (fd != -1)
			(void)close(fd);
		return 0;
	}
	if (s->instance.pidfd != -1)
		(void)close(s->instance.pidfd);
	s->instance.pid = pid;
	s->instance.pidfd = fd;
	daemon_supervisor_renamed(s);
	daemon_supervisor_expect(s, DAEMON_EVENT_SIGN); /* to be on record */
	return 1;
}

int
daemon_supervisor_awaits(struct daemon_supervisor *s, int status, int alone)
{
	const int detaches = s->ready.kind == DAEMON_BY_PIDFILE;

	switch (s->machine.phase) {
	case DAEMON_PHASE_STARTING: return detaches && status == 0 && !alone;
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_RELOADING:
		s->detached_ms =
		    daemon_clock_steady() + (status == 0 ? SUCCESSION_MS : 0);
		return detaches && s->ready.object != NULL &&
		    (!alone || s->adopted);
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_PREPARING:
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_PAUSED:
	case DAEMON_PHASE_BACKOFF:
	case DAEMON_PHASE_STOPPING:
	case DAEMON_PHASE_OVER: break;
	}
	return 0;
}

/* The only one there is, for a while: one that is about to fork again and
 * end is not meant. */
static pid_t
the_only(struct daemon_supervisor *s)
{
	pid_t pid = daemon_supervisor_only(s);

	s->seen = pid != 0 && pid == s->seen_pid ? s->seen + 1 : 0;
	s->seen_pid = pid;
	(void)snprintf(
	    s->unready, sizeof s->unready, "it has left more than one process");
	return s->seen >= SEEN_ENOUGH ? pid : 0;
}

/* 0, or -1 with f filled. */
static int
look(struct daemon_pidfile_found *found, const struct daemon_supervisor *s,
    struct daemon_fault *f)
{
	const char *base, *path = s->ready.object;
	struct daemon_walk w;
	int r;

	if (daemon_walk_to_parent(&w, path, &base, "pidfile", f) == -1)
		return -1;
	r = daemon_pidfile_look(found, w.fd, base, s->instance.uid, path, f);
	(void)close(w.fd);
	if (r == 0 && !found->exists) {
		errno = ENOENT;
		return daemon_fault_set(f, "pidfile", path, NULL);
	}
	return r;
}

static pid_t
in_pidfile(struct daemon_supervisor *s)
{
	struct daemon_pidfile_found found = { 0 };
	char why[sizeof s->unready];
	struct daemon_fault f;

	if (look(&found, s, &f) == -1)
		(void)snprintf(
		    why, sizeof why, "%.90s", daemon_fault_reason(&f));
	else if (found.pid == 0)
		(void)snprintf(why, sizeof why, "is empty");
	else
		(void)snprintf(why, sizeof why,
		    "pid %ld in it is no process of it", (long)found.pid);
	(void)snprintf(s->unready, sizeof s->unready, "%.60s: %.90s",
	    s->ready.object, why);
	return found.pid;
}

int
daemon_supervisor_succeed(struct daemon_supervisor *s)
{
	pid_t pid = in_pidfile(s);

	return pid > 1 && daemon_supervisor_follow(s, pid);
}

/* The search is over. */
static void
settle(struct daemon_supervisor *s)
{
	s->detached = 0;
	if (s->pausing)
		daemon_supervisor_expect(s, DAEMON_EVENT_PAUSE);
	s->pausing = 0;
}

static int
goes_on(struct daemon_supervisor *s, struct daemon_event *e)
{
	settle(s);
	if (s->machine.phase == DAEMON_PHASE_STARTING)
		daemon_supervisor_expect(s, DAEMON_EVENT_READY);
	return daemon_supervisor_pending(s, e);
}

/* Who detached, to leave nobody, has failed, whatever its status says. */
static int
nobody_is_left(struct daemon_supervisor *s, struct daemon_event *e)
{
	const int starting = s->machine.phase == DAEMON_PHASE_STARTING;

	if (starting ? !daemon_supervisor_alone(s)
		     : daemon_clock_steady() < s->detached_ms &&
		    (s->adopted || !daemon_supervisor_alone(s)))
		return 0;
	settle(s);
	daemon_supervisor_died(s, e);
	if (starting)
		e->ending = DAEMON_ENDING_FAILURE;
	return 1;
}

static int
is_found(struct daemon_supervisor *s)
{
	pid_t pid;

	if (s->ready.object != NULL)
		return daemon_supervisor_succeed(s);
	pid = the_only(s);
	if (pid > 1 && daemon_supervisor_follow(s, pid))
		return 1;
	if (pid > 1)
		s->seen = 0; /* a guest: the others are counted anew */
	return 0;
}

/* It is none of them; but to know them takes long. */
static void
welcome(struct daemon_supervisor *s)
{
	if (daemon_clock_steady() < s->welcome_ms)
		return;
	daemon_guests_welcome(s);
	s->welcome_ms = daemon_clock_steady() + WELCOME_MS;
}

int
daemon_supervisor_hear_detached(
    struct daemon_supervisor *s, struct daemon_event *e)
{
	if (!s->detached)
		return 0;
	switch (s->machine.phase) {
	case DAEMON_PHASE_STARTING:
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_PAUSED:
		welcome(s);
		return is_found(s) ? goes_on(s, e) : nobody_is_left(s, e);
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_PREPARING:
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_BACKOFF:
	case DAEMON_PHASE_STOPPING:
	case DAEMON_PHASE_OVER: break;
	}
	settle(s);
	return 0;
}
