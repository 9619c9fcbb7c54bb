/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/workers.h"
#include "../start/diagnose.h"
#include "keeping.h"
#include "lastwords.h"

enum { TICK_MS = 20 /* of the clock that files have their times of */ };

static void
mark(struct daemon_output *out, const char *path)
{
	struct stat st;

	out->since_ms = daemon_clock_wall() - TICK_MS;
	if (path != NULL && lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		out->start = st.st_size;
}

void
daemon_outputs_mark(struct daemon_held *h)
{
	mark(&h->out, h->d->out);
	mark(&h->err, h->d->err);
}

/* Where each worker has a file of its own, it is that of who is meant, or of
 * one that had something to say since. */
static void
look(struct daemon_output *out, const char *path, long long who,
    long long workers)
{
	char *latest = NULL;

	if (daemon_worker_has_own(path))
		path = latest = daemon_worker_latest(path, who != -1 ? who : 0,
		    who != -1 ? 1 : workers, out->since_ms);
	if (path != NULL)
		out->fd = open(path,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	free(latest);
}

static void
look_away(struct daemon_output *out)
{
	if (out->fd != -1)
		(void)close(out->fd);
	out->fd = -1;
}

void
daemon_outputs_last(
    struct daemon_outcome *o, struct daemon_held *h, const char *why)
{
	const long long who = daemon_worker_named(why);

	if (h->d->captured)
		daemon_keeping_settle(h->service.dir);
	look(&h->out, h->d->out, who, h->d->workers);
	look(&h->err, h->d->err, who, h->d->workers);
	daemon_last_words(o, h);
	look_away(&h->out);
	look_away(&h->err);
}
