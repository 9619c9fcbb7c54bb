/* SPDX-License-Identifier: ISC */
/*
 * What a caller may have done to us: signals ignored or blocked, SIGCHLD
 * ignored so that children cannot be waited for.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caller.h"

/* One read of /proc tells what 62 calls of sigaction(2) would. */
static unsigned long long
ignored(void)
{
	char buf[4096], *p;
	ssize_t n;
	int fd;

	fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return ~0ull;
	n = read(fd, buf, sizeof buf - 1);
	(void)close(fd);
	if (n <= 0)
		return ~0ull;
	buf[n] = '\0';
	p = strstr(buf, "\nSigIgn:");
	return p != NULL ? strtoull(p + 8, NULL, 16) : ~0ull;
}

void
daemon_caller_quiet(struct daemon_held *h)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &h->mask);
	h->ignored = ignored();
	if ((h->ignored >> (SIGCHLD - 1) & 1) != 0)
		(void)sigaction(SIGCHLD, &sa, NULL);
}

void
daemon_caller_restore(const struct daemon_held *h)
{
	(void)sigprocmask(SIG_SETMASK, &h->mask, NULL);
}
