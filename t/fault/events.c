/* SPDX-License-Identifier: ISC */
/*
 * What a stop of a traced task means.  Births, programs, signals and ends
 * are kept here; calls are handed on to strike.c.
 */
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "entry.h"
#include "trace.h"

/* It may have been killed meanwhile: then its end is the next event. */
static void
resume(pid_t pid, int sig)
{
	(void)ptrace(PTRACE_CONT, pid, NULL, (long)sig);
}

/* Parent and child report in any order; whoever is second lets it run. */
static void
on_birth(struct trace *t, struct task *parent)
{
	unsigned long message;
	struct task *child;
	int status;
	pid_t pid;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &message) == -1)
		return;
	if ((child = task_find(t->tasks, (pid_t)message)) != NULL) {
		task_inherit(child, parent);
		child->held = false;
		resume(child->pid, 0);
		return;
	}
	if ((child = task_add(&t->tasks, (pid_t)message)) == NULL)
		abort();
	task_inherit(child, parent);
	/* A child killed at birth may be gone already, unseen. */
	pid = waitpid(child->pid, &status, __WALL | WNOHANG);
	if (pid == -1)
		task_remove(&t->tasks, (pid_t)message);
	else if (pid > 0)
		trace_event(t, pid, status);
}

static bool
is_target(const struct trace *t, pid_t pid)
{
	char path[40];
	struct stat st;

	(void)snprintf(path, sizeof path, "/proc/%d/exe", pid);
	return stat(path, &st) == 0 && st.st_dev == t->target_dev &&
	    st.st_ino == t->target_ino;
}

static void
on_exec(struct trace *t, struct task *task)
{
	bool first = task->pid == t->command && !task->executed;

	task_renew(task, first);
	task->target = is_target(t, task->pid);
	/* A daemon, too, is waited for until there; its calls are its own. */
	if (*task->role != '\0' || task->target)
		(void)entry_plant(task);
}

/* PTRACE_EVENT_STOP: born, stopped as a job, or continued. */
static void
on_stop(struct task *task, int sig)
{
	switch (sig) {
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU: (void)ptrace(PTRACE_LISTEN, task->pid, NULL, NULL); break;
	default:
		if (!task->held)
			resume(task->pid, 0);
	}
}

static void
on_signal(struct trace *t, struct task *task, int sig)
{
	if (sig == (SIGTRAP | 0x80))
		trace_return(t, task);
	else if (sig == SIGTRAP && entry_met(task))
		resume(task->pid, 0);
	else if (sig == SIGTRAP) {
		/* It has become a daemon by itself, see init.c. */
		task->target = task->entered = task->itself = true;
		resume(task->pid, 0);
	} else {
		task->signalled = true;
		resume(task->pid, sig);
	}
}

static void
on_end(struct trace *t, pid_t pid, int status)
{
	const struct task *task = task_find(t->tasks, pid);

	if (pid == t->command) {
		t->ended = true;
		t->status = status;
	}
	if (task != NULL && task->target && pid == t->struck &&
	    WIFSIGNALED(status) && WTERMSIG(status) == t->struck_by)
		t->struck_target = true;
	task_remove(&t->tasks, pid);
}

void
trace_event(struct trace *t, pid_t pid, int status)
{
	struct task *task = task_find(t->tasks, pid);
	unsigned long message = 0;

	if (!WIFSTOPPED(status)) {
		on_end(t, pid, status);
		return;
	}
	if (task == NULL) {
		if ((task = task_add(&t->tasks, pid)) == NULL)
			abort();
		task->held = true;
		return;
	}
	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP:
		(void)ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message);
		trace_call(t, task, (long)message);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		on_birth(t, task);
		(void)ptrace(task->noted != -1 || task->report != 0
			? PTRACE_SYSCALL
			: PTRACE_CONT,
		    pid, NULL, 0L);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(t, task);
		(void)ptrace(task->noted != -1 ? PTRACE_SYSCALL : PTRACE_CONT,
		    pid, NULL, 0L);
		break;
	case PTRACE_EVENT_STOP: on_stop(task, WSTOPSIG(status)); break;
	default: on_signal(t, task, WSTOPSIG(status));
	}
}
