/* SPDX-License-Identifier: ISC */
/*
 * A supervisor and real commands: each test supervises one in a process of
 * its own, which says what it was told and how it ended.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../libdaemon/supervise/supervisor.h"
#include "report.h"

static char dir[] = "/tmp/supervise-XXXXXX";

/* What a supervisor's process says at its end. */
struct result {
	unsigned told; /* of enum daemon_do */
	enum daemon_why why;
	enum daemon_ending ending;
	int status;
	struct daemon_last_word word;
};

static void
remember(void *arg, const struct daemon_supervisor *s,
    const struct daemon_supervised *now)
{
	struct result *r = arg;

	r->told |= now->actions &
	    (DAEMON_DO_TELL_READY | DAEMON_DO_TELL_TRYING |
		DAEMON_DO_TELL_FAILED | DAEMON_DO_FINISH);
	r->word = s->instance.word;
}

static const struct daemon_policy plain = {
	.restart = DAEMON_RESTART_NEVER,
	.readiness = DAEMON_READY_EXEC,
	.spawn_ms = 10000,
	.ready_ms = -1,
	.reload_ms = 1000,
	.retry_ms = 200,
	.leave_ms = 1000,
	.watchdog_ms = -1,
	.runtime_ms = -1,
	.healthy_ms = 10000,
	.backoff = { .constant = 1 },
};

static _Noreturn void
supervise(int out, const struct daemon_policy *p, char **argv)
{
	struct daemon_definition d = {
		.command = argv[0], .cwd = dir, .ready_ms = -1, .umask = 022
	};
	struct result r = { 0 };
	struct daemon_supervisor s = { .d = &d,
		.policy = *p,
		.success = DAEMON_ENDINGS_SUCCESS,
		.final = DAEMON_ENDINGS_FINAL,
		.service = DAEMON_SERVICE_NONE,
		.launcher = -1,
		.tell = remember,
		.arg = &r };
	size_t i;

	for (i = 0; argv[i] != NULL; i++)
		if (daemon_list_add(&d.argv, argv[i]) == -1)
			_exit(2);
	if (daemon_list_add(&d.env, "PATH=/usr/bin:/bin") == -1 ||
	    daemon_schedule_parse(&s.schedule, "TERM/2/KILL/5", NULL) == -1 ||
	    daemon_supervise(&s) == -1)
		_exit(2);
	r.why = s.machine.why;
	r.ending = s.machine.ending;
	r.status = s.status;
	_exit(write(out, &r, sizeof r) != (ssize_t)sizeof r);
}

struct play {
	pid_t pid;
	int out;
};

static struct play
begin(const struct daemon_policy *p, const char *script)
{
	char sh[] = "/bin/sh", dash_c[] = "-c", text[1024];
	char *argv[] = { sh, dash_c, text, NULL };
	char *one[] = { text, NULL };
	struct play play;
	int ends[2];

	(void)snprintf(text, sizeof text, "%s", script);
	(void)fflush(stdout);
	if (pipe(ends) == -1 || (play.pid = fork()) == -1)
		err(2, "begin");
	if (play.pid == 0) {
		(void)alarm(30);
		supervise(ends[1], p,
		    script[0] == '/' && strchr(script, ' ') == NULL ? one
								    : argv);
	}
	(void)close(ends[1]);
	play.out = ends[0];
	return play;
}

static struct result
outcome(struct play *play)
{
	struct result r = { 0 };

	if (read(play->out, &r, sizeof r) != (ssize_t)sizeof r)
		r.told = 0;
	(void)close(play->out);
	(void)waitpid(play->pid, NULL, 0);
	return r;
}

static struct result
run(const struct daemon_policy *p, const char *script)
{
	struct play play = begin(p, script);

	return outcome(&play);
}

/* The lines of file in the directory; then it is gone. */
static int
lines(const char *file)
{
	char path[128];
	int c, n = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, file);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	(void)fclose(f);
	(void)unlink(path);
	return n;
}

static int
appears(const char *file)
{
	char path[128];
	int tries;

	(void)snprintf(path, sizeof path, "%s/%s", dir, file);
	for (tries = 0; tries < 1000; tries++) {
		if (access(path, F_OK) == 0)
			return 1;
		(void)poll(NULL, 0, 10);
	}
	return 0;
}

static pid_t
number(const char *file)
{
	char path[128];
	long n = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, file);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%ld", &n) != 1)
		n = 0;
	(void)fclose(f);
	(void)unlink(path);
	return (pid_t)n;
}

static void
once(void)
{
	struct result r = run(&plain, "exit 0");

	ok(r.told == (DAEMON_DO_TELL_READY | DAEMON_DO_FINISH),
	    "ready at the exec, told once");
	ok(r.why == DAEMON_WHY_ENDED && r.ending == DAEMON_ENDING_SUCCESS,
	    "ended with success, not restarted");
	r = run(&plain, "kill -TERM $$");
	ok(r.ending == DAEMON_ENDING_SUCCESS && WTERMSIG(r.status) == SIGTERM,
	    "TERM is a success");
	r = run(&plain, "exit 7");
	ok(r.ending == DAEMON_ENDING_FAILURE && WEXITSTATUS(r.status) == 7,
	    "7 is none");
}

