/* SPDX-License-Identifier: ISC */
/*
 * At a call: count it, note it as a point, or strike it with the fault.
 */
#define _GNU_SOURCE 1

#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "regs.h"
#include "trace.h"

static void
go(pid_t pid)
{
	(void)ptrace(PTRACE_CONT, pid, NULL, 0L);
}

/* To the end of this call: trace_return() comes next. */
static void
go_and_return(pid_t pid)
{
	(void)ptrace(PTRACE_SYSCALL, pid, NULL, 0L);
}

/* One printable word of the path at ADDRESS; empty where there is none. */
static void
read_path(pid_t pid, unsigned long address, char *buf, size_t size)
{
	struct iovec here = { buf, size - 1 }, there;
	ssize_t n;

	/* Up to the page's end first: the next one may not be mapped. */
	there.iov_base = (void *)address;
	there.iov_len = 4096 - address % 4096;
	if (there.iov_len > size - 1)
		there.iov_len = size - 1;
	n = process_vm_readv(pid, &here, 1, &there, 1, 0);
	buf[n > 0 ? n : 0] = '\0';
	for (char *p = buf; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			*p = '?';
}

static void
note(struct trace *t, struct task *task, long nr)
{
	unsigned traits = call_by_number(nr)->traits;
	struct point *at;
	struct regs r;

	/* The library is past its start-up at the first call of another kind. */
	if (!(traits & CALL_STARTUP))
		task->warm = true;
	if ((task->noted = points_add(t->points)) == -1)
		return;
	at = &t->points->all[task->noted];
	memcpy(at->role, task->role, sizeof at->role);
	at->nr = nr;
	at->nth = task->calls[nr];
	at->startup = !task->warm;
	if (traits & (CALL_PATH0 | CALL_PATH1) && regs_get(task->pid, &r) == 0)
		read_path(task->pid, regs_arg(&r, traits & CALL_PATH1 ? 1 : 0),
		    at->object, sizeof at->object);
}

static bool
stat_descriptor(const struct task *task, int fd, struct stat *st)
{
	char path[48];

	(void)snprintf(path, sizeof path, "/proc/%d/fd/%d", task->pid, fd);
	return stat(path, st) == 0;
}

/* Where only the message itself was lost, silence is no fault of theirs. */
static void
excuse(struct trace *t, const struct task *task, long nr, struct regs *r)
{
	char name[24];
	struct stat st;

	if (strncmp(call_name(nr, name), "write", 5) != 0 ||
	    !stat_descriptor(task, (int)regs_arg(r, 0), &st))
		return;
	for (int i = 0; i < 2; i++)
		if (st.st_dev == t->output_dev[i] &&
		    st.st_ino == t->output_ino[i])
			t->struck_output[i] = true;
}

/*
 * Changes argument I for this call alone: the program may rely on finding the
 * register as it was.
 */
static void
alter(struct task *task, struct regs *r, int i, unsigned long value)
{
	task->altered = i;
	task->original = regs_arg(r, i);
	regs_set_arg(r, i, value);
	(void)regs_set(task->pid, r);
	go_and_return(task->pid);
}

/* The kernel's brk() fails by returning the break as it was: asked with 0. */
static void
fail(struct task *task, const struct fault *f, struct regs *r)
{
	if (f->nr == SYS_brk) {
		alter(task, r, 0, 0);
		return;
	}
	(void)regs_skip(task->pid, r, -f->value);
	go(task->pid);
}

/* Only where a short count is possible: messages come whole or not at all. */
static bool
shorten(struct task *task, struct regs *r)
{
	struct stat st;

	if (regs_arg(r, 2) < 2 ||
	    !stat_descriptor(task, (int)regs_arg(r, 0), &st) ||
	    (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)))
		return false;
	alter(task, r, 2, 1);
	return true;
}

static void
strike(struct trace *t, struct task *task, const struct fault *f)
{
	struct regs r;

	if (regs_get(task->pid, &r) == -1)
		return;
	switch (f->action) {
	case ACTION_FAIL:
		excuse(t, task, f->nr, &r);
		fail(task, f, &r);
		break;
	case ACTION_REPORT:
		task->report = f->value;
		go_and_return(task->pid);
		break;
	case ACTION_SIGNAL:
		task->sleeping = f->value == SIGSTOP;
		t->struck_by = f->value;
		(void)kill(task->pid, f->value);
		go(task->pid);
		break;
	case ACTION_SHORT:
		if (!shorten(task, &r)) {
			go(task->pid);
			return;
		}
		break;
	}
	task->failing = f->lasting;
	t->struck = task->pid;
	t->hits++;
}

void
trace_call(struct trace *t, struct task *task, long nr)
{
	const struct fault *f = t->fault;
	unsigned nth;

	if (!task->started || *task->role == '\0' || nr >= CALL_NUMBERS) {
		go(task->pid);
		return;
	}
	nth = ++task->calls[nr];
	if (t->points != NULL) {
		note(t, task, nr);
		go_and_return(task->pid);
	} else if (f != NULL && nr == f->nr &&
	    (task->failing ||
		(nth == f->nth && strcmp(task->role, f->role) == 0)))
		strike(t, task, f);
	else
		go(task->pid);
}

void
trace_return(struct trace *t, struct task *task)
{
	struct regs r;
	long result;

	if (regs_get(task->pid, &r) == -1) {
		go(task->pid);
		return;
	}
	result = regs_result(&r);
	if (task->noted != -1 && t->points != NULL)
		t->points->all[task->noted].result = result;
	if (task->altered != -1 || task->report != 0) {
		if (task->altered != -1)
			regs_set_arg(&r, task->altered, task->original);
		if (task->report != 0)
			result = -task->report;
		/* Last: the first argument may share its register. */
		regs_set_result(&r, result);
		(void)regs_set(task->pid, &r);
	}
	task->noted = -1;
	task->altered = -1;
	task->report = 0;
	go(task->pid);
}
