/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../at.h"
#include "../identity/service.h"
#include "control.h"
#include "foreign.h"

void
daemon_control_none(struct daemon_control *c)
{
	size_t i;

	*c = (struct daemon_control){ .listener = -1 };
	for (i = 0; i < DAEMON_CLIENTS; i++)
		c->client[i].fd = -1;
}

int
daemon_control_open(struct daemon_control *c, int dir)
{
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	daemon_control_none(c);
	if (fd == -1)
		return -1;
	if (daemon_at_bind(dir, DAEMON_CONTROL ".new", fd, 0600) == -1 ||
	    listen(fd, DAEMON_CLIENTS) == -1 ||
	    renameat(dir, DAEMON_CONTROL ".new", dir, DAEMON_CONTROL) == -1) {
		(void)close(fd);
		return -1;
	}
	c->listener = fd;
	return 0;
}

static void
hang_up(struct daemon_client *client)
{
	if (client->fd != -1)
		daemon_foreign_close(&client->fd, 1);
	*client = (struct daemon_client){ .fd = -1 };
}

void
daemon_control_leave(struct daemon_control *c)
{
	size_t i;

	if (c->listener != -1)
		daemon_foreign_close(&c->listener, 1);
	c->listener = -1;
	for (i = 0; i < DAEMON_CLIENTS; i++)
		hang_up(&c->client[i]);
}

void
daemon_control_close(struct daemon_control *c, int dir)
{
	if (c->listener != -1)
		(void)unlinkat(dir, DAEMON_CONTROL, 0);
	daemon_control_leave(c);
}

int
daemon_control_wait(const struct daemon_control *c)
{
	enum { DEAF_MS = 100 };

	return c->deaf ? DEAF_MS : -1;
}

void
daemon_control_poll(
    const struct daemon_control *c, struct pollfd p[DAEMON_CONTROL_POLL])
{
	size_t i;

	p[0] = (struct pollfd){ .fd = c->deaf ? -1 : c->listener,
		.events = POLLIN };
	for (i = 0; i < DAEMON_CLIENTS; i++)
		p[i + 1] = (struct pollfd){ .fd = c->client[i].fd,
			.events = c->client[i].asked ? 0 : POLLIN };
}

static int
may_ask(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof peer;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid());
}

static void
say(struct daemon_client *client, enum daemon_answer_kind k, const char *text)
{
	char packet[DAEMON_PACKET_MAX];
	size_t n = daemon_answer_put(packet, k, text);

	client->asked = k == DAEMON_ANSWER_HEARD;
	/* Who does not read is not waited for. */
	if (send(client->fd, packet, n, MSG_DONTWAIT | MSG_NOSIGNAL) == -1)
		hang_up(client);
}

/* A place for one more: free, or that of somebody who only holds the line. */
static struct daemon_client *
place(struct daemon_control *c)
{
	size_t i;

	for (i = 0; i < DAEMON_CLIENTS; i++)
		if (c->client[i].fd == -1)
			return &c->client[i];
	for (i = 0; i < DAEMON_CLIENTS; i++) {
		c->next = (c->next + 1) % DAEMON_CLIENTS;
		if (!c->client[c->next].asked)
			break;
	}
	if (c->client[c->next].asked)
		say(&c->client[c->next], DAEMON_ANSWER_CROWDED, NULL);
	hang_up(&c->client[c->next]);
	return &c->client[c->next];
}

static void
accept_all(struct daemon_control *c)
{
	int fd, n;

	c->deaf = 0;
	for (n = 0; n < DAEMON_CLIENTS; n++) {
		fd = accept4(
		    c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1) {
			c->deaf = errno != EAGAIN && errno != ECONNABORTED &&
			    errno != EINTR;
			return;
		}
		if (may_ask(fd))
			place(c)->fd = fd;
		else
			daemon_foreign_close(&fd, 1);
	}
}

static int
hear(struct daemon_client *client, struct daemon_request *r)
{
	char packet[DAEMON_PACKET_MAX];
	ssize_t n;

	n = daemon_foreign_recv(
	    client->fd, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		hang_up(client);
		return 0;
	}
	if (daemon_request_parse(r, packet, (size_t)n) == -1) {
		say(client, DAEMON_ANSWER_FAILED, "not understood");
		return 0;
	}
	client->kind = r->kind;
	client->turn = DAEMON_TURN_ASKED;
	say(client, DAEMON_ANSWER_HEARD, NULL);
	return client->fd != -1;
}

