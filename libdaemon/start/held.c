/* SPDX-License-Identifier: ISC */
/*
 * Holding what a start needs, in this order: lock and identity of what is
 * running (claim.c), user and group, files (files.c).  And letting go.
 */
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "caller.h"
#include "claim.h"
#include "environment.h"
#include "envfile.h"
#include "files.h"
#include "held.h"

/* Descriptors 0-2 must be taken before we open anything of ours. */
static int
hold_null(struct daemon_held *h, struct daemon_fault *f)
{
	struct stat st;

	do
		h->null_fd = openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);
	while (h->null_fd >= 0 && h->null_fd <= 2);
	if (h->null_fd == -1 || fstat(h->null_fd, &st) == -1)
		return daemon_fault_set(f, "stdio", "/dev/null", NULL);
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return 0;
	errno = ENODEV;
	return daemon_fault_set(
	    f, "stdio", "/dev/null", "is not the null device");
}

/* Our own records must fit, whatever the caller's limit: it is given back
 * to the command. */
static void
raise_fsize(struct daemon_held *h)
{
	struct rlimit rl;

	if (h->d->name == NULL && h->d->pidfile == NULL)
		return;
	if (getrlimit(RLIMIT_FSIZE, &h->fsize) == -1)
		return;
	if (h->fsize.rlim_max != RLIM_INFINITY)
		(void)signal(SIGXFSZ, SIG_IGN); /* EFBIG can be told */
	if (h->fsize.rlim_cur == h->fsize.rlim_max)
		return;
	rl = h->fsize;
	rl.rlim_cur = rl.rlim_max;
	h->fsize_raised = setrlimit(RLIMIT_FSIZE, &rl) == 0;
}

/* A timer of the caller's must neither end us half-way nor, where we become
 * the command, that one. */
static void
stop_timers(void)
{
	struct itimerval off = { 0 };

	(void)setitimer(ITIMER_REAL, &off, NULL);
	(void)setitimer(ITIMER_VIRTUAL, &off, NULL);
	(void)setitimer(ITIMER_PROF, &off, NULL);
}

/* Which of the two cannot be found, for errno's reason? */
static const char *
culprit(const char *user, const char *group)
{
	struct daemon_user u = { 0 };
	int error = errno, found;

	if (user == NULL || error == ESRCH)
		return group;
	if (group == NULL || error != EINVAL)
		return user;
	found = daemon_user_find(&u, user, "0") == 0;
	daemon_user_clear(&u);
	errno = error;
	return found ? group : user;
}

static int
hold_user(struct daemon_held *h, struct daemon_fault *f)
{
	const char *user = h->d->user, *group = h->d->group, *bad;

	if (user == NULL && group == NULL)
		return 0;
	if (daemon_user_find(&h->user, user, group) == -1) {
		bad = culprit(user, group);
		if (bad == NULL)
			return daemon_fault_set(f, "user", user,
			    "has no passwd entry: give its group with -g");
		return daemon_fault_set(f, bad == user ? "user" : "group", bad,
		    errno == ENOENT	  ? "no such user"
			: errno == ESRCH  ? "no such group"
			: errno == EINVAL ? "not a name and not an id"
					  : NULL);
	}
	h->has_user = 1;
	if (geteuid() != 0 &&
	    (h->user.uid != geteuid() || h->user.gid != getegid())) {
		errno = EPERM;
		return daemon_fault_set(f, user != NULL ? "user" : "group",
		    user != NULL ? user : group, "only root can change it");
	}
	return 0;
}

static uid_t
owner(const struct daemon_held *h)
{
	return h->has_user ? h->user.uid : (uid_t)-1;
}

static int
hold_pidfile(
    struct daemon_held *h, struct daemon_rival *rival, struct daemon_fault *f)
{
	const struct daemon_definition *d = h->d;
	struct daemon_pidfile_found found;

