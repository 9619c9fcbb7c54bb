/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>

#include "sole.h"

static int
is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* Whoever may only read it can lock it, too: that does not count. */
pid_t
daemon_sole_keeper(int fd)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return is_file(fd) && fcntl(fd, F_GETLK, &all) == 0 &&
		all.l_type == F_WRLCK
	    ? all.l_pid
	    : 0;
}

int
daemon_sole_claim(int fd)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (!is_file(fd) || fcntl(fd, F_SETLK, &all) == 0)
		return 1;
	if ((errno != EACCES && errno != EAGAIN) || daemon_sole_keeper(fd) == 0)
		return 0;
	errno = EBUSY;
	return -1;
}
