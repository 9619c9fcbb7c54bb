/* SPDX-License-Identifier: ISC */
/*
 * Explanations.  "No such file or directory" for a file that is there means
 * its interpreter is not: say which.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../signame.h"
#include "diagnose.h"

enum { HEAD_MAX = 4096, LAST_MAX = 2048 };

/* The interpreter a file asks for, or "". */
static void
interpreter(const char *head, size_t n, char *out, size_t size)
{
	const Elf64_Ehdr *e = (const void *)head;
	const Elf64_Phdr *p;
	size_t i;

	out[0] = '\0';
	if (n > 2 && head[0] == '#' && head[1] == '!') {
		head += 2 + strspn(head + 2, " \t");
		/* A carriage return belongs to it, as the kernel sees it. */
		(void)snprintf(
		    out, size, "%.*s", (int)strcspn(head, " \t\n"), head);
		return;
	}
	if (n < sizeof *e || memcmp(head, ELFMAG, SELFMAG) != 0 ||
	    head[EI_CLASS] != ELFCLASS64)
		return;
	for (i = 0; i < e->e_phnum; i++) {
		if (e->e_phoff + (i + 1) * sizeof *p > n)
			return;
		p = (const void *)(head + e->e_phoff + i * sizeof *p);
		if (p->p_type == PT_INTERP && p->p_offset < n)
			(void)snprintf(out, size, "%.*s",
			    (int)(n - p->p_offset), head + p->p_offset);
	}
}

/* Is the interpreter what stands in the way of a file of that mode? */
static int
interpreter_fails(const char *root, const char *name, mode_t mode, int error)
{
	char path[2 * PATH_MAX];

	if (name[0] == '\0' || (error != ENOENT && error != EACCES) ||
	    (error == EACCES && (mode & 0111) == 0))
		return 0;
	(void)snprintf(
	    path, sizeof path, "%s%s", root != NULL ? root : "", name);
	return error == ENOENT || access(path, X_OK) == -1;
}

static ssize_t
read_head(const char *path, char *head)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return -1;
	n = read(fd, head, HEAD_MAX - 1);
	(void)close(fd);
	head[n > 0 ? n : 0] = '\0';
	return n;
}

int
daemon_interpreter_error(const char *path)
{
	_Alignas(8) char head[HEAD_MAX];
	char name[PATH_MAX];
	ssize_t n = read_head(path, head);

	interpreter(head, n > 0 ? (size_t)n : 0, name, sizeof name);
	return name[0] == '\0' || access(name, X_OK) == 0 ? 0 : errno;
}

/* The path of the candidate i as we see it; 0 if nothing is there. */
static int
is_there(const struct daemon_held *h, size_t i, char *path, size_t size,
    struct stat *st)
{
	(void)snprintf(path, size, "%s%s", h->d->root != NULL ? h->d->root : "",
	    h->paths.v[i]);
	return stat(path, st) == 0;
}

/* Which candidate the error is about: its path, or 0 if none is there. */
static int
choose(const struct daemon_held *h, size_t detail, int error, char *path,
    size_t size, struct stat *st)
{
	size_t i;

	if (error != ENOENT && detail < h->paths.n &&
	    is_there(h, detail, path, size, st))
		return 1;
	for (i = 0; i < h->paths.n; i++)
		if (is_there(h, i, path, size, st))
			return 1;
	return 0;
}

/* Nothing is there: also where a directory of PATH may not be searched. */
static void
explain_missing(
    struct daemon_outcome *o, const struct daemon_held *h, int error)
{
	int by_path = strchr(h->d->command, '/') == NULL;

	if (by_path)
		o->verdict = DAEMON_VERDICT_NOT_FOUND;
	errno = by_path ? ENOENT : error;
	(void)daemon_fault_set(&o->fault, "exec", h->d->command,
	    by_path ? "not found in PATH" : NULL);
}

/* What execve(2) said, and for which of h->paths. */
static void
explain_exec(struct daemon_outcome *o, const struct daemon_held *h, int error,
    size_t detail)
{
	_Alignas(8) char head[HEAD_MAX];
	char path[2 * PATH_MAX], name[PATH_MAX];
	struct daemon_fault *f = &o->fault;
	struct stat st;
	ssize_t n;

	o->verdict = error == ENOENT || error == ENOTDIR
	    ? DAEMON_VERDICT_NOT_FOUND
	    : DAEMON_VERDICT_NOT_EXECUTABLE;
	if (!choose(h, detail, error, path, sizeof path, &st)) {
		explain_missing(o, h, error);
		return;
	}
	n = read_head(path, head);
	interpreter(head, n > 0 ? (size_t)n : 0, name, sizeof name);
	errno = error;
	if (S_ISDIR(st.st_mode))
		(void)daemon_fault_set(f, "exec", path, "is a directory");
	else if (interpreter_fails(h->d->root, name, st.st_mode, error))
		(void)daemon_fault_set(f, "exec", path, "interpreter %s: %s",
		    name, strerror(error));
	else
		(void)daemon_fault_set(f, "exec", path, "%s", strerror(error));
}

