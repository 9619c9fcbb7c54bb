/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"

static int
turn_on(int fd, int level, int name, int on)
{
	return setsockopt(fd, level, name, &on, sizeof on);
}

static int
listens(const struct daemon_address *a, int fd, int backlog)
{
	return a->kind == DAEMON_ADDRESS_UDP ? 0 : listen(fd, backlog);
}

/* Of all addresses both kinds, of one only that: the other may be asked for,
 * too. */
static int
settle(const struct daemon_address *a, const struct daemon_bind_how *how,
    int fd, const struct addrinfo *at)
{
	if (a->kind == DAEMON_ADDRESS_TCP &&
	    turn_on(fd, SOL_SOCKET, SO_REUSEADDR, 1) == -1)
		return -1;
	if (how->reuseport && turn_on(fd, SOL_SOCKET, SO_REUSEPORT, 1) == -1)
		return -1;
	if (at->ai_family == AF_INET6 &&
	    turn_on(fd, IPPROTO_IPV6, IPV6_V6ONLY, a->host[0] != '\0') == -1)
		return -1;
	return bind(fd, at->ai_addr, at->ai_addrlen) == 0 &&
		listens(a, fd, how->backlog) == 0
	    ? 0
	    : -1;
}

static int
open_one(const struct daemon_address *a, const struct daemon_bind_how *how,
    const struct addrinfo *at)
{
	int saved,
	    fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, 0);

	if (fd == -1 || settle(a, how, fd, at) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/* The only one of a family; NULL: there is none, or several. */
static const struct addrinfo *
only(const struct addrinfo *list, int family)
{
	const struct addrinfo *found = NULL;

	for (; list != NULL; list = list->ai_next) {
		if (list->ai_family != family)
			continue;
		if (found != NULL)
			return NULL;
		found = list;
	}
	return found;
}

static int
lacks_family(int error)
{
	return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

/* Of all addresses those of both kinds, where the kernel has both. */
static int
open_any(const struct daemon_address *a, const struct daemon_bind_how *how,
    const struct addrinfo *list)
{
	const struct addrinfo *v6 = only(list, AF_INET6),
			      *v4 = only(list, AF_INET);
	int fd = v6 != NULL ? open_one(a, how, v6) : -1;

	return fd == -1 && v4 != NULL && (v6 == NULL || lacks_family(errno))
	    ? open_one(a, how, v4)
	    : fd;
}

static int
in_use(const struct daemon_address *a, const struct addrinfo *at,
    const char *object, struct daemon_fault *f)
{
	pid_t pid =
	    daemon_port_holder(at->ai_addr, a->kind == DAEMON_ADDRESS_UDP);

	errno = EADDRINUSE;
	return pid > 0
	    ? daemon_fault_set(f, "listen", object, "pid %ld has it", (long)pid)
	    : daemon_fault_set(f, "listen", object, NULL);
}

static int
open_host(const struct daemon_address *a, const struct daemon_bind_how *how,
    const struct addrinfo *list, const char *object, struct daemon_fault *f)
{
	const struct addrinfo *at = only(list, AF_INET);
	int fd;

	if (a->host[0] == '\0') {
		fd = open_any(a, how, list);
	} else {
		if (at == NULL)
			at = only(list, AF_INET6);
		if (at == NULL) {
			errno = EINVAL;
			return daemon_fault_set(f, "listen", object,
			    "%s has several addresses: give one", a->host);
		}
		fd = open_one(a, how, at);
	}
	if (fd != -1)
		return fd;
	return errno == EADDRINUSE
	    ? in_use(a, at != NULL ? at : list, object, f)
	    : daemon_fault_set(f, "listen", object, NULL);
}

static int
bind_inet(const struct daemon_address *a, const struct daemon_bind_how *how,
    const char *object, struct daemon_fault *f)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_family = AF_UNSPEC,
		.ai_socktype =
		    a->kind == DAEMON_ADDRESS_UDP ? SOCK_DGRAM : SOCK_STREAM };
	struct addrinfo *list;
	int fd, saved,
	    r = getaddrinfo(
		a->host[0] != '\0' ? a->host : NULL, a->port, &hints, &list);

	if (r != 0) {
		errno = r == EAI_SYSTEM ? errno : EINVAL;
		return daemon_fault_set(
		    f, "listen", object, "%s: %s", a->host, gai_strerror(r));
	}
	fd = open_host(a, how, list, object, f);
	saved = errno;
	freeaddrinfo(list);
	errno = saved;
	return fd;
}

int
daemon_bind(const struct daemon_address *a, const struct daemon_bind_how *how,
    struct daemon_fault *f)
{
	char object[DAEMON_ADDRESS_TEXT];

	(void)daemon_address_text(object, a);
	return a->kind == DAEMON_ADDRESS_UNIX
	    ? daemon_bind_unix(a, how, object, f)
	    : bind_inet(a, how, object, f);
}
