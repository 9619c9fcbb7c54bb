/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "handback.h"

enum { PATIENCE_S = 2 };

void
daemon_handback_parse(struct daemon_handback *h, const char *text)
{
	const char *p, *name;
	size_t len, at = 0;

	h->n = 0;
	h->names[0] = '\0';
	for (p = text; *p != '\0'; p += len + (p[len] == ',')) {
		len = strcspn(p, ",");
		name = memchr(p, '=', len);
		if (name == NULL || h->n == DAEMON_HANDBACK_MAX ||
		    fcntl(atoi(p), F_SETFD, FD_CLOEXEC) == -1)
			continue;
		h->fd[h->n] = atoi(p);
		at += (size_t)snprintf(h->names + at, sizeof h->names - at,
		    "%s%.*s", h->n > 0 ? "," : "", (int)(p + len - name - 1),
		    name + 1);
		h->n++;
	}
}

static int
new_socket(void)
{
	return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}

int
daemon_handback_open(int dir)
{
	int fd = new_socket();

	if (fd == -1)
		return -1;
	if (daemon_at_bind(dir, DAEMON_HANDBACK, fd, 0600) == 0 &&
	    listen(fd, 4) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* Is the other end one of our user's? */
static int
is_ours(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	    peer.uid == geteuid();
}

union rights {
	char space[CMSG_SPACE(DAEMON_HANDBACK_MAX * sizeof(int))];
	struct cmsghdr align;
};

static void
send_all(int fd, const struct daemon_handback *h)
{
	union rights r = { .space = { 0 } };
	struct iovec text = { .iov_base = (char *)(uintptr_t)h->names,
		.iov_len = strlen(h->names) + 1 };
	struct msghdr m = { .msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = &r,
		.msg_controllen = (socklen_t)CMSG_SPACE(h->n * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = (socklen_t)CMSG_LEN(h->n * sizeof(int));
	(void)memcpy(CMSG_DATA(c), h->fd, h->n * sizeof(int));
	(void)sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
daemon_handback_give(int listener, const struct daemon_handback *h)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd == -1)
		return;
	if (is_ours(fd) && h->n > 0)
		send_all(fd, h);
	(void)close(fd);
}

static void
receive_all(struct daemon_handback *h, int fd)
{
	union rights r;
	struct iovec text = { .iov_base = h->names,
		.iov_len = sizeof h->names - 1 };
	struct msghdr m = { .msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = &r,
		.msg_controllen = sizeof r };
	const ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return;
	h->names[n] = '\0';
	h->n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	(void)memcpy(h->fd, CMSG_DATA(c), h->n * sizeof(int));
}

void
daemon_handback_fetch(struct daemon_handback *h, int dir)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = new_socket();

	h->n = 0;
	h->names[0] = '\0';
	if (fd == -1)
		return;
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (daemon_at_connect(dir, DAEMON_HANDBACK, fd) == 0 && is_ours(fd))
		receive_all(h, fd);
	(void)close(fd);
}
