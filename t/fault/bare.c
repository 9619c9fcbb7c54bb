/* SPDX-License-Identifier: ISC */
/*
 * The injector without scenario.  See bare.h.
 */
#define _GNU_SOURCE 1

#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "bare.h"
#include "trace.h"

enum { DEADLINE_MS = 60000 };

/* Runs ARGV; its exit status, and how many tasks it leaves in *ALIVE. */
static int
run(struct trace *t, char *const argv[], unsigned *alive)
{
	const int fds[3] = { 0, 1, 2 };
	sigset_t child;
	bool ended;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		err(125, "subreaper");
	if (trace_start(t, argv, environ, fds) == -1)
		err(125, "%s", argv[0]);
	ended = trace_settle(t, 0, DEADLINE_MS);
	*alive = 0;
	for (const struct task *k = t->tasks; k != NULL; k = k->next)
		(*alive)++;
	if (trace_end(t) == -1)
		err(125, "a process cannot be killed");
	if (!ended)
		errx(125, "%s: not ended after %d s", argv[0],
		    DEADLINE_MS / 1000);
	return WIFSIGNALED(t->status) ? 128 + WTERMSIG(t->status)
				      : WEXITSTATUS(t->status);
}

int
bare_points(char *const argv[])
{
	struct points points = { .all = NULL };
	struct trace t = { .points = &points };
	unsigned alive;
	int code = run(&t, argv, &alive);

	points_print(&points);
	points_free(&points);
	return code;
}

int
bare_inject(const char *spec, char *const argv[])
{
	struct fault f;
	struct trace t = { .fault = &f };
	unsigned alive;
	int code;

	if (spec_parse(spec, &f) == -1)
		errx(2, "%s: not a fault", spec);
	code = run(&t, argv, &alive);
	warnx("exit %d, struck %u, alive %u", code, t.hits, alive);
	return code;
}
