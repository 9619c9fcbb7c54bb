/* SPDX-License-Identifier: ISC */
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../identity/process.h"
#include "foreign.h"
#include "notified.h"

enum {
	DESCRIPTORS = 253, /* SCM_MAX_FD */
	DEPTH = 64, /* of a family tree */
	DROPS = 64 /* in a row: who sends without end is not waited for */
};

/* May somebody else search it, and the directories above? */
static int
is_open(int dir)
{
	char up[PATH_MAX] = ".";
	struct stat here = { .st_ino = 0 }, above;

	while (strlen(up) + sizeof "/.." <= sizeof up) {
		if (fstatat(dir, up, &above, 0) == -1 ||
		    (above.st_mode & 01) == 0)
			return 0;
		if (above.st_ino == here.st_ino && above.st_dev == here.st_dev)
			return 1;
		here = above;
		(void)strcat(up, "/..");
	}
	return 0;
}

/* The path of dir, if the command can use it. */
static int
find_path(struct daemon_notified *n, int dir, const struct daemon_definition *d)
{
	const size_t room = sizeof((struct sockaddr_un *)0)->sun_path;
	ssize_t len;

	if (dir == -1 || d->root != NULL ||
	    ((d->user != NULL || d->group != NULL) && !is_open(dir)))
		return -1;
	len = daemon_at_path(dir, n->path, room);
	if (len <= 0 || n->path[0] != '/' ||
	    (size_t)len + sizeof "/notify" > room)
		return -1;
	(void)strcpy(n->path + len, "/notify");
	return 0;
}

static int
bind_abstract(const struct daemon_notified *n)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const size_t len = strlen(n->path);

	(void)memcpy(a.sun_path + 1, n->path + 1, len - 1);
	return bind(n->fd, (const struct sockaddr *)&a,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

/* By its mark, so that whoever takes the command over is found by it; that name
 * is anybody's, who may have taken it. */
static int
bind_somewhere(struct daemon_notified *n, const struct daemon_definition *d)
{
	const int room = sizeof((struct sockaddr_un *)0)->sun_path;
	unsigned long long random[2];

	if (d->mark != NULL &&
	    snprintf(n->path, sizeof n->path, "@daemonize/%s", d->mark) <
		room &&
	    bind_abstract(n) == 0)
		return 0;
	n->lost = 1;
	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		return -1;
	(void)snprintf(n->path, sizeof n->path, "@daemonize/%016llx%016llx",
	    random[0], random[1]);
	return bind_abstract(n);
}

int
daemon_notified_open(
    struct daemon_notified *n, int dir, const struct daemon_definition *d)
{
	int on = 1, r;

	n->dropped = 0;
	n->lost = 0;
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->fd == -1)
		return -1;
	r = setsockopt(n->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	if (r == 0)
		r = find_path(n, dir, d) == 0
		    ? daemon_at_bind(dir, "notify", n->fd, 0600)
		    : bind_somewhere(n, d);
	if (r == -1) {
		(void)close(n->fd);
		n->fd = -1;
	}
	return r;
}

void
daemon_notified_rename(struct daemon_notified *n, int dir, uid_t uid)
{
	int on = 1, fd;

	if (n->path[0] != '/')
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == -1 ||
	    daemon_at_bind(dir, "notify", fd, 0600) == -1) {
		(void)close(fd);
		return;
	}
	daemon_foreign_close(&n->fd, 1);
	n->fd = fd;
	(void)daemon_notified_give(n, dir, uid);
}

int
daemon_notified_reopen(struct daemon_notified *n, int fd, int dir,
    const struct daemon_definition *d)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t len = sizeof a;

	n->dropped = 0;
	n->fd = fd;
	if (getsockname(fd, (struct sockaddr *)&a, &len) == -1)
		return -1;
	if (a.sun_path[0] != '\0')
		return find_path(n, dir, d);
	len -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
	n->path[0] = '@';
	(void)memcpy(n->path + 1, a.sun_path + 1, len - 1);
	n->path[len] = '\0';
	return 0;
}

void
daemon_notified_close(struct daemon_notified *n, int dir)
{
	if (n->fd == -1)
		return;
	if (n->path[0] == '/')
		(void)unlinkat(dir, "notify", 0);
	/* With all that nobody has heard, and what came with it. */
	daemon_foreign_close(&n->fd, 1);
	n->fd = -1;
}

int
daemon_notified_legacy(const struct daemon_notified *n)
{
	return n->lost ? -1 : n->fd;
}

