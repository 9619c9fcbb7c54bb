/* SPDX-License-Identifier: ISC */
/*
 * Looking from outside whether a command is ready.  Nobody says when: so we
 * ask again, in a process that does nothing else, and only until it is.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../start/start.h"
#include "supervisor.h"

enum { FIRST_NS = 10000000, MOST_NS = 320000000, CONNECT_MS = 1000 };

static int
connects(int family, const struct sockaddr *a, socklen_t n)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (fd == -1)
		return 0;
	if (connect(fd, a, n) == -1) {
		error = errno;
		if (error == EINPROGRESS && poll(&p, 1, CONNECT_MS) == 1 &&
		    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
			error = errno;
	}
	(void)close(fd);
	/* A socket of another type is there all the same. */
	return error == 0 || (family == AF_UNIX && error == EPROTOTYPE);
}

static int
tcp_connects(const char *host, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *a;
	int r = 0;

	if (getaddrinfo(host, port, &hints, &list) != 0)
		return 0;
	for (a = list; r == 0 && a != NULL; a = a->ai_next)
		r = connects(a->ai_family, a->ai_addr, a->ai_addrlen);
	freeaddrinfo(list);
	return r;
}

static int
unix_connects(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof a.sun_path)
		return 0;
	(void)strcpy(a.sun_path, path);
	return connects(AF_UNIX, (const struct sockaddr *)&a, sizeof a);
}

static int
is_ready(const struct daemon_supervisor *s)
{
	const struct daemon_readiness_how *h = &s->ready;

	switch (h->kind) {
	case DAEMON_BY_TCP: return tcp_connects(h->host, h->port);
	case DAEMON_BY_UNIX: return unix_connects(h->object);
	case DAEMON_BY_COMMAND:
		return daemon_errand(s->d, "ready", h->object, NULL) == 0;
	case DAEMON_BY_TIME:
	case DAEMON_BY_FD:
	case DAEMON_BY_NOTIFY:
	case DAEMON_BY_PIDFILE: break;
	}
	return 1;
}

void
daemon_probe(const struct daemon_supervisor *s)
{
	struct timespec t = { .tv_nsec = FIRST_NS };

	while (!is_ready(s)) {
		(void)nanosleep(&t, NULL);
		if (t.tv_nsec < MOST_NS)
			t.tv_nsec *= 2;
	}
}
