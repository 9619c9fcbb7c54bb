/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "../duration.h"
#include "policy.h"

enum {
	SPAWN_MS = 60000, /* a slow disk, an environment file behind NFS */
	READY_MS = 60000,
	RELOAD_MS = 60000,
	RETRY_MS = 5000,
	LEAVE_MS = 60000,
	HEALTHY_MS = 10000
};

int
daemon_restart_parse(enum daemon_restart *r, const char *text)
{
	static const char *const words[] = {
		[DAEMON_RESTART_NEVER] = "never",
		[DAEMON_RESTART_ON_FAILURE] = "on-failure",
		[DAEMON_RESTART_ALWAYS] = "always",
	};
	size_t i;

	for (i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i], text) == 0) {
			*r = (enum daemon_restart)i;
			return 0;
		}
	errno = EINVAL;
	return -1;
}

int
daemon_max_restarts_parse(unsigned *max, long long *window_ms, const char *text)
{
	const char *slash = text + strspn(text, "0123456789");
	unsigned n = 0;
	const char *p;
	long long ms;

	for (p = text; p < slash && n <= 1000000; p++)
		n = n * 10 + (unsigned)(*p - '0');
	if (n == 0 || n > 1000000 || *slash != '/' ||
	    daemon_duration_parse(slash + 1, &ms) == -1 || ms == 0) {
		errno = EINVAL;
		return -1;
	}
	*max = n;
	*window_ms = ms;
	return 0;
}

static int
read_restarts(struct daemon_policy *p, const struct daemon_definition *d)
{
	if (d->restart != NULL &&
	    daemon_restart_parse(&p->restart, d->restart) == -1)
		return -1;
	if (d->max_restarts != NULL &&
	    daemon_max_restarts_parse(
		&p->max_restarts, &p->window_ms, d->max_restarts) == -1)
		return -1;
	p->backoff.constant = d->restart_delay != NULL;
	return d->restart_delay == NULL
	    ? 0
	    : daemon_duration_parse(d->restart_delay, &p->backoff.first_ms);
}

static int
read_times(struct daemon_policy *p, const struct daemon_definition *d)
{
	const struct {
		const char *text;
		long long *ms;
	} times[] = {
		{ d->ready_timeout, &p->ready_ms },
		{ d->watchdog, &p->watchdog_ms },
		{ d->max_runtime, &p->runtime_ms },
	};
	size_t i;

	for (i = 0; i < sizeof times / sizeof times[0]; i++)
		if (times[i].text != NULL &&
		    daemon_duration_parse(times[i].text, times[i].ms) == -1)
			return -1;
	return 0;
}

static int
read_ends(struct daemon_supervisor *s, const struct daemon_definition *d)
{
	if (d->success_status != NULL &&
	    daemon_endings_parse(&s->success, d->success_status) == -1)
		return -1;
	if (d->final_status != NULL) {
		s->final = (struct daemon_endings){ .signal = 0 };
		if (daemon_endings_parse(&s->final, d->final_status) == -1)
			return -1;
	}
	return daemon_schedule_parse(&s->schedule,
	    d->stop != NULL ? d->stop : DAEMON_SCHEDULE_DEFAULT, NULL);
}

int
daemon_policy_of(struct daemon_supervisor *s, const struct daemon_definition *d)
{
	struct daemon_policy *p = &s->policy;

	*p = (struct daemon_policy){
		.restart = DAEMON_RESTART_ALWAYS,
		.readiness = d->ready != NULL ? DAEMON_READY_TOLD
		    : d->ready_ms >= 0	      ? DAEMON_READY_ALIVE
					      : DAEMON_READY_EXEC,
		.keep_trying = d->keep_trying != 0,
		.has_before = d->before != NULL,
		.spawn_ms = SPAWN_MS,
		.alive_ms = d->ready_ms,
		.ready_ms = READY_MS,
		.reload_ms = RELOAD_MS,
		.retry_ms = RETRY_MS,
		.leave_ms = LEAVE_MS,
		.watchdog_ms = -1,
		.runtime_ms = -1,
		.healthy_ms = HEALTHY_MS,
		.backoff = DAEMON_BACKOFF_DEFAULT,
	};
	s->success = DAEMON_ENDINGS_SUCCESS;
	s->final = DAEMON_ENDINGS_FINAL;
	if (read_restarts(p, d) == 0 && read_ends(s, d) == 0 &&
	    (d->max_memory == NULL ||
		daemon_size_parse(d->max_memory, &s->max_memory) == 0) &&
	    read_times(p, d) == 0 &&
	    daemon_readiness_parse(&s->ready, d->ready) == 0)
		return 0;
	errno = EPROTO;
	return -1;
}
