/* SPDX-License-Identifier: ISC */
/*
 * Everything that can be wrong with the options is found here, while the
 * caller can still be told: names become ids, paths become descriptors, the
 * pidfile is locked.  Nothing of the process is changed, except that closed
 * 0-2 are filled meanwhile, so that no file of ours takes their numbers.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../decimal.h"
#include "../identity/walk.h"
#include "../notify.h"
#include "../ready/listen.h"
#include "../ready/newline.h"
#include "../step.h"
#include "asuser.h"
#include "foreground.h"
#include "init_hold.h"

static const char *const streams[3] = { "stdin", "stdout", "stderr" };

/* Not only before a fork: closing descriptors under a running thread is as
 * bad. */
static int
check_threads(struct daemon_init *d)
{
	d->step = "fork";
	if (daemon_threads_count() > 1) {
		errno = EBUSY;
		return -1;
	}
	return 0;
}

static int
plug_stdio(struct daemon_init *d)
{
	int fd;

	for (fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) != -1)
			continue;
		d->step = "stdio";
		d->object = "/dev/null";
		if (open("/dev/null", O_RDWR) == -1)
			return -1;
		d->plugged |= 1u << fd;
	}
	return 0;
}

static int
read_umask(struct daemon_init *d)
{
	const char *s = d->o->umask != NULL ? d->o->umask : "022";
	long long mask;

	d->step = "umask";
	d->object = s;
	if (s[0] == '\0')
		return 0;
	if (daemon_mask_read(&mask, s) == -1)
		return -1;
	d->umask = (mode_t)mask;
	d->has_umask = 1;
	return 0;
}

static int
find_user(struct daemon_init *d)
{
	const struct daemon_options *o = d->o;

	if (o->user == NULL && o->group == NULL)
		return 0;
	d->step = "user";
	d->object = o->user;
	if (daemon_user_find(&d->user, o->user, o->group) == 0) {
		d->has_user = 1;
		return 0;
	}
	if (o->group != NULL && (errno == ESRCH || o->user == NULL)) {
		d->step = "group";
		d->object = o->group;
	}
	return -1;
}

/* Relative paths are meant from where the caller is. */
static char *
absolute(const char *path)
{
	char *cwd, *out;

	if (path[0] == '/' || path[0] == '\0')
		return strdup(path);
	cwd = getcwd(NULL, 0);
	if (cwd == NULL)
		return NULL;
	if (asprintf(&out, "%s/%s", strcmp(cwd, "/") != 0 ? cwd : "", path) ==
	    -1)
		out = NULL;
	free(cwd);
	return out;
}

static int
open_null(int fd)
{
	struct stat st;
	int null = open(
	    "/dev/null", fd == 0 ? O_RDONLY | O_CLOEXEC : O_WRONLY | O_CLOEXEC);

	if (null == -1 || (fstat(null, &st) == 0 && S_ISCHR(st.st_mode)))
		return null;
	(void)close(null);
	errno = ENODEV;
	return -1;
}

/*
 * O_NONBLOCK, so that a FIFO nobody reads is an error, and one nobody writes
 * to no hang; the daemon expects a descriptor that waits.
 */
static int
open_path(struct daemon_init *d, int i, const char *path)
{
	struct daemon_held as = { .has_user = d->has_user, .user = d->user };
	int flags = O_NOCTTY | O_CLOEXEC | O_NONBLOCK, fd;

	flags |= i == 0 ? O_RDONLY : O_WRONLY | O_APPEND;
	fd = daemon_open_as(&as, path, flags, 0640, &d->created[i]);
	if (fd != -1)
		(void)fcntl(fd, F_SETFL, i > 0 ? O_APPEND : 0);
	return fd;
}

