/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/process.h"
#include "../socket/bind.h"
#include "../socket/handback.h"
#include "sockets.h"

enum { FIRST = 3 };

static int
open_one(struct daemon_store *s, const char *text,
    const struct daemon_bind_how *how, struct daemon_fault *f)
{
	struct daemon_address a;
	char label[DAEMON_ADDRESS_NAME];
	const char *why;
	int fd;

	if (daemon_address_parse(&a, text, &why) == -1) {
		errno = EINVAL;
		return daemon_fault_set(f, "listen", text, "%s", why);
	}
	fd = daemon_bind(&a, how, f);
	if (fd == -1)
		return -1;
	daemon_address_label(label, &a);
	if (daemon_store_fix(s, fd, label) == 0)
		return 0;
	(void)close(fd);
	errno = E2BIG;
	return daemon_fault_set(f, "listen", text, NULL);
}

static int
is_listening(int fd)
{
	int type = 0, listens = 0;
	socklen_t n = sizeof type;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) == -1)
		return 0;
	n = sizeof listens;
	return type == SOCK_DGRAM ||
	    (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) == 0 &&
		listens);
}

static int
backlog_of(const struct daemon_definition *d)
{
	return d->backlog > 0 ? (int)d->backlog : SOMAXCONN;
}

/* A command may have connected it, so that it hears only one. */
static void
disconnect(int fd)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage peer;
	socklen_t n = sizeof peer;

	if (getpeername(fd, (struct sockaddr *)&peer, &n) == 0)
		(void)connect(fd, &nobody, sizeof nobody);
}

void
daemon_sockets_listen(
    const struct daemon_store *s, const struct daemon_definition *d)
{
	size_t i;

	for (i = 0; i < s->fixed; i++) {
		disconnect(s->item[i].fd);
		if (!is_listening(s->item[i].fd))
			(void)listen(s->item[i].fd, backlog_of(d));
	}
}

/* nginx takes those it is given for its own, which do not block: of several
 * that are woken one gets the connection. */
static void
unblock(const struct daemon_store *s)
{
	size_t i;

	for (i = 0; i < s->fixed; i++)
		(void)fcntl(s->item[i].fd, F_SETFL,
		    fcntl(s->item[i].fd, F_GETFL) | O_NONBLOCK);
}

int
daemon_sockets_open(struct daemon_store *s, const struct daemon_definition *d,
    struct daemon_fault *f)
{
	const struct daemon_bind_how how = { .backlog = backlog_of(d),
		.reuseport = d->reuseport != 0 };
	size_t i;
	int saved;

	for (i = 0; i < d->listen.n; i++)
		if (open_one(s, d->listen.v[i], &how, f) == -1) {
			saved = errno;
			daemon_sockets_close(s);
			errno = saved;
			return -1;
		}
	if (d->listen_env != NULL)
		unblock(s);
	return 0;
}

/* There the running one is. */
static int
is_place_of(
    const struct daemon_address *a, const struct daemon_definition *running)
{
	struct daemon_address b;
	const char *why;
	size_t i;

	for (i = 0; i < running->listen.n; i++)
		if (daemon_address_parse(&b, running->listen.v[i], &why) == 0 &&
		    daemon_bind_meets(a, &b))
			return 1;
	return 0;
}

int
daemon_sockets_rehearse(const struct daemon_definition *d,
    const struct daemon_definition *running, struct daemon_fault *f)
{
	const struct daemon_bind_how how = {
		.backlog = 1, .reuseport = d->reuseport != 0, .tries = 1
	};
	struct daemon_address a;
	const char *why;
	size_t i;
	int fd;

	for (i = 0; i < d->listen.n; i++) {
		if (daemon_address_parse(&a, d->listen.v[i], &why) == -1 ||
		    is_place_of(&a, running))
			continue;
		fd = daemon_bind(&a, &how, f);
		if (fd == -1)
			return -1;
		(void)close(fd);
	}
	return 0;
}

static void
take_from_keeper(struct daemon_store *s, int dir)
{
	struct daemon_handback h;
	const char *p;
	char name[DAEMON_STORE_NAME];
	size_t i, len;

	daemon_handback_fetch(&h, dir);
	p = h.names;
	for (i = 0; i < h.n; i++) {
		len = strcspn(p, ",");
		(void)snprintf(name, sizeof name, "%.*s", (int)len, p);
		if (daemon_store_fix(s, h.fd[i], name) == -1)
			(void)close(h.fd[i]);
		p += len + (p[len] == ',');
	}
}

/* It may have closed them, or the kernel does not let us. */
static int
take_from_instance(
    struct daemon_store *s, const struct daemon_definition *d, pid_t instance)
{
	struct daemon_address a;
	char label[DAEMON_ADDRESS_NAME];
	const char *why;
	size_t i;
	int fd, pidfd = daemon_pidfd_open(instance);

