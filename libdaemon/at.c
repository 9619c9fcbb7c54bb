/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "at.h"

int
daemon_at(int dir, int (*act)(void *arg), void *arg)
{
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), r = -1, saved;

	if (fchdir(dir) == 0)
		r = act(arg);
	saved = errno;
	if (here == -1 || fchdir(here) == -1)
		r = chdir("/") == -1 ? -1 : r;
	if (here != -1)
		(void)close(here);
	errno = saved;
	return r;
}
