/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <unistd.h>

#include "verdict.h"

_Static_assert(sizeof(struct daemon_verdict_message) <= 4096, "PIPE_BUF");

/* A launcher that is not there any more is nobody's loss. */
void
daemon_verdict_send(int fd, const struct daemon_verdict_message *m)
{
	while (write(fd, m, sizeof *m) == -1 && errno == EINTR)
		continue;
}

int
daemon_verdict_receive(int fd, struct daemon_verdict_message *m)
{
	ssize_t n;

	do
		n = read(fd, m, sizeof *m);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof *m ? 0 : -1;
}