static int
open_stdio(struct daemon_init *d)
{
	const char *path[3] = { d->o->in, d->o->out, d->o->err };
	char *abs;
	int i, saved;

	for (i = 0; i < 3 && !d->foreground; i++) {
		d->step = streams[i];
		d->object = path[i] != NULL ? path[i] : "/dev/null";
		if (path[i] == NULL) {
			d->fd[i] = open_null(i);
		} else {
			abs = absolute(path[i]);
			if (abs == NULL)
				return -1;
			d->fd[i] = open_path(d, i, abs);
			saved = errno;
			free(abs);
			errno = saved;
		}
		if (d->fd[i] == -1)
			return -1;
	}
	return 0;
}

static int
open_pidfile(struct daemon_init *d)
{
	pid_t other = -1;

	if (d->o->pidfile == NULL)
		return 0;
	d->step = "pidfile";
	d->object = d->o->pidfile;
	d->pidpath = absolute(d->o->pidfile);
	if (d->pidpath == NULL)
		return -1;
	d->pidfile = daemon_pidfile_open(
	    d->pidpath, d->has_user ? d->user.uid : (uid_t)-1, &other);
	if (d->pidfile != NULL)
		return 0;
	if (errno == EEXIST && d->o->running != NULL)
		*d->o->running = other;
	return -1;
}

/* What must survive the closing: the caller's, what a manager gave us, and
 * room for ours (the report, 0-2, the pidfile's). */
static int
list_kept(struct daemon_init *d)
{
	size_t asked = 0, n;
	int listening, i;

	d->step = "descriptors";
	d->object = NULL;
	while (d->o->keep != NULL && d->o->keep[asked] != -1)
		asked++;
	listening = daemon_listen_count();
	if (listening < 0)
		listening = 0; /* daemon_listen_fds() will say it */
	n = asked + (size_t)listening + 8;
	d->keep = calloc(n, sizeof *d->keep);
	if (d->keep == NULL)
		return -1;
	while (d->nkeep < asked) {
		d->keep[d->nkeep] = d->o->keep[d->nkeep];
		d->nkeep++;
	}
	for (i = 0; i < listening; i++)
		d->keep[d->nkeep++] = DAEMON_LISTEN_FDS_START + i;
	i = daemon_newline_fd();
	if (i != -1)
		d->keep[d->nkeep++] = i;
	return 0;
}

int
daemon_init_hold(struct daemon_init *d, const struct daemon_options *o)
{
	struct daemon_foreground_facts facts;

	*d = (struct daemon_init){
		.o = o,
		.fd = { -1, -1, -1 },
		.report = { -1, -1 },
		.signals = -1,
	};
	daemon_foreground_gather(&facts, o->foreground);
	d->foreground = daemon_foreground_decide(&facts) != DAEMON_DETACH;
	if (check_threads(d) == -1 || plug_stdio(d) == -1 ||
	    read_umask(d) == -1 || find_user(d) == -1 || open_stdio(d) == -1 ||
	    open_pidfile(d) == -1 || list_kept(d) == -1)
		return -1;
	return 0;
}

/* A file we made and nobody wrote to. */
static void
remove_made(const struct daemon_init *d, int i)
{
	const char *path = i == 1 ? d->o->out : d->o->err;
	struct stat a, b;

	if (d->created[i] && d->fd[i] != -1 && fstat(d->fd[i], &a) == 0 &&
	    a.st_size == 0 && lstat(path, &b) == 0 && a.st_ino == b.st_ino &&
	    a.st_dev == b.st_dev)
		(void)unlink(path);
}

void
daemon_init_release(struct daemon_init *d, int undo)
{
	int i, saved = errno;

	for (i = 0; i < 3; i++) {
		if (undo && i > 0)
			remove_made(d, i);
		if (d->fd[i] != -1)
			(void)close(d->fd[i]);
		d->fd[i] = -1;
		if (undo && (d->plugged >> i & 1u) != 0)
			(void)close(i);
	}
	daemon_pidfile_close(d->pidfile);
	d->pidfile = NULL;
	free(d->pidpath);
	d->pidpath = NULL;
	free(d->keep);
	d->keep = NULL;
	daemon_user_clear(&d->user);
	errno = saved;
}
