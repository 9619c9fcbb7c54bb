/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../at.h"
#include "../clock.h"
#include "../identity/service.h"
#include "ask.h"

enum {
	HEAR_MS = 5000,
	AGAIN_NS = 20000000,
	CROWDED_NS = 100000000,
	VAIN_MAX = 10 /* looks, CROWDED_NS apart */
};

/* A queue that is full is a supervisor that does not hear. */
static int
reach(int dir, long long end)
{
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct timespec t = { .tv_nsec = AGAIN_NS };

	if (fd == -1)
		return -1;
	while (daemon_at_connect(dir, DAEMON_CONTROL, fd) == -1) {
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

/* *k: the last answer, if there was one. */
static enum daemon_asked
converse(int fd, const char *packet, size_t n, enum daemon_answer_kind *k,
    char text[DAEMON_PACKET_MAX])
{
	int timeout_ms = HEAR_MS;

	if (send(fd, packet, n, MSG_NOSIGNAL) == -1)
		return DAEMON_ASKED_GONE;
	do {
		if (receive(fd, timeout_ms, k, text) == -1)
			return errno == ETIMEDOUT ? DAEMON_ASKED_SILENT
						  : DAEMON_ASKED_GONE;
		timeout_ms = -1;
	} while (*k == DAEMON_ANSWER_HEARD);
	return *k == DAEMON_ANSWER_DONE ? DAEMON_ASKED_DONE
	    : *k == DAEMON_ANSWER_STUCK ? DAEMON_ASKED_STUCK
					: DAEMON_ASKED_FAILED;
}

/* *k: the last answer; HEARD if it came to none, FAILED if nobody was there. */
static enum daemon_asked
ask(int dir, const char *packet, size_t n, enum daemon_answer_kind *k,
    char text[DAEMON_PACKET_MAX])
{
	int fd = reach(dir, daemon_clock_steady() + HEAR_MS);
	enum daemon_asked r;

	*k = fd == -1 ? DAEMON_ANSWER_FAILED : DAEMON_ANSWER_HEARD;
	if (fd == -1)
		return errno == EAGAIN ? DAEMON_ASKED_SILENT
		    : errno == ENOENT || errno == ECONNREFUSED
		    ? DAEMON_ASKED_GONE
		    : DAEMON_ASKED_DENIED;
	errno = 0;
	r = converse(fd, packet, n, k, text);
	(void)close(fd);
	return r;
}

static int
is_of_starting(enum daemon_request_kind k)
{
	return k == DAEMON_REQUEST_START || k == DAEMON_REQUEST_RESTART;
}

/* Whoever was heard once asks for nothing more than how it goes: others may
 * have wanted something else since. */
static enum daemon_asked
ask_again(int dir, enum daemon_request_kind k, const char *object,
    char text[DAEMON_PACKET_MAX])
{
	const struct timespec t = { .tv_nsec = CROWDED_NS };
	char packet[DAEMON_PACKET_MAX];
	enum daemon_answer_kind answer;
	enum daemon_asked r;
	int vain = 0;
	size_t n = daemon_request_put(packet,
	    is_of_starting(k) ? DAEMON_REQUEST_AWAIT : k,
	    k == DAEMON_REQUEST_SCALE ? object : NULL);

	/* For a moment nobody is there, where another program takes over. */
	do {
		(void)nanosleep(&t, NULL);
		r = ask(dir, packet, n, &answer, text);
		vain = answer == DAEMON_ANSWER_FAILED ? vain + 1 : 0;
	} while (answer == DAEMON_ANSWER_CROWDED ||
	    (r == DAEMON_ASKED_GONE && vain < VAIN_MAX));
	if (r != DAEMON_ASKED_GONE || !is_of_starting(k))
		return r;
	(void)strcpy(text, "was stopped meanwhile");
	return DAEMON_ASKED_FAILED;
}

static enum daemon_asked
ask_once(int dir, enum daemon_request_kind k, const char *object,
    char text[DAEMON_PACKET_MAX])
{
	char packet[DAEMON_PACKET_MAX];
	size_t n = daemon_request_put(packet, k, object);
	enum daemon_answer_kind answer;
	enum daemon_asked r;

	text[0] = '\0';
	if (n == 0) {
		errno = E2BIG;
		return DAEMON_ASKED_DENIED;
	}
	r = ask(dir, packet, n, &answer, text);
	return answer == DAEMON_ANSWER_CROWDED ? ask_again(dir, k, object, text)
					       : r;
}

enum daemon_asked
daemon_ask(int dir, const struct daemon_identity *supervisor,
    enum daemon_request_kind k, const char *object,
    char text[DAEMON_PACKET_MAX])
{
	const struct timespec t = { .tv_nsec = AGAIN_NS };
	const long long end = daemon_clock_steady() + HEAR_MS;
	enum daemon_asked r;

	while ((r = ask_once(dir, k, object, text)) == DAEMON_ASKED_GONE &&
	    daemon_identity_prove(supervisor) == DAEMON_PROOF_ALIVE &&
	    !daemon_process_is_dying(supervisor->pid)) {
		if (daemon_clock_steady() > end)
			return DAEMON_ASKED_SILENT;
		(void)nanosleep(&t, NULL);
	}
	return r;
}
