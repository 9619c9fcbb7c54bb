/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <netdb.h>
#include <string.h>

#include "bind.h"

static int
is_any(const char *host)
{
	return host[0] == '\0' || strcmp(host, "0.0.0.0") == 0 ||
	    strcmp(host, "::") == 0;
}

static int
has(const struct addrinfo *list, const void *at, socklen_t n)
{
	for (; list != NULL; list = list->ai_next)
		if (list->ai_addrlen == n && memcmp(list->ai_addr, at, n) == 0)
			return 1;
	return 0;
}

/* By whatever names. */
static int
is_same_host(const char *a, const char *b)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list, *other, *p;
	int found = 0;

	if (strcmp(a, b) == 0)
		return 1;
	if (getaddrinfo(a, NULL, &hints, &list) != 0)
		return 0;
	if (getaddrinfo(b, NULL, &hints, &other) == 0) {
		for (p = list; p != NULL && !found; p = p->ai_next)
			found = has(other, p->ai_addr, p->ai_addrlen);
		freeaddrinfo(other);
	}
	freeaddrinfo(list);
	return found;
}

/* By whatever path. */
static int
is_same_file(const char *a, const char *b)
{
	struct stat of_a, of_b;

	return strcmp(a, b) == 0 ||
	    (lstat(a, &of_a) == 0 && lstat(b, &of_b) == 0 &&
		of_a.st_ino == of_b.st_ino && of_a.st_dev == of_b.st_dev);
}

int
daemon_bind_meets(
    const struct daemon_address *a, const struct daemon_address *b)
{
	if (a->kind != b->kind)
		return 0;
	if (a->kind == DAEMON_ADDRESS_UNIX)
		return is_same_file(a->path, b->path);
	return strcmp(a->port, b->port) == 0 &&
	    (is_any(a->host) || is_any(b->host) ||
		is_same_host(a->host, b->host));
}

static int
is_at_port(
    const struct sockaddr *at, socklen_t n, const struct daemon_address *a)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	int r;

	if (getaddrinfo(a->host[0] != '\0' ? a->host : NULL, a->port, &hints,
		&list) != 0)
		return 0;
	r = has(list, at, n);
	freeaddrinfo(list);
	return r;
}

int
daemon_bind_is_at(int fd, const struct daemon_address *a)
{
	union {
		struct sockaddr any;
		struct sockaddr_un file;
		struct sockaddr_storage room;
	} at = { .file = { .sun_path = "" } };
	const int want =
	    a->kind == DAEMON_ADDRESS_UDP ? SOCK_DGRAM : SOCK_STREAM;
	socklen_t n = sizeof at, size = sizeof(int);
	int type = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == -1 ||
	    type != want || getsockname(fd, &at.any, &n) == -1)
		return 0;
	return a->kind == DAEMON_ADDRESS_UNIX ? at.any.sa_family == AF_UNIX &&
		strcmp(at.file.sun_path, a->path) == 0
					      : is_at_port(&at.any, n, a);
}
