/* SPDX-License-Identifier: ISC */
/*
 * <libdaemon/pidfile.h>: a handle around the checked walk, the lock of the
 * pidfile's service and the file itself.  The lock is the one daemonize -p
 * takes for the same path, so that the two exclude each other, and the
 * record is the one daemonctl -p reads.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../pidfile.h"
#include "leftfile.h"
#include "pidtext.h"
#include "service.h"

enum { PATIENCE_MS = 1000 };

struct daemon_pidfile {
	struct daemon_walk dir;
	char *path; /* as given */
	const char *base; /* within path */
	struct daemon_service service;
	struct daemon_definition d;
	struct daemon_bytes record;
	struct daemon_identity id;
};

/* Who else: the lock's holder by its record, or by the file. */
static int
lock(struct daemon_pidfile *pf, pid_t *other)
{
	struct daemon_pidfile_found found;
	struct daemon_definition d = { 0 };
	char name[DAEMON_NAME_MAX + 1];
	struct daemon_status st = { 0 };
	struct daemon_rundirs dirs;
	int rundir, live = 0, r;

	if (daemon_rundirs_find(&dirs, NULL, NULL) == -1)
		return -1;
	rundir = daemon_rundir_open(dirs.path[0], 1, NULL);
	if (rundir == -1)
		return -1;
	daemon_name_of_pidfile(name, pf->dir.path, pf->base);
	r = daemon_service_lock(&pf->service, rundir, name, DAEMON_LOCK_BRIEFLY,
	    &d, &st, &live, NULL);
	(void)close(rundir);
	if (r == -1 && errno == EWOULDBLOCK)
		errno = EEXIST;
	/* What a stop that was cut short has left is a part of it. */
	if (r == 0 && !live) {
		st.id.pid = daemon_left_lives(pf->service.dir);
		live = st.id.pid != 0;
	}
	if (live) {
		errno = EEXIST;
		r = -1;
	}
	if (r == -1 && errno == EEXIST && other != NULL) {
		*other = live ? st.id.pid : -1;
		if (!live &&
		    daemon_pidfile_look(&found, pf->dir.fd, pf->base, (uid_t)-1,
			pf->path, NULL) == 0 &&
		    found.pid > 0)
			*other = found.pid;
		errno = EEXIST;
	}
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return r;
}

/* All that the record needs, so that writing it allocates nothing. */
static int
prepare(struct daemon_pidfile *pf, const char *path)
{
	struct daemon_status st = { .state = DAEMON_STATE_READY,
		.since = daemon_clock_wall(),
		.started = daemon_clock_wall() };

	if (daemon_identity_here(&pf->id) == -1)
		return -1;
	pf->d.pidfile = strdup(path);
	return pf->d.pidfile == NULL
	    ? -1
	    : daemon_record_public(&pf->record, &pf->d, &st);
}

struct daemon_pidfile *
daemon_pidfile_open(const char *path, uid_t owner, pid_t *other)
{
	struct daemon_pidfile_found found;
	struct daemon_pidfile *pf;

	pf = calloc(1, sizeof *pf);
	if (pf == NULL)
		return NULL;
	pf->dir.fd = -1;
	pf->service = DAEMON_SERVICE_NONE;
	pf->path = strdup(path);
	if (pf->path == NULL ||
	    daemon_walk_to_parent(&pf->dir, pf->path, &pf->base, "", NULL) ==
		-1 ||
	    daemon_walk_trusted(&pf->dir, owner, "", path, NULL) == -1 ||
	    daemon_pidfile_look(
		&found, pf->dir.fd, pf->base, owner, path, NULL) == -1 ||
	    lock(pf, other) == -1 || prepare(pf, path) == -1) {
		daemon_pidfile_close(pf);
		return NULL;
	}
	return pf;
}

int
daemon_pidfile_write(struct daemon_pidfile *pf)
{
	char tail[DAEMON_RECORD_TAIL_MAX];
	int fd, r;

	if (daemon_identity_self(&pf->id) == -1)
		return -1;
	if (daemon_record_write(pf->service.dir, DAEMON_RECORD_PUBLIC,
		pf->record.p, pf->record.n, tail,
		daemon_record_tail(tail, &pf->id)) == -1)
		return -1;
	fd = daemon_pidfile_prepare(pf->dir.fd);
	if (fd == -1 && errno != EOPNOTSUPP)
		return -1;
	r = daemon_pidfile_publish(pf->dir.fd, pf->base, fd, pf->id.pid);
	if (fd != -1)
		(void)close(fd);
	return r;
}

void
daemon_pidfile_set_session(struct daemon_pidfile *pf, pid_t session)
{
	pf->id.session = session;
}

void
daemon_pidfile_record_failure(const struct daemon_pidfile *pf, char *step,
    char *object, char *reason, int code)
{
	struct daemon_status st = {
		.id = pf->id,
		.state = DAEMON_STATE_FAILED,
		.since = daemon_clock_wall(),
		.started = daemon_clock_wall(),
		.step = step,
		.object = object,
		.reason = reason,
		.code = code,
	};
	int saved = errno;

	st.id.pid = 0;
	(void)daemon_record_publish(pf->service.dir, &pf->d, &st);
	errno = saved;
}

/* Who is in the file, if he ends soon; 0. */
static pid_t
await_owner(const struct daemon_pidfile *pf)
{
	struct daemon_pidfile_found found;
	int fd, ended;

	if (daemon_pidfile_look(&found, pf->dir.fd, pf->base, (uid_t)-1,
		pf->path, NULL) == -1 ||
	    found.pid <= 0)
		return 0;
	fd = daemon_pidfd_open(found.pid);
	if (fd == -1)
		return errno == ESRCH ? found.pid : 0;
	ended = daemon_pidfd_wait(fd, PATIENCE_MS) == 1;
	(void)close(fd);
	return ended ? found.pid : 0;
}

void
daemon_pidfile_take_back(const struct daemon_pidfile *pf, pid_t pid)
{
	if (pf == NULL)
		return;
	if (pid == 0)
		pid = await_owner(pf);
	if (pid != 0)
		(void)daemon_pidfile_unlink(pf->dir.fd, pf->base, pid);
}

int
daemon_pidfile_descriptor(const struct daemon_pidfile *pf, unsigned n)
{
	if (pf == NULL)
		return -1;
	switch (n) {
	case 0: return pf->dir.fd;
	case 1: return pf->service.dir;
	case 2: return pf->service.lock;
	default: return -1;
	}
}

void
daemon_pidfile_close(struct daemon_pidfile *pf)
{
	int saved = errno;

	if (pf == NULL)
		return;
	if (pf->dir.fd != -1)
		(void)close(pf->dir.fd);
	daemon_service_close(&pf->service);
	daemon_definition_clear(&pf->d);
	daemon_bytes_clear(&pf->record);
	free(pf->path);
	free(pf);
	errno = saved;
}

int
daemon_pidfile_remove(struct daemon_pidfile *pf)
{
	int r = daemon_pidfile_unlink(pf->dir.fd, pf->base, pf->id.pid);

	daemon_pidfile_close(pf);
	return r;
}
