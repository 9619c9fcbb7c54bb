/* SPDX-License-Identifier: ISC */
/*
 * The file of a pidfile: looked at with suspicion, published whole, removed
 * only while it is ours.
 *
 * It is made without a name (O_TMPFILE) and linked when complete, so that a
 * process killed at any instant leaves no temporary behind.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../decimal.h"
#include "pidtext.h"

static int
refuse(struct daemon_fault *f, const char *path, int error, const char *why)
{
	errno = error;
	return daemon_fault_set(f, "pidfile", path, "%s", why);
}

/* The text of the open file; what is too long is no pid. */
static ssize_t
load(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, buf + len, size - len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static int
check(struct daemon_pidfile_found *found, int fd, uid_t owner, const char *path,
    struct daemon_fault *f)
{
	char text[DAEMON_PID_TEXT_MAX];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == -1)
		return daemon_fault_set(f, "pidfile", path, NULL);
	if (!S_ISREG(st.st_mode))
		return refuse(f, path, EINVAL, "is not a regular file");
	if (st.st_nlink > 1) /* 0: removed since we opened it */
		return refuse(
		    f, path, EPERM, "has more than one name (hard link)");
	if (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != owner)
		return refuse(f, path, EPERM, "belongs to somebody else");
	if ((st.st_mode & 002) != 0)
		return refuse(f, path, EPERM, "can be written by everybody");
	n = load(fd, text, sizeof text);
	if (n == -1)
		return daemon_fault_set(f, "pidfile", path, NULL);
	found->pid = daemon_pid_parse(text, (size_t)n);
	if (found->pid == -1)
		return refuse(f, path, EINVAL,
		    "holds something other than a pid; move it away");
	found->exists = 1;
	found->uid = st.st_uid;
	found->dev = st.st_dev;
	found->ino = st.st_ino;
	found->mtime_ms =
	    (long long)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return 0;
}

int
daemon_pidfile_look(struct daemon_pidfile_found *found, int dir,
    const char *base, uid_t owner, const char *path, struct daemon_fault *f)
{
	int fd, r, saved;

	*found = (struct daemon_pidfile_found){ 0 };
	fd = openat(dir, base,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT)
			return 0;
		if (errno == ELOOP)
			return refuse(f, path, ELOOP, "is a symbolic link");
		if (errno == ENXIO)
			return refuse(f, path, EINVAL, "is not a regular file");
		return daemon_fault_set(f, "pidfile", path, NULL);
	}
	r = check(found, fd, owner, path, f);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return r;
}

int
daemon_pidfile_prepare(int dir)
{
	int fd = openat(dir, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);

	/* Old kernels take O_TMPFILE for O_DIRECTORY. */
	if (fd == -1 && (errno == EISDIR || errno == EINVAL || errno == ENOENT))
		errno = EOPNOTSUPP;
	return fd;
}

static int
fill(int fd, pid_t pid)
{
	char text[DAEMON_PID_TEXT_MAX];
	size_t len = daemon_pid_text(text, pid), done = 0;
	ssize_t n;

	while (done < len) {
		n = pwrite(fd, text + done, len - done, (off_t)done);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		done += (size_t)n;
	}
	return fchmod(fd, 0644);
}

/* Give the nameless file fd a name.  By its descriptor alone only root may,
 * before Linux 6.10; others go by /proc. */
