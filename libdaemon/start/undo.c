/* SPDX-License-Identifier: ISC */
/*
 * After a failed start: no process, no pidfile, and a record that says why.
 */
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "children.h"
#include "undo.h"

/*
 * The first child leads the group of all it left, and is not reaped yet, so
 * its number is nobody else's.  Returns the daemon's pid if it was among
 * them, 0 if it was not.
 */
static pid_t
end_group(pid_t group)
{
	pid_t pid, daemon = 0;

	(void)kill(-group, SIGKILL);
	for (;;) {
		pid = waitpid(-group, NULL, 0);
		if (pid == -1 && errno != EINTR)
			return daemon;
		if (pid > 0 && pid != group)
			daemon = pid;
	}
}

static void
end_session(
    struct daemon_outcome *o, const struct daemon_held *h, pid_t session)
{
	pid_t pid = end_group(session);

	if (o->pid <= 0)
		o->pid = pid;
	daemon_children_end(session, h, h->service.dir, h->d->name);
}

static void
remove_pidfiles(struct daemon_held *h, pid_t pid)
{
	const struct daemon_definition *d = h->d;

	if (daemon_definition_in_place(d)) {
		/* Locked, so it stays, as it was: empty. */
		if (ftruncate(h->lock_fd, 0) == -1)
			return; /* the failure itself is told already */
	} else if (h->pid_fd != -1) {
		daemon_pidfile_withdraw(h->pid_dir.fd, h->pid_base, h->pid_fd);
	} else if (d->pidfile != NULL && pid > 0) {
		(void)daemon_pidfile_unlink(h->pid_dir.fd, h->pid_base, pid);
	}
	/* In the service's own directory all is ours, under the lock. */
	if (h->service.dir != -1) {
		(void)unlinkat(h->service.dir, DAEMON_SERVICE_PID, 0);
		(void)unlinkat(h->service.dir, ".pid.new", 0);
		(void)unlinkat(h->service.dir, DAEMON_RECORD_PUBLIC ".new", 0);
	}
}

static void
record_failure(const struct daemon_outcome *o, struct daemon_held *h)
{
	char reason[sizeof o->fault.reason], object[sizeof o->fault.object];
	char step[32];
	struct daemon_status st = {
		.id = h->id,
		.state = DAEMON_STATE_FAILED,
		.since = daemon_clock_wall(),
		.started = daemon_clock_wall(),
		.step = step,
		.object = object,
		.reason = reason,
		.wanted = h->d->workers,
		.code =
		    o->verdict == DAEMON_VERDICT_INTERRUPTED ? 1 : o->verdict,
	};

	if (h->service.dir == -1 || h->carry != NULL)
		return;
	/* In the foreground the caller's limit is in force again. */
	if (h->fsize_raised)
		(void)setrlimit(RLIMIT_FSIZE,
		    &(struct rlimit){ h->fsize.rlim_max, h->fsize.rlim_max });
	(void)strcpy(reason, daemon_fault_reason(&o->fault));
	(void)strcpy(object, o->fault.object);
	(void)strcpy(step, o->fault.step);
	st.id.pid = 0; /* nobody runs */
	(void)daemon_record_publish(h->service.dir, h->d, &st);
}

void
daemon_undo(struct daemon_outcome *o, struct daemon_held *h, pid_t session)
{
	if (o->verdict == DAEMON_VERDICT_INTERRUPTED) {
		errno = 0;
		(void)daemon_fault_set(
		    &o->fault, "start", h->d->command, "undone by a signal");
	}
	if (session > 0)
		end_session(o, h, session);
	remove_pidfiles(h, o->pid);
	record_failure(o, h);
}

void
daemon_record_ready(struct daemon_held *h, pid_t pid, pid_t session)
{
	struct daemon_status st = {
		.state = DAEMON_STATE_READY,
		.since = daemon_clock_wall(),
		.started = daemon_clock_wall() - h->d->ready_ms,
	};

	if (h->service.dir == -1 || daemon_identity_of(&st.id, pid) == -1)
		return;
	st.id.session = session;
	(void)daemon_record_publish(h->service.dir, h->d, &st);
}
