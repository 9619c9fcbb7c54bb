/* SPDX-License-Identifier: ISC */
/*
 * System calls of a start: all of all processes, until the command has been
 * executed and the contender has returned.  A null program of the same
 * linkage shows how many of them are the loader's and the C library's.
 */
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <linux/ptrace.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "command.h"
#include "listen.h"
#include "spawn.h"
#include "table.h"

enum { ALL };
enum {
	TRACED = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
	    PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
	    PTRACE_O_EXITKILL,
	SYSCALL_STOP = SIGTRAP | 0x80
};

static pid_t
begin(char *const *argv)
{
	sigset_t none;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (freopen("/dev/null", "r+", stdin) == NULL || dup2(0, 1) == -1 ||
	    dup2(0, 2) == -1 || ptrace(PTRACE_TRACEME, 0, 0, 0) == -1)
		_exit(1);
	(void)execv(argv[0], argv);
	_exit(127);
}

static bool
entered(pid_t pid)
{
	struct ptrace_syscall_info i;

	return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof i, &i) > 0 &&
	    i.op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* Whether PID now executes the command. */
static bool
is_command(const struct bench *b, pid_t pid)
{
	char link[64], exe[PATH_SIZE] = "", child[PATH_SIZE];

	(void)snprintf(link, sizeof link, "/proc/%d/exe", pid);
	(void)snprintf(child, sizeof child, "%s/stamp", b->built);
	return readlink(link, exe, sizeof exe - 1) > 0 &&
	    strcmp(exe, child) == 0;
}

/* The signal PID is to get when it goes on. */
static int
passed_on(int status)
{
	int sig = WSTOPSIG(status);

	/* STOP is how a new tracee begins, TRAP comes of our options. */
	if (sig == SIGSTOP || sig == SIGTRAP || sig == SYSCALL_STOP)
		return 0;
	return sig;
}

/*
 * The calls of ARGV.  The command stays where its exec ended until all is
 * over; COMMANDS is how many are to come.
 */
static int
trace(const struct bench *b, char *const *argv, int commands)
{
	pid_t first = begin(argv), pid;
	bool returned = false;
	int status, calls = 0;

	if (waitpid(first, &status, 0) != first || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, first, 0, TRACED) == -1)
		return -1;
	(void)ptrace(PTRACE_SYSCALL, first, 0, 0);
	while (!returned || commands > 0) {
		pid = waitpid(-1, &status, __WALL);
		if (pid == -1)
			break;
		if (!WIFSTOPPED(status)) {
			returned |= pid == first;
			continue;
		}
		if (WSTOPSIG(status) == SYSCALL_STOP && entered(pid))
			calls++;
		if (status >> 16 == PTRACE_EVENT_EXEC && is_command(b, pid)) {
			commands--;
			continue;
		}
		(void)ptrace(PTRACE_SYSCALL, pid, 0, passed_on(status));
	}
	spawn_end_all();
	return commands == 0 ? calls : -1;
}

/* The calls of a program that does nothing. */
static int
floor_of(const struct bench *b, enum linkage linkage)
{
	const char *name = linkage == MUSL ? "{B}/null-musl" : "{B}/null-glibc";
	const char *words[WORDS_MAX] = { name };
	struct command c;

	command_make(b, words, 0, &c);
	return trace(b, c.argv, 0);
}

static void
report(const struct bench *b, struct entrant *e, int n)
{
	static const char *const head[] = { "start", "beyond a null program",
		"all", "all, x limit", "all, x old", NULL };
	int base[] = {
		[GLIBC] = floor_of(b, GLIBC), [MUSL] = floor_of(b, MUSL)
	};
	double limit = entrants_base(e, n, LIMIT, ALL);
	double old = entrants_base(e, n, REFERENCE, ALL);
	char title[160];
	struct table t = { .title = title, .head = head };
	struct row *r;
	double all;
	int i;

	(void)snprintf(title, sizeof title,
	    "A. System calls of a start, RLIMIT_NOFILE %ld; "
	    "a null program makes %d (glibc), %d (static musl)",
	    b->nofile, base[GLIBC], base[MUSL]);
	for (i = 0; i < n; i++) {
		all = samples_median(&e[i].series[ALL]);
		r = table_row(
		    &t, all - base[e[i].is->linkage], e[i].is->kind == OURS);
		table_cell(r, "%s", e[i].is->name);
		table_number(r, r->key, 0);
		table_number(r, all, 0);
		table_ratio(r, all, limit);
		table_ratio(r, all, old);
	}
	table_print(&t, b->markdown);
}

void
bench_calls(struct bench *b)
{
	struct entrant all[CONTENDERS_MAX], *e;
	int n = entrants_choose(b, contenders_start, all);
	struct command c;
	int round, k, calls;

	for (round = 0; round < b->rounds; round++)
		for (k = 0; k < n; k++) {
			e = entrants_turn(all, n, round, k);
			if (!entrant_runs(e))
				continue;
			command_make(b, e->is->start, 0, &c);
			calls = trace(b, c.argv, 1);
			if (calls >= 0)
				samples_add(&e->series[ALL], calls);
			else
				entrant_failed(e, "could not be traced");
			scratch_empty(&b->scratch);
		}
	report(b, all, n);
}
