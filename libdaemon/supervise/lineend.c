/* SPDX-License-Identifier: ISC */
#include <sys/ioctl.h>

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "../output/spool.h"
#include "keeping.h"
#include "lineend.h"
#include "supervisor.h"

enum { PIECE = 1024 };

/* The last of n bytes in a pipe; '\n' if that cannot be known. */
static char
last_of(int pipe, ssize_t n)
{
	char p[PIECE];
	ssize_t r = 0;

	while (n > 0 && (r = read(pipe, p, sizeof p)) > 0)
		n -= r;
	return r > 0 && n == 0 ? p[r - 1] : '\n';
}

/* What the keeper has not taken yet is looked at, and left to it. */
static char
last_waiting(int pipe)
{
	int ends[2], all = 0;
	char c = '\n';
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return c;
	(void)fcntl(ends[1], F_SETPIPE_SZ, fcntl(pipe, F_GETPIPE_SZ));
	n = tee(pipe, ends[1], INT_MAX, SPLICE_F_NONBLOCK);
	if (ioctl(pipe, FIONREAD, &all) == 0 && all <= n)
		c = last_of(ends[0], n);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return c;
}

static int
is_empty(int pipe)
{
	int n;

	return ioctl(pipe, FIONREAD, &n) == 0 && n == 0;
}

DAEMON_APART void
daemon_lines_end(const struct daemon_supervisor *s)
{
	unsigned i;

	for (i = 0; i < DAEMON_STREAMS; i++)
		if (s->output[i] != -1 &&
		    (is_empty(s->output[i])
			    ? daemon_spool_ends_within(
				  daemon_keeping_place(s), i)
			    : last_waiting(s->output[i]) != '\n'))
			(void)!write(s->output[i], "\n", 1);
}
