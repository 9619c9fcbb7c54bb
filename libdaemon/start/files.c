/* SPDX-License-Identifier: ISC */
/*
 * Lock file, input and output of the command, opened before detaching and
 * with as much suspicion as their directories deserve.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../identity/proc.h"
#include "asuser.h"
#include "files.h"

static const char *
last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

int
daemon_stranger_matches(
    const struct daemon_pidfile_found *found, const char *command)
{
	struct daemon_proc_view v;
	int match;

	if (found->pid == getpid() || found->pid == getppid() ||
	    daemon_proc_view(&v, found->pid) == -1)
		return 0;
	/* The file was written by a process that lived already; allow for
	 * the clock's tick. */
	match = v.started_ms <= found->mtime_ms + 1000 &&
	    (strcmp(last(v.argv[0]), last(command)) == 0 ||
		strcmp(last(v.argv[1]), last(command)) == 0 ||
		strcmp(last(v.exe), last(command)) == 0);
	return match;
}

void
daemon_spell_lockfile(struct daemon_definition *d)
{
	struct daemon_walk p, l;
	const char *pbase, *lbase;
	char *same = NULL;

	if (d->pidfile == NULL || d->lockfile == NULL ||
	    daemon_walk_to_parent(&p, d->pidfile, &pbase, "", NULL) == -1)
		return;
	if (daemon_walk_to_parent(&l, d->lockfile, &lbase, "", NULL) == 0) {
		if (strcmp(p.path, l.path) == 0 && strcmp(pbase, lbase) == 0)
			same = strdup(d->pidfile);
		(void)close(l.fd);
	}
	(void)close(p.fd);
	if (same == NULL)
		return;
	free(d->lockfile);
	d->lockfile = same;
}

int
daemon_open_lockfile(struct daemon_held *h, const char *path, uid_t owner,
    struct daemon_fault *f)
{
	struct daemon_walk w;
	const char *base;
	struct stat st;
	int r;

	if (daemon_walk_to_parent(&w, path, &base, "lock", f) == -1)
		return -1;
	r = daemon_walk_trusted(&w, owner, "lock", path, f);
	if (r == 0) {
		h->lock_fd = openat(w.fd, base,
		    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			O_CLOEXEC,
		    0600);
		if (h->lock_fd == -1)
			r = daemon_fault_set(f, "lock", path,
			    errno == ELOOP ? "is a symbolic link" : NULL);
	}
	(void)close(w.fd);
	if (r == -1)
		return -1;
	if (fstat(h->lock_fd, &st) == -1)
		return daemon_fault_set(f, "lock", path, NULL);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1) {
		errno = EINVAL;
		return daemon_fault_set(f, "lock", path,
		    S_ISREG(st.st_mode) ? "has more than one name (hard link)"
					: "is not a regular file");
	}
	/* Who owns it may hold it for ever. */
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != owner) {
		errno = EPERM;
		return daemon_fault_set(
		    f, "lock", path, "belongs to uid %u", (unsigned)st.st_uid);
	}
	/* Just made, under a umask that leaves not even that. */
	if (st.st_size == 0 && st.st_uid == geteuid() &&
	    (st.st_mode & 0777) < 0600)
		(void)fchmod(h->lock_fd, 0600);
	return 0;
}

int
daemon_hold_lockfile(struct daemon_held *h, uid_t owner,
    struct daemon_rival *rival, struct daemon_fault *f)
{
	const char *path = h->d->lockfile;
	char text[DAEMON_PID_TEXT_MAX];
	ssize_t n;

