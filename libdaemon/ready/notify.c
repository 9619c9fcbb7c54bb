/* SPDX-License-Identifier: ISC */
/*
 * sd_notify(3)'s protocol: one datagram to the socket in $NOTIFY_SOCKET.
 * The kernel tells the receiver who sent it; nothing of ours is needed for
 * that.  The barrier is a message with a descriptor that the receiver
 * closes when it has dealt with everything before it.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../notify.h"

/* 1 with *sun and *len filled, 0 if there is nobody to tell, -1/errno. */
static int
address(struct sockaddr_un *sun, socklen_t *len)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t n;

	if (path == NULL || path[0] == '\0')
		return 0;
	if (path[0] != '/' && path[0] != '@') {
		errno = EAFNOSUPPORT;
		return -1;
	}
	n = strlen(path);
	/* An abstract name is as long as we say; a path ends with a zero. */
	if (path[1] == '\0' || n + (path[0] == '/') > sizeof sun->sun_path) {
		errno = path[1] == '\0' ? EAFNOSUPPORT : ENAMETOOLONG;
		return -1;
	}
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)memcpy(sun->sun_path, path, n);
	if (path[0] == '@')
		sun->sun_path[0] = '\0';
	else
		n++;
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return 1;
}

/* fd goes along unless it is -1. */
static int
deliver(
    int sock, struct sockaddr_un *sun, socklen_t len, const char *state, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = {
		.iov_base = (void *)(uintptr_t)state,
		.iov_len = strlen(state),
	};
	struct msghdr m = {
		.msg_name = sun,
		.msg_namelen = len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	struct cmsghdr *c;
	ssize_t n;

	if (fd != -1) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof control.room;
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		(void)memcpy(CMSG_DATA(c), &fd, sizeof fd);
	}
	do
		n = sendmsg(sock, &m, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 1;
}

static int
tell(const char *state, int fd)
{
	struct sockaddr_un sun;
	socklen_t len;
	int sock, r, saved;

	r = address(&sun, &len);
	if (r != 1)
		return r;
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock == -1)
		return -1;
	r = deliver(sock, &sun, len, state, fd);
	saved = errno;
	(void)close(sock);
	errno = saved;
	return r;
}

int
daemon_notify(const char *state)
{
	if (state == NULL || state[0] == '\0') {
		errno = EINVAL;
		return -1;
	}
	return tell(state, -1);
}

/* 1 when no one holds the other end of fd any more. */
static int
wait_for_close(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	long long end = daemon_clock_steady() + timeout_ms;
	int left = timeout_ms, n;

	while ((n = poll(&p, 1, left)) == -1 && errno == EINTR)
		if (timeout_ms > 0) {
			left = (int)(end - daemon_clock_steady());
			if (left < 0)
				left = 0;
		}
	if (n == 0)
		errno = ETIMEDOUT;
	return n > 0 ? 1 : -1;
}

int
daemon_notify_barrier(int timeout_ms)
{
	int ends[2], r, saved;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return -1;
	r = tell("BARRIER=1", ends[1]);
	saved = errno;
	(void)close(ends[1]); /* the receiver's copy is now the last */
	errno = saved;
	if (r == 1)
		r = wait_for_close(ends[0], timeout_ms < 0 ? -1 : timeout_ms);
	saved = errno;
	(void)close(ends[0]);
	errno = saved;
	return r;
}
