/* SPDX-License-Identifier: ISC */
/*
 * A file in a directory somebody else controls is opened with his rights,
 * not ours: a link he puts there then leads nowhere he could not go.
 */
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "asuser.h"

struct answer {
	int error;
	int created;
};

static int
open_made(int dir, const char *path, int flags, mode_t mode, int *created)
{
	int fd;

	*created = 0;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return openat(dir, path, flags);
	fd = openat(dir, path, flags | O_CREAT | O_EXCL, mode);
	if (fd != -1)
		*created = 1;
	else if (errno == EEXIST)
		fd = openat(dir, path, flags, mode);
	if (fd == -1 && errno == ENOENT) /* a dangling link is followed */
		fd = openat(dir, path, flags | O_CREAT, mode);
	return fd;
}

static int
send_fd(int sock, int fd, const struct answer *a)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)a, sizeof *a };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (fd != -1) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof control.room;
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		(void)memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	return sendmsg(sock, &m, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

static int
receive_fd(int sock, struct answer *a)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { a, sizeof *a };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof control.room };
	struct cmsghdr *c;
	ssize_t n;
	int fd = -1;

	do
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)sizeof *a) {
		errno = n == -1 ? errno : EIO;
		return -1;
	}
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS)
		(void)memcpy(&fd, CMSG_DATA(c), sizeof fd);
	if (fd == -1)
		errno = a->error != 0 ? a->error : EIO;
	return fd;
}

/* The user may stop the child that runs as he, or have a file system of his
 * own that never answers: we can be told to give up. */
static int
wait_for_answer(int sock, const sigset_t *undoing)
{
	struct pollfd p[2] = { { .fd = sock, .events = POLLIN },
		{ .fd = signalfd(-1, undoing, SFD_CLOEXEC),
		    .events = POLLIN } };
	int r;

	do
		r = poll(p, 2, -1);
	while (r == -1 && errno == EINTR);
	if (p[1].fd != -1)
		(void)close(p[1].fd);
	if (r == -1 || p[0].revents != 0)
		return r == -1 ? -1 : 0;
	errno = EINTR;
	return -1;
}

static int
open_in_child(const struct daemon_held *h, const char *path, int flags,
    mode_t mode, int *created)
{
	struct answer a = { 0 };
	int sock[2], fd = -1, saved;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sock) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		if (daemon_user_drop(&h->user) == 0)
			fd = open_made(AT_FDCWD, path, flags, mode, &a.created);
		a.error = fd == -1 ? errno : 0;
		_exit(send_fd(sock[1], fd, &a) == -1);
	}
	saved = errno;
	(void)close(sock[1]);
	errno = saved;
	if (pid != -1) {
		if (wait_for_answer(sock[0], &h->undoing) == 0)
			fd = receive_fd(sock[0], &a);
		saved = errno;
		(void)kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
			continue;
		errno = saved;
	}
	saved = errno;
	(void)close(sock[0]);
	errno = saved;
	*created = a.created;
	return fd;
}

/* Where anybody may put a name (/tmp), only a plain file of root's, ours or
 * the user's will do, and no link. */
static int
open_among_others(const struct daemon_held *h, const char *path, int flags,
    mode_t mode, int *created)
{
	struct stat st;
	int fd = open_made(AT_FDCWD, path, flags | O_NOFOLLOW, mode, created);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && (st.st_nlink == 1 || !S_ISREG(st.st_mode)) &&
	    (st.st_uid == 0 || st.st_uid == geteuid() ||
		(h->has_user && st.st_uid == h->user.uid)))
		return fd;
	(void)close(fd);
	errno = EPERM;
	return -1;
}

/* Root's, who has no other user to do it as, in a directory of somebody
 * else's: what lies there, and no link to what lies elsewhere. */
static int
open_among_theirs(const char *path, int flags, mode_t mode, int *created)
{
	struct daemon_walk w;
	const char *base;
	struct stat st;
	int fd;

	if (daemon_walk_to_parent(&w, path, &base, "", NULL) == -1)
		return -1; /* over a link of theirs, say */
	fd = open_made(w.fd, base, flags | O_NOFOLLOW, mode, created);
	(void)close(w.fd);
	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) ||
	    st.st_nlink == 1)
		return fd;
	(void)close(fd);
	errno = EMLINK;
	return -1;
}

enum place { OURS, SHARED, THEIRS };

/* Who can put a name into the directory of path? */
static enum place
place(const char *path)
{
	struct daemon_walk w;
	struct stat st;
	const char *base;
	enum place p;

	if (daemon_walk_to_parent(&w, path, &base, "", NULL) == -1)
		return THEIRS;
	if (w.foreign != (uid_t)-1 || fstat(w.fd, &st) == -1)
		p = THEIRS;
	else
		p = (st.st_mode & 022) != 0 ? SHARED : OURS;
	(void)close(w.fd);
	return p;
}

static int
open_where(const struct daemon_held *h, const char *path, int flags,
    mode_t mode, int *created)
{
	switch (place(path)) {
	case OURS: return open_made(AT_FDCWD, path, flags, mode, created);
	case SHARED: return open_among_others(h, path, flags, mode, created);
	case THEIRS: break;
	}
	if (geteuid() == 0 && (!h->has_user || h->user.uid == 0))
		return open_among_theirs(path, flags, mode, created);
	if (!h->has_user || h->user.uid == geteuid())
		return open_made(AT_FDCWD, path, flags, mode, created);
	return open_in_child(h, path, flags, mode, created);
}

/* What is made is the user's, who can open it again then: as /dev/stdout, or
 * rotated.  A file system without owners has none to give it to. */
int
daemon_open_as(const struct daemon_held *h, const char *path, int flags,
    mode_t mode, int *created)
{
	int fd = open_where(h, path, flags, mode, created);

	if (fd != -1 && *created && h->has_user && geteuid() == 0)
		(void)!fchown(fd, h->user.uid, h->user.gid);
	return fd;
}

static int
do_in_child(const struct daemon_held *h, const char *path,
    int (*what)(const char *path, void *arg), void *arg)
{
	int status = 0;
	pid_t pid, r, self = getpid();

	pid = fork();
	if (pid == 0) {
		/* It does nothing on its own: to become another forgets that. */
		if (daemon_user_drop(&h->user) == -1 ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
			_exit(errno);
		if (getppid() != self || what(path, arg) == -1)
			_exit(errno);
		_exit(0);
	}
	if (pid == -1)
		return -1;
	do
		r = waitpid(pid, &status, 0);
	while (r == -1 && errno == EINTR);
	if (r != -1 && status == 0)
		return 0;
	errno = r != -1 && WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
	return -1;
}

int
daemon_do_as(const struct daemon_held *h, const char *path,
    int (*what)(const char *path, void *arg), void *arg)
{
	return h->has_user && h->user.uid != geteuid() && place(path) == THEIRS
	    ? do_in_child(h, path, what, arg)
	    : what(path, arg);
}
