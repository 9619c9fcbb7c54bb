/* SPDX-License-Identifier: ISC */
/*
 * What daemon_init() leaves behind for daemon_ready() and daemon_failed().
 * Not in init.c: a program with a daemon_init of its own must be able to
 * link everything else.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/pidtext.h"
#include "../identity/walk.h"
#include "init_state.h"

struct daemon_init_state daemon_init_state = {
	.report.fd = -1,
	.err.fd = -1,
};

int
daemon_init_fd_set(struct daemon_init_fd *f, int fd)
{
	struct stat st;

	f->fd = -1;
	if (fd == -1)
		return 0;
	if (fstat(fd, &st) == -1)
		return -1;
	f->fd = fd;
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	return 0;
}

int
daemon_init_fd_get(const struct daemon_init_fd *f)
{
	struct stat st;

	if (f->fd != -1 && fstat(f->fd, &st) == -1)
		return -1;
	if (f->fd == -1 || st.st_dev != f->dev || st.st_ino != f->ino) {
		errno = EBADF;
		return -1;
	}
	return f->fd;
}

void
daemon_init_fd_close(struct daemon_init_fd *f)
{
	int fd = daemon_init_fd_get(f);

	if (fd != -1)
		(void)close(fd);
	f->fd = -1;
}

int
daemon_init_is_ours(void)
{
	return daemon_init_state.pid == 0 || daemon_init_state.pid == getpid();
}

int
daemon_init_send(int fd, const struct daemon_init_report *r)
{
	ssize_t n;

	do
		n = send(fd, r, sizeof *r, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;
}

const char *
daemon_init_program(void)
{
#ifdef __linux__
	return program_invocation_short_name;
#else
	return getprogname();
#endif
}

void
daemon_init_print(const char *name, const char *text)
{
	char line[PIPE_BUF];
	int n, i;

	n = snprintf(line, sizeof line - 1, "%s: %s",
	    name != NULL ? name : daemon_init_program(), text);
	if (n < 0)
		return;
	if (n > (int)sizeof line - 2)
		n = (int)sizeof line - 2;
	while (n > 0 && line[n - 1] == '\n')
		n--;
	for (i = 0; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	line[n++] = '\n';
	while (write(STDERR_FILENO, line, (size_t)n) == -1 && errno == EINTR)
		continue;
}

void
daemon_init_fault(struct daemon_init_report *r, const char *step,
    const char *object, const char *reason)
{
	size_t n = object != NULL ? strlen(object) : 0;

	r->step = (unsigned)strlen(step);
	r->object = 0;
	(void)snprintf(r->text, sizeof r->text, "%s: %s%s%s", step,
	    n > 0 ? object : "", n > 0 ? ": " : "", reason);
	if (n > 0 && r->step + n + 4 < sizeof r->text)
		r->object = (unsigned)n;
}

/* Takes the first n bytes, and the ": " after them, off *rest; NULL if there
 * are none.  The daemon says how many, and may be another user: its word is
 * not believed. */
static char *
cut(char **rest, size_t n)
{
	char *first = *rest;
	size_t len = strlen(first);

	if (n == 0 || len < 2 || n > len - 2)
		return NULL;
	first[n] = '\0';
	*rest = first + n + 2;
	return first;
}

void
daemon_init_record(
    const struct daemon_pidfile *pf, const struct daemon_init_report *r)
{
	char text[sizeof r->text], none[] = "", start[] = "start";
	char *step, *object, *reason = text;

	if (pf == NULL)
		return;
	(void)memcpy(text, r->text, sizeof text);
	text[sizeof text - 1] = '\0';
	step = cut(&reason, r->step);
	object = cut(&reason, r->object);
	daemon_pidfile_record_failure(pf, step != NULL ? step : start,
	    object != NULL ? object : none, reason, r->status);
}

void
daemon_init_unlink(const char *path, pid_t pid)
{
	struct daemon_walk w;
	const char *base;

	if (path == NULL ||
	    daemon_walk_to_parent(&w, path, &base, "", NULL) == -1)
		return;
	(void)daemon_pidfile_unlink(w.fd, base, pid);
	(void)close(w.fd);
}
