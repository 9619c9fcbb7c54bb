/* SPDX-License-Identifier: ISC */
/* The file mode creation mask. */
#include <sys/stat.h>

#include <errno.h>

#include "../step.h"

int
daemon_umask_set(mode_t mask)
{
	if ((mask & ~(mode_t)0777) != 0) {
		errno = EINVAL;
		return -1;
	}
	(void)umask(mask);
	return 0;
}
