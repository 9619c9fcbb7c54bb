/* SPDX-License-Identifier: ISC */
/* Messages between a master and its functions, with descriptors. */
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../master.h"
#include "supervisor.h"

/* Room for what a message brings beside its bytes. */
union rights {
	struct cmsghdr align;
	char room[CMSG_SPACE(DAEMON_CHANNEL_FDS * sizeof(int))];
};

int
daemon_supervisor_open_channel(struct daemon_supervisor *s)
{
	int ends[2];

	if (s->head->mastery == NULL)
		return 0;
	/* Else its process would write again what ours is about to. */
	(void)fflush(NULL);
	if (s->channel != -1)
		(void)close(s->channel);
	s->channel = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		0, ends) == -1)
		return -1;
	s->channel = ends[0];
	s->channel_end = ends[1];
	return 0;
}

void
daemon_supervisor_close_end(struct daemon_supervisor *s)
{
	if (s->channel_end != -1)
		(void)close(s->channel_end);
	s->channel_end = -1;
}

int
daemon_channel_send(
    int channel, const void *p, size_t n, const int *fd, size_t nfd)
{
	union rights rights = { .room = { 0 } };
	struct iovec bytes = { .iov_base = (void *)p, .iov_len = n };
	struct msghdr m = { .msg_iov = &bytes, .msg_iovlen = 1 };
	struct cmsghdr *c = &rights.align;

	if (n == 0 || n > DAEMON_CHANNEL_BYTES || nfd > DAEMON_CHANNEL_FDS) {
		errno = EINVAL;
		return -1;
	}
	if (nfd > 0) {
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = (socklen_t)CMSG_LEN(nfd * sizeof *fd);
		(void)memcpy(CMSG_DATA(c), fd, nfd * sizeof *fd);
		m.msg_control = rights.room;
		m.msg_controllen = (socklen_t)CMSG_SPACE(nfd * sizeof *fd);
	}
	return sendmsg(channel, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == -1 ? -1 : 0;
}

static void
close_each(const int *fd, size_t n)
{
	while (n > 0)
		(void)close(fd[--n]);
}

/* All that came; the kernel has closed what had no room. */
static size_t
take_rights(struct msghdr *m, int all[DAEMON_CHANNEL_FDS])
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(m);
	size_t n;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return 0;
	n = (c->cmsg_len - CMSG_LEN(0)) / sizeof *all;
	(void)memcpy(all, CMSG_DATA(c), n * sizeof *all);
	return n;
}

ssize_t
daemon_channel_receive(int channel, void *p, size_t n, int *fd, size_t *nfd)
{
	size_t none = 0;
	union rights rights;
	struct iovec bytes = { .iov_base = p, .iov_len = n };
	struct msghdr m = { .msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = rights.room,
		.msg_controllen = sizeof rights.room };
	int all[DAEMON_CHANNEL_FDS];
	size_t room;
	ssize_t got;

	if (nfd == NULL)
		nfd = &none;
	room = *nfd;
	*nfd = 0;
	do /* what it did not read comes first, as an error, once */
		got = recvmsg(channel, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got == -1 && (errno == ECONNRESET || errno == EINTR));
	if (got == -1)
		return -1;
	*nfd = take_rights(&m, all);
	/* Without bytes it would look like the end. */
	if ((m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || *nfd > room ||
	    (got == 0 && *nfd > 0)) {
		close_each(all, *nfd);
		*nfd = 0;
		errno = EMSGSIZE;
		return -1;
	}
	if (*nfd > 0)
		(void)memcpy(fd, all, *nfd * sizeof *fd);
	return got;
}
