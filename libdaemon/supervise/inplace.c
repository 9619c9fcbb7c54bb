/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "inplace.h"
#include "launch.h"
#include "logfile.h"
#include "policy.h"
#include "serve.h"
#include "sockets.h"

static int
hold(struct daemon_supervisor *s, struct daemon_held *h,
    struct daemon_store *sockets, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o)
{
	struct daemon_definition *d = h->d;
	const int named = d->name != NULL || d->pidfile != NULL;
	int saved;

	if (named && daemon_hold_name(h, dirs, &o->rival, &o->fault) == -1) {
		if (errno == EEXIST)
			o->verdict = DAEMON_VERDICT_ALREADY;
		return -1;
	}
	if (daemon_sockets_open(sockets, d, &o->fault) == -1 ||
	    (named && daemon_hold_definition(h, &o->fault) == -1)) {
		saved = errno;
		daemon_sockets_close(sockets);
		daemon_sockets_remove(d);
		if (named)
			daemon_held_release(h, 1);
		errno = saved;
		return -1;
	}
	daemon_held_keep_service(h);
	s->service = h->service;
	d->again = named;
	return 0;
}

/* Nothing of ours has the number of what was closed; the command finds it
 * closed. */
static void
occupy(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd != -1 && fd <= STDERR_FILENO);
	if (fd != -1)
		(void)close(fd);
}

int
daemon_supervise_in_place(struct daemon_supervisor *s,
    struct daemon_definition *d, const struct daemon_rundirs *dirs,
    struct daemon_outcome *o)
{
	struct daemon_held h = DAEMON_HELD_NONE(d);
	struct daemon_store sockets = { .n = 0 };
	char text[DAEMON_STORE_TEXT];
	int r;

	o->verdict = DAEMON_VERDICT_FAILED;
	s->d = d;
	s->service = DAEMON_SERVICE_NONE;
	s->launcher = -1;
	occupy();
	(void)daemon_policy_of(s, d); /* it was parsed */
	if (d->log != NULL && daemon_logfile_choose(d, "") == -1)
		return daemon_fault_set(&o->fault, "log", d->log, NULL);
	if (daemon_launch_check(d, &o->fault) == -1 ||
	    hold(s, &h, &sockets, dirs, o) == -1)
		return -1;
	daemon_store_text(text, sizeof text, &sockets);
	r = daemon_supervisor_serve(s, text, &o->fault);
	h.service = s->service; /* it may be in another place by now */
	if (h.service.dir != -1)
		daemon_held_release(&h, 0);
	return r;
}
