/* SPDX-License-Identifier: ISC */
/*
 * Reading records.  The fifo is open for writing, too: it never ends.
 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "listen.h"

int
listen_open(const char *path)
{
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

bool
listen_next(int fd, struct record *r)
{
	return read(fd, r, sizeof *r) == (ssize_t)sizeof *r;
}

bool
listen_for(int fd, enum record_what what, pid_t pid, int ms, struct record *r)
{
	uint64_t now = clock_ns(), until = now + (uint64_t)ms * 1000000u;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		while (listen_next(fd, r))
			if (r->what == (int32_t)what &&
			    (pid == 0 || r->pid == pid))
				return true;
		now = clock_ns();
		if (now >= until)
			return false;
		(void)poll(&p, 1, (int)((until - now) / 1000000u) + 1);
	}
}

void
listen_drain(int fd)
{
	struct record r;

	while (listen_next(fd, &r))
		continue;
}
