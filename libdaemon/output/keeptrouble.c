/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/service.h"
#include "drop.h"
#include "keeper.h"

enum { TELL_MS = 1000 /* between two tellings of how much was dropped */ };

/* Who is away with the first lines of a stream keeps them, if he can. */
static int
make_room(struct daemon_keeper *k, enum daemon_outlet to, unsigned i)
{
	struct daemon_spool *s = &k->spool;

	if (to == DAEMON_TO_LOG && daemon_sink_is_away(s, i))
		return daemon_sink_cast_off(&k->sink, s, i);
	daemon_drop(s, to, i, s->tight && daemon_spool_room(s, i) == 0);
	return 1;
}

void
daemon_keeper_drop(struct daemon_keeper *k, enum daemon_outlet to, int error)
{
	unsigned i;

	if (k->blocks && !(k->finishing && k->ending))
		return;
	for (i = 0; i < DAEMON_STREAMS; i++)
		while (daemon_drop_is_due(&k->spool, to, i)) {
			if (to == DAEMON_TO_LOG)
				k->sink.lost_error = error;
			if (!make_room(k, to, i))
				break;
		}
}

/* The worst; NULL: there is none. */
static const char *
trouble(const struct daemon_keeper *k, int *error)
{
	*error = k->hung ? DAEMON_SINK_HUNG : k->sink.error;
	if (k->hung || k->write.at_ms != 0)
		return "its log cannot be written";
	*error = k->sink.stuck;
	if (k->sink.log.patience > 0)
		return "its log cannot be rotated";
	*error = k->syslog.error;
	if (k->send.delay_ms != 0)
		return "its syslog cannot be reached";
	*error = k->zip.error;
	if (k->zip.error != 0)
		return "its former logs cannot be compressed";
	return NULL;
}

static long long
lost(const struct daemon_keeper *k)
{
	const struct daemon_moment *m = daemon_spool_now(&k->spool);

	return m->lost[DAEMON_TO_LOG].lines + m->lost[DAEMON_TO_SYSLOG].lines;
}

static void
put_on_record(struct daemon_keeper *k, const char *what, int error)
{
	char text[160];
	int n;

	if (k->trouble_ms == 0)
		k->trouble_ms = daemon_clock_wall();
	k->told_ms = daemon_clock_steady();
	k->told_lost = lost(k);
	n = snprintf(text, sizeof text, "%lld %lld %s: %s\n", k->trouble_ms,
	    k->told_lost, what, daemon_sink_why(error));
	(void)daemon_record_write(
	    k->dir, DAEMON_DEGRADED, text, (size_t)n, "", 0);
}

void
daemon_keeper_tell(struct daemon_keeper *k)
{
	int error;
	const char *what = trouble(k, &error);

	daemon_spool_tell(&k->spool, DAEMON_TO_LOG,
	    k->hung		      ? DAEMON_SINK_HUNG
		: k->write.at_ms != 0 ? k->sink.error
				      : 0);
	daemon_spool_tell(&k->spool, DAEMON_TO_SYSLOG,
	    k->send.delay_ms != 0 ? k->syslog.error : 0);

	if (what == NULL && k->trouble != NULL) {
		(void)unlinkat(k->dir, DAEMON_DEGRADED, 0);
		k->trouble_ms = 0;
	} else if (what != NULL &&
	    (what != k->trouble ||
		(lost(k) != k->told_lost &&
		    daemon_clock_steady() - k->told_ms >= TELL_MS))) {
		put_on_record(k, what, error);
	}
	k->trouble = what;
}