/* Nobody but us can put anything in its place. */
int
daemon_notified_give(const struct daemon_notified *n, int dir, uid_t uid)
{
	if (n->fd == -1 || n->path[0] != '/' || (uid == geteuid() && uid != 0))
		return 0;
	/* Who begins as root may become anybody before it is ready. */
	if (uid == 0)
		return fchmodat(dir, "notify", 0666, 0);
	return fchownat(dir, "notify", uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW);
}

enum daemon_kin
daemon_notified_kin(pid_t pid, pid_t main)
{
	struct daemon_process_stat st;
	int depth;

	if (pid == main)
		return DAEMON_KIN_ITS;
	for (depth = 0; depth < DEPTH && pid > 1; depth++) {
		if (daemon_process_stat(pid, &st) == -1)
			break;
		if (main != 0 && st.ppid == main)
			return DAEMON_KIN_ITS;
		if (st.ppid == getpid())
			return DAEMON_KIN_OURS;
		pid = st.ppid;
	}
	return DAEMON_KIN_NONE;
}

/* musl's macro mixes signs. */
static struct cmsghdr *
next_header(struct msghdr *m, struct cmsghdr *c)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
	return CMSG_NXTHDR(m, c);
#pragma GCC diagnostic pop
}

/* What came with a datagram. */
struct luggage {
	struct ucred from;
	int known; /* who sent it */
	int fd[DESCRIPTORS];
	size_t n;
};

static void
unpack(struct luggage *l, struct msghdr *m)
{
	struct cmsghdr *c;
	size_t bytes;

	l->known = 0;
	l->n = 0;
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = next_header(m, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS) {
			(void)memcpy(&l->from, CMSG_DATA(c), sizeof l->from);
			l->known = 1;
		}
		if (c->cmsg_type != SCM_RIGHTS)
			continue;
		bytes = c->cmsg_len - CMSG_LEN(0);
		(void)memcpy(l->fd, CMSG_DATA(c), bytes);
		l->n = bytes / sizeof l->fd[0];
	}
}

/* All of it is somewhere afterwards. */
static void
put_away(const struct luggage *l, const struct daemon_notice *notice,
    struct daemon_store *store)
{
	size_t i;

	if (notice == NULL || !notice->store)
		daemon_foreign_close(l->fd, l->n);
	else
		for (i = 0; i < l->n; i++)
			daemon_store_add(store, l->fd[i], notice->name);
	if (notice != NULL && notice->forget)
		daemon_store_remove(store, notice->name);
}

static int
is_empty(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) <= 0;
}

/* One datagram, into text: its length; -1: there is none now. */
static ssize_t
receive(const struct daemon_notified *n, char text[DAEMON_NOTICE_MAX],
    struct luggage *l)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct ucred)) +
		    CMSG_SPACE(DESCRIPTORS * sizeof(int))];
	} control;
	struct iovec iov = { text, DAEMON_NOTICE_MAX };
	struct msghdr m;
	ssize_t len;

	do {
		m = (struct msghdr){ .msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof control };
		daemon_foreign_begin();
		len = recvmsg(
		    n->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
		daemon_foreign_end();
	} while (len == -1 && errno == EINTR);
	if (len == -1)
		return -1;
	unpack(l, &m);
	if (len > DAEMON_NOTICE_MAX || (m.msg_flags & MSG_CTRUNC) != 0)
		l->known = 0; /* nor what it says */
	return len;
}

static int
is_heard(const struct daemon_hearing *who, const struct luggage *l)
{
	return who->main != 0 && l->known &&
	    (l->from.pid == who->main ||
		((l->from.uid == 0 || l->from.uid == who->uid) &&
		    who->is_kin(who->arg, l->from.pid)));
}

int
daemon_notified_take(struct daemon_notified *n,
    const struct daemon_hearing *who, struct daemon_notice *notice,
    struct daemon_store *store)
{
	char text[DAEMON_NOTICE_MAX];
	struct luggage l;
	ssize_t len;
	int drops;

	if (is_empty(n->fd))
		return 0;
	for (drops = 0; drops < DROPS; drops++) {
		len = receive(n, text, &l);
		if (len == -1)
			return 0;
		if (is_heard(who, &l)) {
			daemon_notice_parse(notice, text, (size_t)len);
			put_away(&l, notice, store);
			return 1;
		}
		put_away(&l, NULL, store);
		n->dropped += who->main != 0;
	}
	return 0;
}
