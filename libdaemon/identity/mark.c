/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mark.h"

/* How far into the mark we are; or NO until the next entry. */
enum { NO = -1 };

static int
has(int fd, const char *mark)
{
	ssize_t at = 0, len = (ssize_t)strlen(mark), n, i;
	char buf[4096];

	for (;;) {
		n = read(fd, buf, sizeof buf);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		for (i = 0; i < n; i++) {
			/* Whole, or of one worker of what has it. */
			if (at == len && (buf[i] == '\0' || buf[i] == '.'))
				return 1;
			if (buf[i] == '\0')
				at = 0;
			else if (at != NO)
				at = at < len && buf[i] == mark[at] ? at + 1
								    : NO;
		}
	}
}

int
daemon_mark_has(pid_t pid, const char *mark)
{
	char path[32];
	int fd, r;

	(void)snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	r = has(fd, mark);
	(void)close(fd);
	return r;
}
