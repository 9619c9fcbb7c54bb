/* SPDX-License-Identifier: ISC */
/*
 * A hook, or the command, may start or adopt another service.  Whoever does is
 * gone soon, and we are the reaper: but it has a record of its own, and who is
 * on record in the place where we are is nobody's orphan.
 */
#include <sys/wait.h>

#include <errno.h>
#include <stdlib.h>

#include "../identity/census.h"
#include "supervisor.h"

/* Who is on record. */
struct hall {
	struct daemon_supervisor *s;
	struct daemon_census known;
};

/* A child that is neither the command nor known to us. */
static int
is_unknown(void *arg, pid_t pid)
{
	const struct hall *h = arg;

	return pid != h->s->instance.pid && !daemon_helper_knows(h->s, pid);
}

/* A place that is free, or one more.  0: there is no memory for it. */
static int
receive(struct daemon_supervisor *s, pid_t pid)
{
	size_t i = DAEMON_HELPERS;
	pid_t *place;

	while (i < s->spared && s->helper[i] != 0)
		i++;
	place = i < s->spared ? &s->helper[i] : daemon_helpers_extend(s);
	if (place == NULL)
		return 0;
	*place = pid;
	return 1;
}

static int
welcome(void *arg, pid_t pid)
{
	const struct hall *h = arg;

	return is_unknown(arg, pid) && daemon_census_has(&h->known, pid) &&
	    receive(h->s, pid);
}

void
daemon_guests_welcome(struct daemon_supervisor *s)
{
	struct hall h = { .s = s->head };

	s = s->head;

	if (s->service.dir == -1 || s->d->name == NULL ||
	    daemon_supervisor_children(s, is_unknown, &h) <= 0)
		return;
	daemon_census_take(&h.known, s->service.dir, s->d->name);
	(void)daemon_supervisor_children(s, welcome, &h);
	daemon_census_clear(&h.known);
}

void
daemon_guests_reap(struct daemon_supervisor *s)
{
	size_t i;
	pid_t r;

	for (i = DAEMON_HELPERS; i < s->spared; i++) {
		if (s->helper[i] == 0)
			continue;
		do
			r = waitpid(s->helper[i], NULL, WNOHANG);
		while (r == -1 && errno == EINTR);
		if (r != 0)
			s->helper[i] = 0;
	}
}
