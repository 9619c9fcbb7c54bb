/* SPDX-License-Identifier: ISC */
/*
 * hold flock|fcntl|ofd|lease shared|exclusive FILE READY [UID]
 *
 * Squats on FILE until killed: READY appears, with "pid=N", when the lock is
 * held.  With UID it is that user, without groups, before it opens FILE.
 * flock and the shared kinds need only read permission: that is the point.
 */
#define _GNU_SOURCE 1

#include <sys/file.h>

#include <grp.h>

#include "probe.h"

enum kind { FLOCK, FCNTL, OFD, LEASE };

static int
take(int fd, enum kind kind, int shared)
{
	struct flock lock = { .l_type = shared ? F_RDLCK : F_WRLCK };

	switch (kind) {
	case FLOCK: return flock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
	case FCNTL: return fcntl(fd, F_SETLK, &lock);
	case OFD: return fcntl(fd, F_OFD_SETLK, &lock);
	case LEASE: return fcntl(fd, F_SETLEASE, shared ? F_RDLCK : F_WRLCK);
	}
	return -1;
}

static enum kind
kind_of(const char *name)
{
	static const char *const names[] = { "flock", "fcntl", "ofd", "lease" };

	for (int i = 0; i < 4; i++)
		if (strcmp(names[i], name) == 0)
			return (enum kind)i;
	errx(BROKEN, "%s: flock, fcntl, ofd or lease", name);
}

int
main(int argc, char *argv[])
{
	char line[32];
	enum kind kind;
	int fd, shared;

	if (argc < 5 || argc > 6)
		errx(BROKEN,
		    "usage: hold flock|fcntl|ofd|lease "
		    "shared|exclusive FILE READY [UID]");
	kind = kind_of(argv[1]);
	shared = strcmp(argv[2], "shared") == 0;
	if (!shared && strcmp(argv[2], "exclusive") != 0)
		errx(BROKEN, "%s: shared or exclusive", argv[2]);
	if (argc == 6) {
		uid_t id = (uid_t)number(argv[5], 10, 0, UINT_MAX - 1);

		if (setgroups(0, NULL) == -1 || setresgid(id, id, id) == -1 ||
		    setresuid(id, id, id) == -1)
			err(BROKEN, "uid %u", id);
	}
	fd = open(
	    argv[3], O_CLOEXEC | (kind == FLOCK || shared ? O_RDONLY : O_RDWR));
	if (fd == -1)
		err(1, "%s", argv[3]);
	/* A lease asked back says SIGIO; a squatter does not listen. */
	(void)signal(SIGIO, SIG_IGN);
	if (take(fd, kind, shared) == -1)
		err(1, "%s: %s", argv[3], argv[1]);
	(void)snprintf(line, sizeof line, "pid=%d\n", getpid());
	publish(argv[4], line, strlen(line));
	for (;;)
		pause();
}
