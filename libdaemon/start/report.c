/* SPDX-License-Identifier: ISC */
/* Reports, written and read whole. */
#include <errno.h>
#include <unistd.h>

#include "report.h"

void
daemon_report_send(int fd, const struct daemon_report *r)
{
	const char *p = (const char *)r, *end = p + sizeof *r;
	ssize_t n;

	while (p < end) {
		n = write(fd, p, (size_t)(end - p));
		if (n == -1 && errno != EINTR)
			_exit(127);
		p += n > 0 ? n : 0;
	}
}

int
daemon_report_receive(int fd, struct daemon_report *r)
{
	char *p = (char *)r, *end = p + sizeof *r;
	ssize_t n;

	while (p < end) {
		errno = 0;
		n = read(fd, p, (size_t)(end - p));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && p == (char *)r ? 0 : -1;
		p += n;
	}
	return 1;
}
