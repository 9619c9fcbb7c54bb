/* SPDX-License-Identifier: ISC */
/*
 * foreground
 *
 * The decision to detach against every combination of its facts: each
 * variable unset, empty, ours, somebody else's and nearly ours, with and
 * without pid 1 and a parent of pid 1.  The expectation is written the other
 * way round from the code, as a set of reasons.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "libdaemon/start/foreground.h"

enum { TEXTS = 10 };

static const char *const texts[TEXTS] = { NULL, "", "77", "78", "077", " 77",
	"77 ", "+77", "1", "/run/notify" };

static int checked;

static int
is(const char *text, const char *wanted)
{
	return text != NULL && strcmp(text, wanted) == 0;
}

/* Every reason that holds, as bits. */
static unsigned
reasons(const struct daemon_foreground_facts *f)
{
	const char *us = f->pid == 1 ? "1" : "77";
	unsigned r = 0;

	r |= f->asked ? 1u << DAEMON_STAY_ASKED : 0;
	r |= f->pid == 1 ? 1u << DAEMON_STAY_INIT : 0;
	r |= is(f->listen_pid, us) ? 1u << DAEMON_STAY_LISTEN : 0;
	r |= is(f->systemd_exec_pid, us) ? 1u << DAEMON_STAY_SYSTEMD : 0;
	r |= is(f->daemonize_supervised, us) ? 1u << DAEMON_STAY_SUPERVISED : 0;
	r |= is(f->daemon_foreground, "1") ? 1u << DAEMON_STAY_TOLD : 0;
	r |= f->notify_socket != NULL && *f->notify_socket && f->ppid == 1
	    ? 1u << DAEMON_STAY_NOTIFY
	    : 0;
	return r;
}

static void
check(const struct daemon_foreground_facts *f)
{
	enum daemon_foreground got = daemon_foreground_decide(f);
	unsigned r = reasons(f);

	checked++;
	if (got == DAEMON_DETACH)
		assert(r == 0);
	else
		assert((r >> got & 1u) != 0);
}

/* All values of all five variables. */
static void
each(struct daemon_foreground_facts f)
{
	int i, n, rest;

	for (i = 0; i < TEXTS * TEXTS * TEXTS * TEXTS * TEXTS; i++) {
		rest = i;
		n = rest % TEXTS, rest /= TEXTS;
		f.listen_pid = texts[n];
		n = rest % TEXTS, rest /= TEXTS;
		f.systemd_exec_pid = texts[n];
		n = rest % TEXTS, rest /= TEXTS;
		f.daemonize_supervised = texts[n];
		n = rest % TEXTS, rest /= TEXTS;
		f.daemon_foreground = texts[n];
		f.notify_socket = texts[rest];
		check(&f);
	}
}

int
main(void)
{
	static const pid_t pids[] = { 1, 77 }, ppids[] = { 0, 1, 42 };
	struct daemon_foreground_facts f = { 0 };
	size_t i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < 3; j++)
			for (f.asked = 0; f.asked < 2; f.asked++) {
				f.pid = pids[i];
				f.ppid = ppids[j];
				each(f);
			}
	(void)printf("%d combinations\n", checked);
	return 0;
}
