/* SPDX-License-Identifier: ISC */
/*
 * Starting a command under trace, and killing what is left of it.  The two
 * ends of a trace; events.c and wait.c are what happens between them.
 */
#define _GNU_SOURCE 1

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "trace.h"

#define OPTIONS \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
	    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP | \
	    PTRACE_O_TRACESYSGOOD)

/* The child: waits to be seized, then becomes the command. */
static _Noreturn void
become(const struct trace *t, char *const argv[], char *const envp[],
    const int fds[3], int gate)
{
	sigset_t none;
	char go;

	(void)setsid();
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) == -1)
			_exit(125);
	if (read(gate, &go, 1) != 1)
		_exit(125);
	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (t->points != NULL && filter_install(FILTER_ALL) == -1)
		_exit(125);
	if (t->fault != NULL && filter_install(t->fault->nr) == -1)
		_exit(125);
	(void)execvpe(argv[0], argv, envp);
	(void)dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(125);
}

int
trace_start(
    struct trace *t, char *const argv[], char *const envp[], const int fds[3])
{
	struct task *task;
	int gate[2], error = 0;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC) == -1)
		return -1;
	switch (pid = fork()) {
	case -1: error = errno; break;
	case 0: become(t, argv, envp, fds, gate[0]);
	default:
		t->command = pid;
		t->ended = false;
		if ((task = task_add(&t->tasks, pid)) == NULL ||
		    ptrace(PTRACE_SEIZE, pid, NULL, OPTIONS) == -1 ||
		    write(gate[1], "g", 1) != 1)
			error = errno;
		else if (t->fault != NULL || t->points != NULL)
			(void)strcpy(task->role, "0");
	}
	(void)close(gate[0]);
	(void)close(gate[1]);
	errno = error;
	return error == 0 ? 0 : -1;
}

/* Children that escaped the trace, should there be any, are still ours. */
static void
kill_children(void)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int pid;

	while (f != NULL && fscanf(f, "%d", &pid) == 1)
		(void)kill(pid, SIGKILL);
	if (f != NULL)
		(void)fclose(f);
}

int
trace_end(struct trace *t)
{
	for (int round = 0; round < 50; round++) {
		for (struct task *k = t->tasks; k != NULL; k = k->next)
			(void)kill(k->pid, SIGKILL);
		kill_children();
		(void)trace_drain(t, 100);
		if (t->tasks == NULL && waitpid(-1, NULL, WNOHANG) == -1)
			return 0;
	}
	errno = EBUSY;
	return -1;
}