static void
restarts(void)
{
	struct daemon_policy p = plain;
	struct result r;

	p.restart = DAEMON_RESTART_ALWAYS;
	p.max_restarts = 3;
	p.window_ms = 60000;
	r = run(&p, "echo x >> runs");
	ok(lines("runs") == 4 && r.why == DAEMON_WHY_TOO_OFTEN,
	    "three restarts, and no fourth");
	p.restart = DAEMON_RESTART_ON_FAILURE;
	r = run(&p, "echo x >> runs; test $(wc -l < runs) = 3");
	ok(lines("runs") == 3 && r.why == DAEMON_WHY_ENDED &&
		r.ending == DAEMON_ENDING_SUCCESS,
	    "on failure, until it succeeds");
	r = run(&p, "echo x >> runs; exit 78");
	ok(lines("runs") == 1 && r.ending == DAEMON_ENDING_FINAL,
	    "78 is not tried again");
}

static void
failures_to_start(void)
{
	struct daemon_policy p = plain;
	struct result r;

	r = run(&plain, "/no/such/command");
	ok(r.told == (DAEMON_DO_TELL_FAILED | DAEMON_DO_FINISH) &&
		r.why == DAEMON_WHY_SPAWN &&
		r.word.verdict == DAEMON_VERDICT_NOT_FOUND &&
		strcmp(r.word.step, "exec") == 0 &&
		strcmp(r.word.object, "/no/such/command") == 0,
	    "no such command: told, with the step and the object");
	p.readiness = DAEMON_READY_ALIVE;
	p.alive_ms = 300;
	p.restart = DAEMON_RESTART_ALWAYS;
	r = run(&p, "echo x >> runs; exit 0");
	ok(lines("runs") == 1 &&
		r.told == (DAEMON_DO_TELL_FAILED | DAEMON_DO_FINISH),
	    "dead before it was ready: told, and not tried again");
	p.keep_trying = 1;
	p.restart = DAEMON_RESTART_ON_FAILURE;
	r = run(&p, "echo x >> runs; test $(wc -l < runs) = 3");
	ok(lines("runs") == 3 &&
		r.told == (DAEMON_DO_TELL_TRYING | DAEMON_DO_FINISH),
	    "unless asked for: tried on");
}

static void
stops(void)
{
	struct daemon_policy p = plain;
	struct play play;
	struct result r;
	pid_t orphan;

	p.restart = DAEMON_RESTART_ALWAYS;
	play = begin(&p,
	    "setsid sh -c 'echo $$ > orphan.new; mv orphan.new orphan; "
	    "exec sleep 600' & exec sleep 600");
	ok(appears("orphan"), "it runs");
	orphan = number("orphan");
	(void)kill(play.pid, SIGTERM);
	r = outcome(&play);
	ok(r.why == DAEMON_WHY_STOP && WTERMSIG(r.status) == SIGTERM,
	    "TERM stops it, for good");
	ok(orphan > 0 && kill(orphan, 0) == -1 && errno == ESRCH,
	    "and what had left its session and group");
	play = begin(&p, "trap '' TERM; echo > up; while :; do sleep 1; done");
	ok(appears("up") && lines("up") == 1, "one that is deaf runs");
	(void)kill(play.pid, SIGTERM);
	r = outcome(&play);
	ok(r.why == DAEMON_WHY_STOP && WTERMSIG(r.status) == SIGKILL,
	    "it is killed");
}

/* What a dead one left is in the way of the next. */
static void
sweeps(void)
{
	struct daemon_policy p = plain;
	struct result r;

	p.restart = DAEMON_RESTART_ALWAYS;
	p.max_restarts = 2;
	p.window_ms = 60000;
	r = run(&p,
	    "test -e left && kill -0 $(cat left) 2>&- && echo x >> both; "
	    "setsid sleep 600 >&- 2>&- & echo $! > left; echo x >> runs");
	ok(r.why == DAEMON_WHY_TOO_OFTEN && lines("runs") == 3,
	    "restarted twice");
	ok(lines("both") == 0, "never beside what the one before had left");
	r.status = (int)number("left");
	ok(r.status > 0 && kill(r.status, 0) == -1, "nothing is left");
}

static void
limits(void)
{
	struct daemon_policy p = plain;
	struct result r;

	p.runtime_ms = 200;
	r = run(&p, "exec sleep 600");
	ok(r.why == DAEMON_WHY_RUNTIME && WTERMSIG(r.status) == SIGTERM,
	    "its time is up");
	p = plain;
	p.watchdog_ms = 200;
	r = run(&p, "exec sleep 600");
	ok(r.why == DAEMON_WHY_WATCHDOG && WTERMSIG(r.status) == SIGABRT,
	    "no sign of life: ABRT first");
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		err(2, "%s", dir);
	once();
	restarts();
	failures_to_start();
	stops();
	sweeps();
	limits();
	ok(rmdir(dir) == 0, "no file is left");
	return finish();
}
