/* SPDX-License-Identifier: ISC */
/*
 * slay NTH PID CMD...          kills PID at its NTH system call from now on
 * slay NTH PROGRAM CMD...      who of CMD's descent executes PROGRAM, from there
 *
 * Runs CMD meanwhile, whose output and exit status pass through.  NTH 0 kills
 * nobody.  On descriptor 9, if it is open: "struck CALL", or the calls, one a
 * line.  Ends when who was to be killed is dead, or, after the end of CMD, has
 * not called anything for a while; it is let go then, and so is its offspring
 * from birth, which `fault` would keep to itself.
 */
#define _GNU_SOURCE 1

#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <linux/ptrace.h>

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"

#define FOLLOW \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
	    PTRACE_O_TRACEEXEC)

enum { REST_MS = 150, DEADLINE_MS = 30000, SAY = 9 };

struct hunt {
	unsigned nth, met;
	const char *program; /* NULL: prey is known */
	pid_t prey, command; /* 0: not yet, not any more */
	int status; /* of the command */
	bool dead; /* the prey is */
	FILE *say;
};

static void
at_call(struct hunt *h, pid_t pid)
{
	struct ptrace_syscall_info info;
	char name[24];

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0 &&
	    info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		h->met++;
		if (h->nth == 0)
			(void)fprintf(h->say, "%s\n",
			    call_name((long)info.entry.nr, name));
		if (h->met == h->nth) {
			(void)fprintf(h->say, "struck %s\n",
			    call_name((long)info.entry.nr, name));
			(void)kill(pid, SIGKILL);
			return;
		}
	}
	(void)ptrace(PTRACE_SYSCALL, pid, NULL, 0L);
}

/* Has it become the program?  Its children are its own affair, then. */
static void
at_exec(struct hunt *h, pid_t pid)
{
	char link[32], path[4096];
	const char *base;
	ssize_t n;

	(void)snprintf(link, sizeof link, "/proc/%d/exe", pid);
	n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	base = strrchr(path, '/');
	if (h->prey != 0 || base == NULL || strcmp(base + 1, h->program) != 0)
		return;
	h->prey = pid;
	(void)ptrace(PTRACE_SETOPTIONS, pid, NULL, (long)PTRACE_O_TRACESYSGOOD);
}

static void
at_stop(struct hunt *h, pid_t pid, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (sig == (SIGTRAP | 0x80)) {
		at_call(h, pid);
		return;
	}
	if (event == PTRACE_EVENT_EXEC)
		at_exec(h, pid);
	if (event == PTRACE_EVENT_STOP && sig != SIGTRAP && sig != SIGCONT) {
		(void)ptrace(PTRACE_LISTEN, pid, NULL, 0L);
		return;
	}
	(void)ptrace(pid == h->prey ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL,
	    event != 0 ? 0L : (long)sig);
}

/* Whether anything has happened. */
static bool
take(struct hunt *h)
{
	bool any = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		any = true;
		if (WIFSTOPPED(status)) {
			at_stop(h, pid, status);
			continue;
		}
		if (pid == h->prey)
			h->dead = true;
		if (pid == h->command) {
			h->command = 0;
			h->status = status;
		}
	}
	return any;
}

static long
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
follow(struct hunt *h)
{
	const struct timespec look = { .tv_nsec = 20000000 };
	long start = now_ms(), last = start, now = start;
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	while (h->command != 0 || (!h->dead && now - last < REST_MS)) {
		if (now - start > DEADLINE_MS)
			errx(125, "not ended after %d s", DEADLINE_MS / 1000);
		(void)sigtimedwait(&child, NULL, &look);
		if (take(h))
			last = now_ms();
		now = now_ms();
	}
}

static _Noreturn void
become(char *const argv[], int gate)
{
	sigset_t none;
	char go;

	(void)close(SAY);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (read(gate, &go, 1) == 1)
		(void)execvp(argv[0], argv);
	_exit(125);
}

/* The tracer first, then what it is to see. */
static void
begin(struct hunt *h, char *const argv[])
{
	int gate[2];

	if (pipe2(gate, O_CLOEXEC) == -1 || (h->command = fork()) == -1)
		err(125, "%s", argv[0]);
	if (h->command == 0)
		become(argv, gate[0]);
	if (h->program != NULL
		? ptrace(PTRACE_SEIZE, h->command, NULL,
		      (long)(FOLLOW | PTRACE_O_TRACESYSGOOD)) == -1
		: ptrace(PTRACE_SEIZE, h->prey, NULL,
		      (long)PTRACE_O_TRACESYSGOOD) == -1 ||
		    ptrace(PTRACE_INTERRUPT, h->prey, NULL, 0L) == -1)
		err(125, "trace");
	if (write(gate[1], "g", 1) != 1)
		err(125, "%s", argv[0]);
	(void)close(gate[0]);
	(void)close(gate[1]);
}

int
main(int argc, char *argv[])
{
	struct hunt h = { .status = 0 };
	sigset_t child;

	if (argc < 4)
		errx(2, "usage: slay NTH PID|PROGRAM CMD...");
	h.nth = (unsigned)atoi(argv[1]);
	if (isdigit((unsigned char)argv[2][0]))
		h.prey = atoi(argv[2]);
	else
		h.program = argv[2];
	h.say = fdopen(SAY, "w");
	if (h.say == NULL && (h.say = fopen("/dev/null", "we")) == NULL)
		err(125, "/dev/null");
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
	begin(&h, argv + 3);
	follow(&h);
	(void)fclose(h.say);
	return WIFSIGNALED(h.status) ? 128 + WTERMSIG(h.status)
				     : WEXITSTATUS(h.status);
}