	if (d->pidfile == NULL)
		return 0;
	if (daemon_walk_trusted(
		&h->pid_dir, owner(h), "pidfile", d->pidfile, f) == -1)
		return -1;
	if (daemon_pidfile_look(&found, h->pid_dir.fd, h->pid_base, owner(h),
		d->pidfile, f) == -1)
		return -1;
	if (found.pid > 0 && daemon_stranger_matches(&found, d->command)) {
		rival->pid = found.pid;
		errno = EEXIST;
		return daemon_fault_set(f, "start", d->pidfile,
		    "already running, pid %ld, not started by us",
		    (long)found.pid);
	}
	if (daemon_definition_in_place(d))
		return 0; /* written under its own lock */
	if (found.exists && unlinkat(h->pid_dir.fd, h->pid_base, 0) == -1 &&
	    errno != ENOENT)
		return daemon_fault_set(f, "pidfile", d->pidfile, NULL);
	h->pid_fd = daemon_pidfile_prepare(h->pid_dir.fd);
	if (h->pid_fd == -1 && errno != EOPNOTSUPP)
		return daemon_fault_set(f, "pidfile", d->pidfile, NULL);
	return 0;
}

static int
hold_environment(struct daemon_held *h, struct daemon_fault *f)
{
	struct daemon_list files = { 0 };
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < h->d->env_files.n; i++)
		r = daemon_envfile_read(&files, h->d->env_files.v[i], f);
	if (r == 0) {
		r = daemon_environment_build(&h->env, &h->d->env,
		    h->d->user != NULL ? &h->user : NULL, &files, &h->d->set);
		if (r == -1)
			(void)daemon_fault_set(f, "environment", NULL, NULL);
	}
	daemon_list_clear(&files);
	return r;
}

/* Where the command may be: itself, or in each directory of PATH. */
static int
hold_paths(struct daemon_held *h, struct daemon_fault *f)
{
	const char *command = h->d->command, *p;
	int r = 0;
	size_t n, i;

	if (strchr(command, '/') != NULL) {
		r = daemon_list_add(&h->paths, command);
	} else {
		p = daemon_environment_get(&h->env, "PATH");
		if (p == NULL)
			p = "/usr/bin:/bin:/usr/sbin:/sbin";
		for (; r == 0; p += n + 1) {
			n = strcspn(p, ":");
			/* Relative ones would be looked up in the new
			 * working directory: nobody means that. */
			if (n > 0 && *p == '/')
				r = daemon_list_addf(
				    &h->paths, "%.*s/%s", (int)n, p, command);
			if (p[n] == '\0')
				break;
		}
	}
	if (r == 0)
		r = daemon_list_add(&h->script, "/bin/sh");
	if (r == 0)
		r = daemon_list_add(&h->script, command);
	for (i = 1; r == 0 && i < h->d->argv.n; i++)
		r = daemon_list_add(&h->script, h->d->argv.v[i]);
	return r == -1 ? daemon_fault_set(f, "exec", command, NULL) : 0;
}

static int
hold_keep(struct daemon_held *h, struct daemon_fault *f)
{
	size_t i;
	int fd, flags;

	h->keep = calloc(h->d->keep.n + 1, sizeof *h->keep);
	if (h->keep == NULL)
		return daemon_fault_set(f, "keep-fd", NULL, NULL);
	for (i = 0; i < h->d->keep.n; i++) {
		fd = atoi(h->d->keep.v[i]);
		/* What we were called with survived an exec; what is closed
		 * by one is ours, and nobody else's business. */
		flags = fcntl(fd, F_GETFD);
		if (flags == -1 || (flags & FD_CLOEXEC) != 0)
			return daemon_fault_set(
			    f, "keep-fd", h->d->keep.v[i], "is not open");
		h->keep[h->nkeep++] = fd;
	}
	if (h->lock_fd != -1)
		h->keep[h->nkeep++] = h->lock_fd;
	return 0;
}