/* Has who waits gone away?  What he says meanwhile is not listened to. */
static void
look_after(struct daemon_client *client)
{
	char byte;
	ssize_t n;

	do
		n = daemon_foreign_recv(client->fd, &byte, 1, MSG_DONTWAIT);
	while (n > 0);
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		hang_up(client);
}

int
daemon_control_take(struct daemon_control *c, struct daemon_request *r)
{
	struct daemon_client *client;
	size_t i;

	if (c->listener == -1)
		return 0;
	accept_all(c);
	for (i = 0; i < DAEMON_CLIENTS; i++) {
		client = &c->client[i];
		if (client->fd != -1 && client->asked)
			look_after(client);
		else if (client->fd != -1 && hear(client, r))
			return 1;
	}
	return 0;
}

void
daemon_control_tell(struct daemon_control *c, enum daemon_request_kind kind,
    enum daemon_answer_kind k, const char *text)
{
	size_t i;

	for (i = 0; i < DAEMON_CLIENTS; i++)
		if (c->client[i].asked && c->client[i].kind == kind)
			say(&c->client[i], k, text);
}

void
daemon_control_refuse(
    struct daemon_control *c, enum daemon_request_kind kind, const char *why)
{
	daemon_control_tell(c, kind, DAEMON_ANSWER_FAILED, why);
}

void
daemon_control_turn(struct daemon_control *c, enum daemon_request_kind from,
    enum daemon_request_kind to)
{
	size_t i;

	for (i = 0; i < DAEMON_CLIENTS; i++)
		if (c->client[i].asked && c->client[i].kind == from)
			c->client[i].kind = to;
}

static int
is_of_turn(const struct daemon_client *client, unsigned first, unsigned last)
{
	return client->asked && client->kind == DAEMON_REQUEST_RELOAD &&
	    client->turn >= first && client->turn <= last;
}

void
daemon_control_pass(struct daemon_control *c, unsigned from, unsigned to)
{
	size_t i;

	for (i = 0; i < DAEMON_CLIENTS; i++)
		if (is_of_turn(&c->client[i], from, from))
			c->client[i].turn = to;
}

void
daemon_control_reloaded(struct daemon_control *c, unsigned first, unsigned last,
    enum daemon_answer_kind k, const char *text)
{
	size_t i;

	for (i = 0; i < DAEMON_CLIENTS; i++)
		if (is_of_turn(&c->client[i], first, last))
			say(&c->client[i], k, text);
}

int
daemon_control_waiting(
    const struct daemon_control *c, enum daemon_request_kind kind)
{
	size_t i;

	for (i = 0; i < DAEMON_CLIENTS; i++)
		if (c->client[i].asked && c->client[i].kind == kind)
			return c->client[i].fd;
	return -1;
}

int
daemon_control_is_asked(const struct daemon_control *c)
{
	size_t i;

	for (i = 0; i < DAEMON_CLIENTS; i++)
		if (c->client[i].asked)
			return 1;
	return 0;
}

/* What had to be done for it is of interest. */
static int
is_end(enum daemon_request_kind kind, enum daemon_answer_kind k)
{
	return kind == DAEMON_REQUEST_STOP ||
	    (kind == DAEMON_REQUEST_DRAIN && k == DAEMON_ANSWER_DONE);
}

/* It makes no sense in the state that there is, which says enough. */
static int
is_untimely(enum daemon_request_kind kind, enum daemon_answer_kind k)
{
	return k == DAEMON_ANSWER_FAILED &&
	    (kind == DAEMON_REQUEST_RELEASE || kind == DAEMON_REQUEST_PAUSE ||
		kind == DAEMON_REQUEST_RESUME || kind == DAEMON_REQUEST_DRAIN);
}

void
daemon_control_answer(struct daemon_control *c, const struct daemon_machine *m,
    unsigned later, const char *text, const char *stopped)
{
	struct daemon_client *client;
	enum daemon_answer_kind k;
	size_t i;

	for (i = 0; i < DAEMON_CLIENTS; i++) {
		client = &c->client[i];
		if (client->fd == -1 || !client->asked ||
		    (later & 1u << client->kind) != 0)
			continue;
		k = daemon_request_answer(client->kind, m);
		if (k == DAEMON_ANSWER_STUCK)
			say(client, k,
			    stopped[0] != '\0'
				? stopped
				: "something of it could not be stopped");
		else if (k != DAEMON_ANSWER_HEARD)
			say(client, k,
			    is_end(client->kind, k)	       ? stopped
				: is_untimely(client->kind, k) ? NULL
							       : text);
	}
}
