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
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../start/start.h"
#include "../step.h"
#include "supervisor.h"

enum { FIRST_NS = 10000000, MOST_NS = 320000000, CONNECT_MS = 1000 };

struct why {
	char text[sizeof((struct daemon_supervisor *)0)->unready];
};

/* 0, or errno. */
static int
connects(int family, const struct sockaddr *a, socklen_t n)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;

	if (fd == -1)
		return errno;
	if (connect(fd, a, n) == -1) {
		error = errno;
		if (error == EINPROGRESS && poll(&p, 1, CONNECT_MS) == 1 &&
		    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1)
			error = errno;
	}
	(void)close(fd);
	/* A socket of another type is there all the same. */
	return family == AF_UNIX && error == EPROTOTYPE ? 0 : error;
}

static int
tcp_connects(const char *host, const char *port, struct why *why)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *a;
	int r = getaddrinfo(host, port, &hints, &list);

	if (r != 0) {
		(void)snprintf(why->text, sizeof why->text, "%.80s: %s", host,
		    gai_strerror(r));
		return 0;
	}
	r = -1;
	for (a = list; r != 0 && a != NULL; a = a->ai_next)
		r = connects(a->ai_family, a->ai_addr, a->ai_addrlen);
	freeaddrinfo(list);
	(void)snprintf(why->text, sizeof why->text, "%.80s:%s: %s", host, port,
	    strerror(r));
	return r == 0;
}

static int
unix_connects(const char *path, struct why *why)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int r = ENAMETOOLONG;

	if (strlen(path) < sizeof a.sun_path) {
		(void)strcpy(a.sun_path, path);
		r = connects(AF_UNIX, (const struct sockaddr *)&a, sizeof a);
	}
	(void)snprintf(
	    why->text, sizeof why->text, "%.100s: %s", path, strerror(r));
	return r == 0;
}

static int
succeeds(const struct daemon_supervisor *s, struct why *why)
{
	struct daemon_fault f;

	const struct daemon_errand e = {
		.step = "ready", .command = s->ready.object, .beside = -1
	};

	(void)daemon_stdio_null();
	if (daemon_errand(s->d, &e, &f) == 0)
		return 1;
	(void)snprintf(why->text, sizeof why->text, "%.60s: %.90s", f.object,
	    daemon_fault_reason(&f));
	return 0;
}

static int
is_ready(const struct daemon_supervisor *s, struct why *why)
{
	const struct daemon_readiness_how *h = &s->ready;

	switch (h->kind) {
	case DAEMON_BY_TCP: return tcp_connects(h->host, h->port, why);
	case DAEMON_BY_UNIX: return unix_connects(h->object, why);
	case DAEMON_BY_COMMAND: return succeeds(s, why);
	case DAEMON_BY_TIME:
	case DAEMON_BY_FD:
	case DAEMON_BY_NOTIFY:
	case DAEMON_BY_PIDFILE: break;
	}
	return 1;
}

void
daemon_probe(const struct daemon_supervisor *s, int out)
{
	struct timespec t = { .tv_nsec = FIRST_NS };
	struct why why = { { 0 } }, said = { { 0 } };

	while (!is_ready(s, &why)) {
		if (strcmp(why.text, said.text) != 0)
			(void)!write(out, why.text, sizeof why.text);
		said = why;
		(void)nanosleep(&t, NULL);
		if (t.tv_nsec < MOST_NS)
			t.tv_nsec *= 2;
	}
}