/* The definition goes to disk now; who it is, when the daemon knows. */
static int
hold_record(struct daemon_held *h, struct daemon_fault *f)
{
	struct daemon_status st = { 0 };
	int r;

	if (h->here != NULL)
		h->id = *h->here;
	else if (daemon_identity_here(&h->id) == -1)
		return daemon_fault_set(f, "record", h->d->name, NULL);
	if (h->d->name == NULL)
		return 0;
	if (h->carry != NULL)
		st = *h->carry;
	else if (daemon_hold_definition(h, f) == -1)
		return -1;
	st.started = st.since = daemon_clock_wall();
	st.state =
	    h->d->ready_ms >= 0 ? DAEMON_STATE_STARTING : DAEMON_STATE_READY;
	r = daemon_record_public(&h->record, h->d, &st);
	return r == -1 ? daemon_fault_set(f, "record", h->d->name, NULL) : 0;
}

int
daemon_hold_definition(struct daemon_held *h, struct daemon_fault *f)
{
	struct daemon_bytes b = { 0 };
	int r;

	r = daemon_claim_take(h);
	if (r == 0)
		r = daemon_record_state(&b, h->d);
	if (r == 0)
		r = daemon_record_write(
		    h->service.dir, DAEMON_RECORD_STATE, b.p, b.n, "", 0);
	if (r == -1)
		(void)daemon_fault_set(f, "record", h->d->name, NULL);
	daemon_bytes_clear(&b);
	return r;
}

/* What everything else stands on. */
static int
hold_name(struct daemon_held *h, const struct daemon_rundirs *dirs,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	const struct daemon_definition *d = h->d;

	*rival = (struct daemon_rival){ 0 };
	stop_timers();
	raise_fsize(h);
	if (hold_null(h, f) == -1 ||
	    (d->pidfile != NULL &&
		daemon_walk_to_parent(
		    &h->pid_dir, d->pidfile, &h->pid_base, "pidfile", f) == -1))
		return -1;
	return daemon_claim(h, dirs, rival, f);
}

int
daemon_hold_alone(struct daemon_held *h, struct daemon_fault *f)
{
	stop_timers();
	if (hold_null(h, f) == -1) {
		daemon_held_release(h, 0);
		return -1;
	}
	daemon_caller_quiet(h);
	h->quiet = 1;
	return 0;
}

int
daemon_hold_name(struct daemon_held *h, const struct daemon_rundirs *dirs,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	int saved;

	if (hold_name(h, dirs, rival, f) == -1) {
		saved = errno;
		daemon_held_release(h, 1);
		errno = saved;
		return -1;
	}
	daemon_caller_quiet(h);
	h->quiet = 1;
	return 0;
}

int
daemon_hold(struct daemon_held *h, const struct daemon_rundirs *dirs,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	int saved;

	if (hold_name(h, dirs, rival, f) == -1 || hold_user(h, f) == -1 ||
	    daemon_hold_lockfile(h, owner(h), rival, f) == -1 ||
	    hold_pidfile(h, rival, f) == -1 || hold_environment(h, f) == -1 ||
	    hold_paths(h, f) == -1 || hold_keep(h, f) == -1)
		goto fail;
	/* From here on files are made: a signal must not leave one behind. */
	daemon_caller_quiet(h);
	h->quiet = 1;
	if (daemon_hold_outputs(h, f) == -1 || hold_record(h, f) == -1)
		goto fail;
	return 0;
fail:
	saved = errno;
	daemon_held_release(h, 1);
	errno = saved;
	return -1;
}

static void
shut(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

void
daemon_held_keep_service(struct daemon_held *h)
{
	shut(&h->null_fd);
	shut(&h->rundir);
}

void
daemon_held_release(struct daemon_held *h, int undo)
{
	if (undo) {
		daemon_outputs_undo(h);
		daemon_claim_drop(h);
	}
	shut(&h->out.fd);
	shut(&h->err.fd);
	shut(&h->in_fd);
	shut(&h->null_fd);
	shut(&h->lock_fd);
	shut(&h->pid_fd);
	shut(&h->pid_dir.fd);
	daemon_service_close(&h->alias);
	daemon_service_close(&h->service);
	shut(&h->rundir);
	daemon_user_clear(&h->user);
	daemon_list_clear(&h->env);
	daemon_list_clear(&h->paths);
	daemon_list_clear(&h->script);
	daemon_bytes_clear(&h->record);
	free(h->keep);
	h->keep = NULL;
	if (h->quiet)
		daemon_caller_restore(h);
}
