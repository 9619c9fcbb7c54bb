/* SPDX-License-Identifier: ISC */
/*
 * A hook may start another service.  Whoever starts that is gone soon, and we
 * are the reaper: but it has a record of its own, and who is on record in the
 * place where we are is nobody's orphan.
 */
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "supervisor.h"

struct hall {
	struct daemon_supervisor *s;
	int rundir;
};

/* Is it this service's supervisor; or, where that has none, the service? */
static int
is_on_record(int rundir, const char *name, pid_t pid)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	enum daemon_proof proof = DAEMON_PROOF_DEAD;
	const struct daemon_identity *id;
	struct daemon_service service;
	int fd;

	if (daemon_service_open(&service, rundir, name, NULL) == -1)
		return 0;
	if (daemon_record_read(service.dir, DAEMON_RECORD_PUBLIC, &d, &st) ==
	    0) {
		id = st.supervisor.pid != 0 ? &st.supervisor : &st.id;
		fd = id->pid == pid ? daemon_identity_open(id, &proof) : -1;
		if (fd != -1)
			(void)close(fd);
	}
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	daemon_service_close(&service);
	return proof == DAEMON_PROOF_ALIVE;
}

static int
is_service(int rundir, pid_t pid)
{
	int fd = openat(rundir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	int found = 0;

	while (dir != NULL && !found && (e = readdir(dir)) != NULL)
		found =
		    e->d_name[0] != '.' && is_on_record(rundir, e->d_name, pid);
	if (dir != NULL)
		(void)closedir(dir);
	else if (fd != -1)
		(void)close(fd);
	return found;
}

static int
welcome(void *arg, pid_t pid)
{
	const struct hall *h = arg;
	pid_t *guest = h->s->helper + DAEMON_HELPERS;
	int i;

	if (pid == h->s->instance.pid || daemon_helper_is(h->s, pid))
		return 0;
	for (i = 0; i < DAEMON_GUESTS && guest[i] != 0; i++)
		continue;
	if (i == DAEMON_GUESTS || !is_service(h->rundir, pid))
		return 0;
	guest[i] = pid;
	return 1;
}

void
daemon_guests_welcome(struct daemon_supervisor *s)
{
	struct hall h = { .s = s, .rundir = -1 };

	if (s->service.dir != -1)
		h.rundir = openat(
		    s->service.dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h.rundir == -1)
		return;
	(void)daemon_supervisor_children(welcome, &h);
	(void)close(h.rundir);
}

void
daemon_guests_reap(struct daemon_supervisor *s)
{
	pid_t *guest = s->helper + DAEMON_HELPERS, r;
	int i;

	for (i = 0; i < DAEMON_GUESTS; i++) {
		if (guest[i] == 0)
			continue;
		do
			r = waitpid(guest[i], NULL, WNOHANG);
		while (r == -1 && errno == EINTR);
		if (r != 0)
			guest[i] = 0;
	}
}
