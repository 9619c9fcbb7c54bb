/* SPDX-License-Identifier: ISC */
/*
 * daemonize(1): turn a command into a daemon.  Parses, starts, prints what
 * went wrong, exits; everything else is libdaemon's.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/start/files.h"
#include "../libdaemon/start/start.h"
#include "../libdaemon/supervise/displace.h"
#include "../libdaemon/supervise/launch.h"
#include "../libdaemon/supervise/logfile.h"
#include "exit.h"
#include "messages.h"
#include "options.h"
#include "plan.h"
#include "render.h"
#include "supervised.h"
#include "version.h"

/* In the foreground everything that is not the command's is 125, except
 * what a shell would say of a command it cannot execute. */
static int
ours(const struct config *c, int status)
{
	if (!c->foreground || status == EXIT_RUNS ||
	    status == EXIT_NOT_EXECUTABLE || status == EXIT_NOT_FOUND)
		return status;
	return EXIT_OURS;
}

static int
refuse(const struct config *c)
{
	if (getuid() != geteuid() || getgid() != getegid()) {
		message("start: refusing to run set-user-ID");
		return ours(c, EXIT_STEP);
	}
	if (getpid() == 1 && !c->foreground) {
		message("start: pid 1 cannot detach: use -F");
		return EXIT_USAGE;
	}
	return 0;
}

/* Who is in the way, and since when. */
static void
say_already(const struct daemon_outcome *o)
{
	char since[32];

	if (o->rival.since == 0) {
		message_fault(&o->fault);
		return;
	}
	render_time(since, sizeof since, o->rival.since);
	message("start: %s: %s, since %s (daemonctl status %s%s)",
	    o->fault.object, daemon_fault_reason(&o->fault), since,
	    o->fault.object[0] == '/' ? "-p " : "", o->fault.object);
}

/* It ran, without a supervisor, and has one now; as it was recorded. */
static void
say_adopted(const struct config *c, const struct daemon_outcome *o)
{
	char safe[4096];
	size_t i;

	if (c->quiet)
		return;
	message("start: %s: adopted, pid %ld%s", o->rival.name, (long)o->pid,
	    o->differences.n > 0
		? ", as it was recorded; --replace would change:"
		: "");
	for (i = 0; i < o->differences.n; i++) {
		message_escape(safe, sizeof safe, o->differences.v[i]);
		(void)fprintf(stderr, "| %s\n", safe);
	}
}

static void
say_trying(const struct daemon_outcome *o)
{
	message("%s: %s: %s: it is tried again", o->fault.step, o->fault.object,
	    daemon_fault_reason(&o->fault));
	if (o->last != NULL)
		message_last_lines(o->last);
}

static int
conclude(const struct config *c, const struct daemon_outcome *o)
{
	if (o->adopted) {
		if (!c->oknodo)
			say_adopted(c, o);
		return o->verdict == DAEMON_VERDICT_RUNNING || c->oknodo
		    ? EXIT_RUNS
		    : EXIT_ALREADY;
	}
	if (o->verdict == DAEMON_VERDICT_RUNNING) {
		if (o->pid == 0 && !c->quiet)
			say_trying(o);
		else if (c->verbose)
			message("running, pid %ld", (long)o->pid);
		return EXIT_RUNS;
	}
	if (o->verdict == DAEMON_VERDICT_ALREADY && c->oknodo)
		return EXIT_RUNS;
	if (!c->quiet && o->verdict == DAEMON_VERDICT_ALREADY) {
		say_already(o);
	} else if (!c->quiet) {
		message_fault(&o->fault);
		if (o->last != NULL)
			message_last_lines(o->last);
	}
	return ours(c,
	    o->verdict == DAEMON_VERDICT_INTERRUPTED ? EXIT_STEP
						     : (int)o->verdict);
}

enum { UNSAID = -1 };

/* The status, or UNSAID: o tells what came of it. */
static int
start(struct config *c, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o)
{
	daemon_outcome_clear(o);
	if (c->foreground && c->d.restart != NULL)
		return supervised_run(c, dirs, o);
	if (c->foreground)
		daemon_become(o, &c->d, dirs);
	else if (c->d.restart != NULL)
		daemon_launch(o, &c->d, dirs, NULL);
	else
		daemon_start(o, &c->d, dirs, NULL);
	return UNSAID;
}

/* It runs, or something that it has left. */
static int
is_in_the_way(const struct daemon_outcome *o)
{
	return o->verdict == DAEMON_VERDICT_ALREADY ||
	    (o->verdict == DAEMON_VERDICT_FAILED && o->fault.error == EBUSY);
}

/* What is in the way is stopped, if what is to follow can be started. */
static int
make_room(struct config *c, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o)
{
	char name[sizeof o->rival.name];
	int rundir, r;

	(void)strcpy(name, o->rival.name);
	if (name[0] == '\0') /* not ours */
		return -1;
	daemon_outcome_clear(o);
	o->verdict = DAEMON_VERDICT_FAILED;
	if (daemon_logfile_make_room(&c->d, &o->fault) == -1)
		return -1;
	daemon_rehearse(o, &c->d);
	if (o->verdict == DAEMON_VERDICT_RUNNING && c->d.restart != NULL &&
	    !c->foreground)
		daemon_launch_rehearse(o);
	if (o->verdict != DAEMON_VERDICT_RUNNING)
		return -1;
	o->verdict = DAEMON_VERDICT_FAILED;
	rundir = daemon_rundir_open(dirs->path[0], 0, &o->fault);
	if (rundir == -1)
		return -1;
	r = daemon_displace(rundir, name, &c->d, &o->fault);
	(void)close(rundir);
	return r;
}

static int
run(struct config *c)
{
	struct daemon_outcome o = { 0 };
	struct daemon_rundirs dirs;
	int status = refuse(c);

	if (status != 0)
		return status;
	status = UNSAID;
	daemon_spell_lockfile(&c->d);
	if (c->verbose)
		plan_print(c);
	if (daemon_rundirs_find(&dirs, c->rundir, &o.fault) == -1 ||
	    (c->d.check != NULL && daemon_check(&c->d, &o.fault) == -1))
		o.verdict = DAEMON_VERDICT_FAILED;
	else
		status = start(c, &dirs, &o);
	if (c->replace && is_in_the_way(&o) && make_room(c, &dirs, &o) == 0)
		status = start(c, &dirs, &o);
	if (status != UNSAID)
		return status;
	status = conclude(c, &o);
	daemon_outcome_clear(&o);
	return status;
}

int
main(int argc, char **argv)
{
	struct config c;
	int status;

	(void)argc;
	if (options_parse(&c, argv) == -1) {
		status = ours(&c, c.failed ? EXIT_STEP : EXIT_USAGE);
	} else if (c.help) {
		options_help();
		status = EXIT_RUNS;
	} else if (c.version) {
		(void)printf("daemonize %s\n", DAEMONIZE_VERSION);
		status = EXIT_RUNS;
	} else if (c.dry_run) {
		daemon_spell_lockfile(&c.d);
		plan_print(&c);
		status = EXIT_RUNS;
	} else {
		status = run(&c);
	}
	daemon_definition_clear(&c.d);
	return message_flush() == -1 ? ours(&c, EXIT_STEP) : status;
}