	if (path == NULL)
		return 0;
	if (daemon_open_lockfile(h, path, owner, f) == -1)
		return -1;
	if (flock(h->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return daemon_fault_set(f, "lock", path, NULL);
	n = pread(h->lock_fd, text, sizeof text, 0);
	if (n > 0)
		rival->pid = daemon_pid_parse(text, (size_t)n);
	errno = EEXIST;
	if (rival->pid > 0)
		return daemon_fault_set(f, "start", path,
		    "already running, pid %ld", (long)rival->pid);
	rival->pid = 0;
	return daemon_fault_set(
	    f, "start", path, "already running: somebody holds the lock");
}

static int
open_output(const char *path, int append, struct daemon_output *o,
    const struct daemon_held *h)
{
	int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
	    (append ? O_APPEND : 0);

	o->fd = daemon_open_as(h, path, flags, 0640, &o->created);
	return o->fd == -1 ? -1 : 0;
}

/* O_NONBLOCK was ours, so that a FIFO without its other end does not hang us;
 * the command expects to be able to wait. */
static int
settle(struct daemon_output *o)
{
	struct stat st;
	int flags = fcntl(o->fd, F_GETFL);

	if (flags == -1 || fcntl(o->fd, F_SETFL, flags & ~O_NONBLOCK) == -1)
		return -1;
	if (fstat(o->fd, &st) == -1)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	o->start = S_ISREG(st.st_mode) ? st.st_size : 0;
	return 0;
}

/* Why path could not be opened, in more than errno's words. */
static int
refused(struct daemon_fault *f, const char *step, const char *path)
{
	const char *why = NULL;

	if (errno == ENXIO)
		why = "a FIFO nobody reads";
	else if (errno == ELOOP)
		why = "is a symbolic link that somebody else may have put "
		      "there";
	else if (errno == EPERM)
		why = "is, or is reached over, somebody else's";
	else if (errno == EMLINK)
		why = "has more than one name (hard link), in a directory of "
		      "somebody else's";
	return daemon_fault_set(f, step, path, why != NULL ? "%s" : NULL, why);
}

static int
hold_output(struct daemon_held *h, const char *step, const char *path,
    struct daemon_output *o, struct daemon_fault *f)
{
	if (path == NULL)
		return 0;
	if (open_output(path, !h->d->truncate, o, h) == -1 || settle(o) == -1)
		return refused(f, step, path);
	return 0;
}

/* Ours again, so that its flags are nobody else's, and for both ends, so that
 * no reader's death breaks it. */
static int
open_again(int fd)
{
	char name[DAEMON_AT_NAME];
	int again;

	again = open(daemon_at_name(fd, name), O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return again != -1 ? again : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* It is the command's user's, who may open it as /dev/stdout. */
static int
hold_pipe(struct daemon_held *h, int fd, struct daemon_output *o,
    struct daemon_fault *f)
{
	o->fd = open_again(fd);
	return o->fd == -1 || settle(o) == -1 ||
		(h->has_user && fchown(o->fd, h->user.uid, h->user.gid) == -1)
	    ? daemon_fault_set(f, "log", h->d->out, NULL)
	    : 0;
}

/* The log is the keeper's; but that it can be had is seen at the start. */
static int
hold_pipes(struct daemon_held *h, struct daemon_fault *f)
{
	if (h->first && h->d->out != NULL &&
	    hold_output(h, "log", h->d->out, &h->log, f) == -1)
		return -1;
	if (hold_pipe(h, h->pipe[0], &h->out, f) == -1)
		return -1;
	if (h->pipe[1] != -1)
		return hold_pipe(h, h->pipe[1], &h->err, f);
	h->err.fd = fcntl(h->out.fd, F_DUPFD_CLOEXEC, 3);
	return h->err.fd == -1 ? daemon_fault_set(f, "log", h->d->out, NULL)
			       : 0;
}

int
daemon_hold_outputs(struct daemon_held *h, struct daemon_fault *f)
{
	const struct daemon_definition *d = h->d;
	struct daemon_output in = { .fd = -1 };

	if (d->in != NULL) {
		in.fd = daemon_open_as(h, d->in,
		    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0,
		    &in.created);
		h->in_fd = in.fd;
		if (in.fd == -1 || settle(&in) == -1)
			return refused(f, "stdin", d->in);
	}
	if (h->pipe[0] != -1)
		return hold_pipes(h, f);
	if (hold_output(h, "stdout", d->out, &h->out, f) == -1)
		return -1;
	if (d->out == NULL || d->err == NULL || strcmp(d->out, d->err) != 0)
		return hold_output(h, "stderr", d->err, &h->err, f);
	/* One file, one offset: neither may overwrite the other's lines. */
	h->err.fd = fcntl(h->out.fd, F_DUPFD_CLOEXEC, 3);
	h->err.start = h->out.start;
	return h->err.fd == -1 ? daemon_fault_set(f, "stderr", d->err, NULL)
			       : 0;
}

static void
undo(const struct daemon_output *o, const char *path)
{
	struct stat a, b;

	if (o->fd != -1 && o->created && fstat(o->fd, &a) == 0 &&
	    a.st_size == 0 && lstat(path, &b) == 0 && a.st_ino == b.st_ino &&
	    a.st_dev == b.st_dev)
		(void)unlink(path);
}

void
daemon_outputs_undo(struct daemon_held *h)
{
	undo(&h->out, h->d->out);
	undo(&h->err, h->d->err);
	undo(&h->log, h->d->out);
}
