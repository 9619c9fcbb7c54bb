/* SPDX-License-Identifier: ISC */
/*
 * Preloaded: the wall clock is off by the seconds in the file $SOAK_CLOCK, read
 * at each look.  The one of the machine stays alone.
 */
#include <sys/syscall.h>

#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int
clock_gettime(clockid_t clock, struct timespec *t)
{
	const char *file = getenv("SOAK_CLOCK");
	char text[32] = "";
	int fd, r = (int)syscall(SYS_clock_gettime, clock, t);

	if (r == -1 || clock != CLOCK_REALTIME || file == NULL)
		return r;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return r;
	if (read(fd, text, sizeof text - 1) > 0)
		t->tv_sec += atoll(text);
	(void)close(fd);
	return r;
}
