/* SPDX-License-Identifier: ISC */
/* status: the last lines a command wrote to a file of its own. */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/identity/workers.h"
#include "ctl.h"
#include "ctl_output.h"
#include "status.h"

enum { TAIL = 1024, LINES = 3 };

/* Its end; "" where there is nothing to be shown: no file, or a file that
 * somebody has put in its place. */
static void
read_tail(const char *path, char buf[TAIL + 1])
{
	int fd = output_open(path);
	struct stat st;
	ssize_t n = 0, i;

	buf[0] = '\0';
	if (fd == -1)
		return;
	if (fstat(fd, &st) == 0)
		n = pread(
		    fd, buf, TAIL, st.st_size > TAIL ? st.st_size - TAIL : 0);
	(void)close(fd);
	buf[n > 0 ? n : 0] = '\0';
	for (i = 0; i < n; i++)
		if (buf[i] == '\0')
			buf[i] = ' ';
}

static void
show(const char *text)
{
	const char *p = text + strlen(text), *end;
	int lines = 0;

	if (p > text && p[-1] == '\n')
		p--;
	for (; p > text; p--)
		if (p[-1] == '\n' && ++lines == LINES)
			break;
	for (lines = 0; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		status_line(
		    lines++ == 0 ? "wrote" : "", "| %.*s", (int)(end - p), p);
	}
}

/* Of workers' own files the one that was written last. */
static void
read_file(const struct target *t, const char *path, char buf[TAIL + 1])
{
	char *latest = NULL;

	if (t->d.workers > 0 && daemon_worker_has_own(path))
		path = latest = daemon_worker_latest(path, 0, t->st.wanted, 0);
	if (path != NULL)
		read_tail(path, buf);
	free(latest);
}

void
status_last_lines(const struct target *t)
{
	char buf[TAIL + 1];

	if (t->d.restart == NULL)
		return;
	buf[0] = '\0';
	if (t->d.err != NULL)
		read_file(t, t->d.err, buf);
	if (buf[0] == '\0' && t->d.out != NULL)
		read_file(t, t->d.out, buf);
	show(buf);
}
