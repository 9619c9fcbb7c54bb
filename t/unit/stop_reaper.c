/* SPDX-License-Identifier: ISC */
/*
 * A supervisor's stop: by a child of the tree's subreaper, which knows whose
 * orphans came to it.  Here we are the subreaper.
 */
#include "stop_unit.h"

/* Out of reach of all but the reaper: no parent, no session of the tree. */
static void
escape(struct cast *c)
{
	if (fork() != 0)
		return;
	(void)setsid();
	if (fork() != 0)
		_exit(0);
	stay(c);
}

static void
escaper(struct cast *c)
{
	escape(c);
	stay(c);
}

/* The same, ended by the time anybody asks. */
static void
dead_escaper(struct cast *c)
{
	escape(c);
	ready(c);
	_exit(0);
}

/* As the supervisor does it: 0, 1 or 255 for -1. */
static int
stop_by_child(
    const struct daemon_identity *id, const struct daemon_identity *spare)
{
	struct daemon_stop_notes notes = {
		.reaper = getpid(), .spare = spare, .nspare = 1
	};
	struct daemon_schedule s;
	struct daemon_stopping r;
	struct daemon_fault f;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (daemon_schedule_parse(&s, "TERM/1/KILL/5", &f) == -1)
			_exit(2);
		_exit(daemon_stop(&r, id, &s, &notes, &f));
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		err(2, "stopper");
	return WEXITSTATUS(status);
}

/* What was known of another that had the same number. */
static void
make_past(struct daemon_identity *id)
{
	id->start--;
	if (id->pidfd != 0)
		id->pidfd--;
}

/* reaped: the main process is dead, and was waited for; past: so is who was to
 * be spared, and another has his number. */
static void
whole(void (*play)(struct cast *), int reaped, int past, const char *what)
{
	struct daemon_identity id, spare;
	struct cast c, other;
	pid_t pid, third;
	int got;

	cast_open(&c);
	cast_open(&other);
	third = start(&other, stay);
	expect(&other, 1);
	pid = start(&c, play);
	expect(&c, 2);
	if (daemon_identity_of(&id, pid) == -1 ||
	    daemon_identity_of(&spare, third) == -1 ||
	    (reaped && waitpid(pid, NULL, 0) != pid))
		err(2, "%s", what);
	if (past)
		make_past(&spare);
	got = stop_by_child(&id, &spare);
	ok(got == 0, "%s: all gone (%d)", what, got);
	ok(living(&c) == 0, "%s: and it is so", what);
	ok(living(&other) == !past, "%s: but not who is meant otherwise", what);
	cast_close(&c);
	cast_close(&other);
}

int
main(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	whole(escaper, 0, 0, "an escaped orphan");
	whole(dead_escaper, 1, 0, "an orphan of the dead");
	whole(escaper, 0, 1, "an orphan with a spared one's number");
	return finish();
}