void
daemon_explain(struct daemon_outcome *o, const struct daemon_report *r,
    const struct daemon_plan *plan, const struct daemon_held *h)
{
	const struct daemon_action *a;

	o->verdict = DAEMON_VERDICT_FAILED;
	errno = r->error;
	if (r->kind == DAEMON_REPORT_BEGUN) {
		(void)daemon_fault_set(&o->fault, "start", h->d->command,
		    r->error != 0
			? "its process's report could not be read: %s"
			: "the process was killed before it could execute it",
		    strerror(r->error));
		return;
	}
	if (r->kind == DAEMON_REPORT_TORN) {
		o->verdict = DAEMON_VERDICT_NOT_EXECUTABLE;
		(void)daemon_fault_set(&o->fault, "exec", h->d->command,
		    "killed by signal %s as it was loaded (is the file "
		    "whole, a limit too low?)",
		    daemon_signal_name(WTERMSIG(o->status)));
		return;
	}
	a = &plan->action[r->action];
	if (a->step == DAEMON_STEP_EXEC || a->step == DAEMON_STEP_FIND) {
		explain_exec(o, h, r->error, (size_t)r->detail);
		return;
	}
	(void)daemon_fault_set(&o->fault, daemon_step_word(a->step), a->object,
	    a->step == DAEMON_STEP_STDIO && r->error == EBADF
		? "no descriptors 0 to 2 (limit nofile too low?)"
		: NULL);
	if (a->step == DAEMON_STEP_NICE)
		(void)snprintf(
		    o->fault.object, sizeof o->fault.object, "%lld", a->number);
}

/* The n bytes of buf, which it takes, with NULs that end no text. */
static char *
show_nuls(char *buf, size_t n)
{
	char *out = malloc(4 * n + 1), *p = out;
	size_t i;

	for (i = 0; out != NULL && i < n; i++)
		if (buf[i] == '\0')
			p = stpcpy(p, "\\x00");
		else
			*p++ = buf[i];
	free(buf);
	if (out != NULL)
		*p = '\0';
	return out;
}

/* What was written to fd from start on, at most its last LAST_MAX bytes. */
static char *
tail(int fd, const char *path, long long start)
{
	char *buf, name[DAEMON_AT_NAME];
	struct stat st;
	long long from;
	ssize_t n;
	int in;

	if (fd == -1 || path == NULL || fstat(fd, &st) == -1 ||
	    !S_ISREG(st.st_mode) || st.st_size == 0)
		return NULL;
	from = start <= st.st_size ? start : 0; /* cut meanwhile */
	if (st.st_size - from > LAST_MAX)
		from = st.st_size - LAST_MAX;
	in = open(daemon_at_name(fd, name), O_RDONLY | O_CLOEXEC);
	buf = malloc(LAST_MAX + 1);
	n = in != -1 && buf != NULL ? pread(in, buf, LAST_MAX, from) : -1;
	if (in != -1)
		(void)close(in);
	if (n <= 0) {
		free(buf);
		return NULL;
	}
	buf[n] = '\0';
	return show_nuls(buf, (size_t)n);
}

/* A command that succeeds at once may have left another in its place. */
static const char *
detaches(const struct daemon_definition *d, int status)
{
	return WEXITSTATUS(status) == 0 && !d->calls
	    ? " (does it detach by itself? see --ready=pidfile)"
	    : "";
}

void
daemon_death_fault(
    struct daemon_fault *f, const struct daemon_definition *d, int status)
{
	errno = 0;
	if (status == -1)
		(void)daemon_fault_set(
		    f, "ready", d->command, "ended before it was ready");
	else if (WIFSIGNALED(status))
		(void)daemon_fault_set(f, "ready", d->command,
		    "killed by signal %s before it was ready",
		    daemon_signal_name(WTERMSIG(status)));
	else
		(void)daemon_fault_set(f, "ready", d->command,
		    "ended with status %d before it was ready%s",
		    WEXITSTATUS(status), detaches(d, status));
}

void
daemon_last_words(struct daemon_outcome *o, const struct daemon_held *h)
{
	const struct daemon_definition *d = h->d;

	o->last = tail(h->err.fd, d->err, d->truncate ? 0 : h->err.start);
	if (o->last == NULL)
		o->last =
		    tail(h->out.fd, d->out, d->truncate ? 0 : h->out.start);
}

void
daemon_explain_death(struct daemon_outcome *o, const struct daemon_held *h)
{
	daemon_death_fault(&o->fault, h->d, o->status);
	daemon_last_words(o, h);
}