static int
link_file(int fd, int dir, const char *base)
{
	char name[DAEMON_AT_NAME];

	if (linkat(fd, "", dir, base, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	return linkat(
	    AT_FDCWD, daemon_at_name(fd, name), dir, base, AT_SYMLINK_FOLLOW);
}

/* Where files cannot be made without a name: a hidden one, renamed. */
static int
publish_by_name(int dir, const char *base, pid_t pid)
{
	char new[NAME_MAX + 1];
	int fd, saved;

	if (strlen(base) + sizeof ".." + sizeof ".new" > sizeof new) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)stpcpy(stpcpy(stpcpy(new, "."), base), ".new");
	(void)unlinkat(dir, new, 0);
	fd = openat(dir, new,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd == -1)
		return -1;
	if (fill(fd, pid) == 0 && renameat(dir, new, dir, base) == 0)
		return close(fd);
	saved = errno;
	(void)close(fd);
	(void)unlinkat(dir, new, 0);
	errno = saved;
	return -1;
}

int
daemon_pidfile_publish(int dir, const char *base, int fd, pid_t pid)
{
	if (fd == -1)
		return publish_by_name(dir, base, pid);
	if (fill(fd, pid) == -1)
		return -1;
	if (link_file(fd, dir, base) == 0)
		return 0;
	/* A stale one lies there, or /proc is not mounted. */
	if (errno == EEXIST || errno == ENOENT)
		return publish_by_name(dir, base, pid);
	return -1;
}

/* 1: base is the file fd; 0: it is not, or not there; -1: cannot tell. */
static int
is_same(int dir, const char *base, int fd)
{
	struct stat a, b;

	if (fstat(fd, &a) == -1)
		return -1;
	if (fstatat(dir, base, &b, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT && a.st_nlink == 0 ? 0 : -1;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

void
daemon_pidfile_withdraw(int dir, const char *base, int fd)
{
	int tries, r;

	/* A disk that hiccups gets a second chance: nobody will come back
	 * for the file but the next start. */
	for (tries = 0; tries < 2; tries++) {
		r = is_same(dir, base, fd);
		if (r == 0 || (r == 1 && unlinkat(dir, base, 0) == 0))
			return;
	}
	if (ftruncate(fd, 0) == -1) /* at least it would name nobody */
		return;
}

/* A descriptor of base if it holds pid; -1/ESTALE if it holds another, or
 * -1/ENOENT. */
static int
open_ours(int dir, const char *base, int flags, pid_t pid)
{
	char text[DAEMON_PID_TEXT_MAX];
	struct stat st;
	ssize_t n;
	int fd, saved;

	fd = openat(
	    dir, base, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		/* A link, a FIFO, a directory: not what was written. */
		if (errno == ELOOP || errno == ENXIO || errno == EISDIR)
			errno = ESTALE;
		return -1;
	}
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		(void)close(fd);
		errno = ESTALE;
		return -1;
	}
	n = load(fd, text, sizeof text);
	if (n != -1 && daemon_pid_parse(text, (size_t)n) == pid)
		return fd;
	saved = n == -1 ? errno : ESTALE;
	(void)close(fd);
	errno = saved;
	return -1;
}

/* Not there: the one thing that matters after a removal, whatever was
 * reported of it. */
static int
is_gone(int dir, const char *base)
{
	struct stat st;
	int saved = errno, gone;

	gone = fstatat(dir, base, &st, AT_SYMLINK_NOFOLLOW) == -1 &&
	    errno == ENOENT;
	errno = saved;
	return gone;
}

int
daemon_pidfile_unlink(int dir, const char *base, pid_t pid)
{
	int fd = open_ours(dir, base, O_RDONLY, pid);

	if (fd != -1) {
		(void)close(fd);
		if (unlinkat(dir, base, 0) == 0)
			return 0;
	} else if (errno != ENOENT) {
		return -1;
	}
	return is_gone(dir, base) ? 0 : -1;
}

int
daemon_pidfile_empty(int dir, const char *base, pid_t pid)
{
	int fd = open_ours(dir, base, O_RDWR, pid), r;
	struct stat st;

	if (fd == -1)
		return errno == ENOENT ? 0 : -1;
	errno = ESTALE; /* of a file with two names, one is not ours */
	r = fstat(fd, &st) == 0 && st.st_nlink == 1 ? ftruncate(fd, 0) : -1;
	(void)close(fd);
	return r;
}
