/* SPDX-License-Identifier: ISC */
/*
 * -P: our own pid in a file.  Whether we may run is for the lock to say, so
 * whoever is named there is nobody's business; what the file is, is.
 */
#include <errno.h>
#include <unistd.h>

#include "../identity/pidtext.h"
#include "../identity/retire.h"
#include "../identity/walk.h"
#include "../user.h"
#include "publish.h"

/* Who may own it, too. */
static uid_t
owner(const struct daemon_definition *d)
{
	struct daemon_user u = { 0 };
	uid_t uid = (uid_t)-1;

	if (d->user != NULL && daemon_user_find(&u, d->user, "0") == 0)
		uid = u.uid;
	daemon_user_clear(&u);
	return uid;
}

/* In the place of what is found there. */
static int
put(int dir, const char *base)
{
	int fd, r, saved;

	if (unlinkat(dir, base, 0) == -1 && errno != ENOENT)
		return -1;
	fd = daemon_pidfile_prepare(dir);
	if (fd == -1 && errno != EOPNOTSUPP)
		return -1;
	r = daemon_pidfile_publish(dir, base, fd, getpid());
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	errno = saved;
	return r;
}

DAEMON_APART int
daemon_supervisor_enrol(
    const struct daemon_supervisor *s, struct daemon_fault *f)
{
	const char *path = s->d->supervisor_pidfile, *base;
	struct daemon_pidfile_found found;
	struct daemon_walk w;
	uid_t uid;
	int r;

	if (path == NULL)
		return 0;
	if (daemon_walk_to_parent(&w, path, &base, "pidfile", f) == -1)
		return -1;
	uid = owner(s->d);
	r = daemon_walk_trusted(&w, uid, "pidfile", path, f);
	if (r == 0)
		r = daemon_pidfile_look(&found, w.fd, base, uid, path, f);
	if (r == 0 && put(w.fd, base) == -1)
		r = daemon_fault_set(f, "pidfile", path, NULL);
	(void)close(w.fd);
	return r;
}

void
daemon_supervisor_withdraw(const struct daemon_supervisor *s)
{
	(void)daemon_retire_pidfile(
	    s->d->supervisor_pidfile, 0, getpid(), NULL);
}
