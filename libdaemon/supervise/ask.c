/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../at.h"
#include "../clock.h"
#include "ask.h"

enum { HEAR_MS = 5000, AGAIN_NS = 20000000 };

/* A queue that is full is a supervisor that does not hear. */
static int
reach(int dir, long long end)
{
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct timespec t = { .tv_nsec = AGAIN_NS };

	if (fd == -1)
		return -1;
	while (daemon_at_connect(dir, "control", fd) == -1) {
		if (errno != EAGAIN || daemon_clock_steady() > end) {
			(void)close(fd);
			return -1;
		}
		(void)nanosleep(&t, NULL);
	}
	return fd;
}

/* One answer.  -1: none in time (ETIMEDOUT), or never. */
static int
receive(int fd, int timeout_ms, enum daemon_answer_kind *k,
    char text[DAEMON_PACKET_MAX])
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char packet[DAEMON_PACKET_MAX];
	const char *said;
	ssize_t n;
	int r;

	do
		r = poll(&p, 1, timeout_ms);
	while (r == -1 && errno == EINTR);
	if (r == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	n = recv(fd, packet, sizeof packet - 1, 0);
	if (n <= 0)
		return -1;
	packet[n] = '\0';
	if (daemon_answer_parse(k, &said, packet, (size_t)n) == -1)
		return -1;
	(void)strcpy(text, said);
	return 0;
}

static enum daemon_asked
converse(int fd, const char *packet, size_t n, char text[DAEMON_PACKET_MAX])
{
	enum daemon_answer_kind k;
	int timeout_ms = HEAR_MS;

	if (send(fd, packet, n, MSG_NOSIGNAL) == -1)
		return DAEMON_ASKED_GONE;
	do {
		if (receive(fd, timeout_ms, &k, text) == -1)
			return errno == ETIMEDOUT ? DAEMON_ASKED_SILENT
						  : DAEMON_ASKED_GONE;
		timeout_ms = -1;
	} while (k == DAEMON_ANSWER_HEARD);
	return k == DAEMON_ANSWER_DONE ? DAEMON_ASKED_DONE
	    : k == DAEMON_ANSWER_STUCK ? DAEMON_ASKED_STUCK
				       : DAEMON_ASKED_FAILED;
}

enum daemon_asked
daemon_ask(int dir, enum daemon_request_kind k, const char *schedule,
    char text[DAEMON_PACKET_MAX])
{
	char packet[DAEMON_PACKET_MAX];
	size_t n = daemon_request_put(packet, k, schedule);
	enum daemon_asked r;
	int fd;

	text[0] = '\0';
	if (n == 0) {
		errno = E2BIG;
		return DAEMON_ASKED_DENIED;
	}
	fd = reach(dir, daemon_clock_steady() + HEAR_MS);
	if (fd == -1)
		return errno == EAGAIN ? DAEMON_ASKED_SILENT
		    : errno == ENOENT || errno == ECONNREFUSED
		    ? DAEMON_ASKED_GONE
		    : DAEMON_ASKED_DENIED;
	errno = 0;
	r = converse(fd, packet, n, text);
	(void)close(fd);
	return r;
}