	for (i = 0; pidfd != -1 && i < d->listen.n; i++) {
		fd = (int)syscall(SYS_pidfd_getfd, pidfd, FIRST + (int)i, 0);
		if (fd == -1)
			break;
		if (!is_listening(fd) ||
		    daemon_address_parse(&a, d->listen.v[i], &why) == -1 ||
		    !daemon_bind_is_at(fd, &a)) {
			(void)close(fd);
			break;
		}
		daemon_address_label(label, &a);
		(void)daemon_store_fix(s, fd, label);
	}
	if (pidfd != -1)
		(void)close(pidfd);
	return s->fixed == d->listen.n ? 0 : -1;
}

int
daemon_sockets_fetch(struct daemon_store *s, const struct daemon_definition *d,
    int dir, pid_t instance, struct daemon_fault *f)
{
	take_from_keeper(s, dir);
	if (s->fixed == d->listen.n)
		return 0;
	daemon_sockets_close(s);
	if (instance <= 0)
		return daemon_sockets_open(s, d, f);
	if (take_from_instance(s, d, instance) == 0)
		return 0;
	daemon_sockets_close(s);
	errno = ENOTCONN;
	return daemon_fault_set(f, "listen", d->listen.v[0],
	    "nobody has its sockets any more: stop it, and start it");
}

void
daemon_sockets_close(struct daemon_store *s)
{
	while (s->fixed > 0) {
		s->fixed = --s->n;
		(void)close(s->item[s->n].fd);
	}
}

void
daemon_sockets_remove(const struct daemon_definition *d)
{
	struct daemon_address a;
	const char *why;
	size_t i;

	for (i = 0; i < d->listen.n; i++)
		if (daemon_address_parse(&a, d->listen.v[i], &why) == 0 &&
		    a.kind == DAEMON_ADDRESS_UNIX)
			daemon_bind_remove(&a);
}

void
daemon_sockets_end(
    const struct daemon_store *s, const struct daemon_definition *d)
{
	size_t i;

	for (i = 0; i < s->fixed; i++)
		(void)shutdown(s->item[i].fd, SHUT_RDWR);
	daemon_sockets_remove(d);
}

/* The first of that name; -1. */
static int
number_of(const struct daemon_store *s, const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < s->fixed; i++)
		if (strlen(s->item[i].name) == n &&
		    strncmp(s->item[i].name, name, n) == 0)
			return FIRST + (int)i;
	return -1;
}

/* NULL/ENOMEM.  What names none of them stays. */
static char *
spell(const struct daemon_store *s, const char *text)
{
	char *done = strdup(""), *more;
	const char *p, *end;
	int fd, r;

	while (done != NULL && (p = strstr(text, "{fd:")) != NULL &&
	    (end = strchr(p, '}')) != NULL) {
		fd = number_of(s, p + 4, (size_t)(end - p - 4));
		r = fd != -1 ? asprintf(&more, "%s%.*s%d", done,
				   (int)(p - text), text, fd)
			     : asprintf(&more, "%s%.*s", done,
				   (int)(end + 1 - text), text);
		free(done);
		done = r == -1 ? NULL : more;
		text = end + 1;
	}
	if (done == NULL || asprintf(&more, "%s%s", done, text) == -1)
		more = NULL;
	free(done);
	return more;
}

static int
spell_all(const struct daemon_store *s, struct daemon_list *l)
{
	struct daemon_list spelled = { 0 };
	size_t i;
	char *word;
	int r = 0;

	for (i = 0; i < l->n && r == 0; i++) {
		word = spell(s, l->v[i]);
		r = word == NULL ? -1 : daemon_list_add(&spelled, word);
		free(word);
	}
	*l = spelled; /* of our copy of the memory */
	return r;
}

/* "3;4;" */
static int
spell_variable(const struct daemon_store *s, struct daemon_definition *d)
{
	char text[DAEMON_STORE_MAX * 4 + 1] = "", *p = text;
	size_t i;

	for (i = 0; i < s->fixed; i++)
		p += snprintf(
		    p, (size_t)(text + sizeof text - p), "%d;", FIRST + (int)i);
	return daemon_list_addf(&d->set, "NGINX=%s", text);
}

int
daemon_sockets_spell(const struct daemon_store *s, struct daemon_definition *d)
{
	if (s->fixed == 0)
		return 0;
	if (spell_all(s, &d->argv) == -1 || spell_all(s, &d->set) == -1)
		return -1;
	return d->listen_env != NULL ? spell_variable(s, d) : 0;
}
