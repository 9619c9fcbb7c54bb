/* SPDX-License-Identifier: ISC */
/* Ending one that has a record, and no supervisor. */
#include <stdlib.h>
#include <unistd.h>

#include "../identity/cgroup.h"
#include "../identity/leftfile.h"
#include "../identity/workers.h"
#include "recorded.h"

/* Before the first signal: for another stop, should this one be cut short. */
static void
note(void *arg, const struct daemon_identity *id, size_t n)
{
	const struct daemon_service *s = arg;

	(void)daemon_left_write(s->dir, id, n);
}

/* Each of them is known, whoever else is dead. */
static size_t
add_workers(struct daemon_identity **left, size_t n, int dir)
{
	enum { MOST = 8192 };
	struct daemon_identity *more =
	    reallocarray(*left, n + MOST, sizeof *more);

	if (more == NULL)
		return 0;
	*left = more;
	return daemon_workers_living(dir, more + n, MOST);
}

int
daemon_stop_recorded(struct daemon_stopping *r, const struct daemon_service *s,
    const struct daemon_definition *d, const struct daemon_status *st,
    const struct daemon_schedule *schedule, struct daemon_fault *f)
{
	struct daemon_service where = *s;
	struct daemon_stop_notes notes = { .note = note, .arg = &where };
	struct daemon_identity *left;
	char mark[DAEMON_MARK_MAX];
	int done;

	notes.mark = daemon_record_mark(s->dir, mark);
	notes.cgroup = d->cgroup;
	notes.nleft = daemon_left_read(s->dir, &left);
	if (d->workers > 0)
		notes.nleft += add_workers(&left, notes.nleft, s->dir);
	notes.left = left;
	notes.dir = s->dir;
	notes.name = d->name != NULL ? d->name : "";
	done = daemon_stop(r, &st->id, schedule, &notes, f);
	free(left);
	if (done != -1) {
		(void)unlinkat(s->dir, DAEMON_LEFT, 0);
		daemon_cgroup_remove_both(d->cgroup, d->memory_group);
	}
	return done;
}
