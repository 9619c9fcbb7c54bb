/* SPDX-License-Identifier: ISC */
/*
 * Reading a stop schedule, in start-stop-daemon's syntax and a little more:
 * durations, a "forever" at the end, a signal at the end.  Pure; what a
 * schedule does is in machine.c.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "../duration.h"
#include "../signame.h"
#include "stop.h"

enum { LAST_WAIT_MS = 5000, ITEM_TEXT_MAX = 32 };

struct reading {
	struct daemon_schedule s;
	const char *text;
	struct daemon_fault *f;
	int forever; /* seen */
};

static int
refuse(struct reading *r, const char *why, const char *item)
{
	errno = EINVAL;
	return daemon_fault_set(
	    r->f, "stop", r->text, item != NULL ? "%s: %s" : "%s", why, item);
}

static int
add(struct reading *r, int sig, int wait_ms)
{
	if (r->s.n == DAEMON_SCHEDULE_MAX)
		return refuse(r, "too long a schedule", NULL);
	r->s.item[r->s.n].signal = sig;
	r->s.item[r->s.n++].wait_ms = wait_ms;
	return 0;
}

static int
add_wait(struct reading *r, const char *item)
{
	long long ms;

	if (daemon_duration_parse(item, &ms) == -1)
		return refuse(r,
		    errno == ERANGE ? "too long a time"
				    : "neither a signal nor a time",
		    item);
	if (ms > INT_MAX)
		return refuse(r, "too long a time", item);
	return add(r, 0, (int)ms);
}

static int
add_item(struct reading *r, const char *item)
{
	int sig;

	if (strcmp(item, "forever") == 0) {
		if (r->forever)
			return refuse(r, "\"forever\" stands twice", NULL);
		r->forever = 1;
		r->s.repeat = r->s.n;
		return 0;
	}
	if (item[0] >= '0' && item[0] <= '9')
		return add_wait(r, item);
	sig = daemon_signal_parse(item[0] == '-' ? item + 1 : item);
	if (sig == -1)
		return refuse(r,
		    item[0] == '-' ? "no such signal"
				   : "neither a signal nor a time",
		    item);
	return add(r, sig, 0);
}

/* Cut text at its slashes. */
static int
add_items(struct reading *r)
{
	const char *p = r->text;
	char item[ITEM_TEXT_MAX];
	size_t len;

	for (;; p += len + 1) {
		len = strcspn(p, "/");
		if (len == 0)
			return refuse(r, "an item is missing", NULL);
		if (len >= sizeof item)
			return refuse(r, "neither a signal nor a time", p);
		(void)memcpy(item, p, len);
		item[len] = '\0';
		if (add_item(r, item) == -1)
			return -1;
		if (p[len] == '\0')
			return 0;
	}
}

/* "T": TERM/T/KILL/T. */
static int
expand_bare(struct reading *r)
{
	int ms = r->s.item[0].wait_ms;

	if (r->forever || r->s.item[0].signal != 0)
		return refuse(r, "alone it must be a time", NULL);
	r->s.n = 0;
	if (add(r, SIGTERM, 0) == -1 || add(r, 0, ms) == -1 ||
	    add(r, SIGKILL, 0) == -1)
		return -1;
	return add(r, 0, ms);
}

/* A part that repeats must pass time, or it would burn it. */
static int
check_repeat(struct reading *r)
{
	size_t i;

	for (i = r->s.repeat; i < r->s.n; i++)
		if (r->s.item[i].signal == 0 && r->s.item[i].wait_ms != 0)
			return 0;
	return refuse(r, "what follows \"forever\" takes no time", NULL);
}

/*
 * The end: "forever" there repeats nothing, which is to wait without end;
 * and after a signal there, death is given a moment to be seen.
 */
static int
finish(struct reading *r)
{
	size_t i;

	if (r->forever && r->s.repeat == r->s.n) {
		r->forever = 0;
		if (add(r, 0, -1) == -1)
			return -1;
	}
	if (!r->forever && r->s.item[r->s.n - 1].signal != 0 &&
	    add(r, 0, LAST_WAIT_MS) == -1)
		return -1;
	if (r->forever && check_repeat(r) == -1)
		return -1;
	if (!r->forever)
		r->s.repeat = r->s.n;
	for (i = 0; i < r->s.n; i++)
		if (r->s.item[i].signal != 0)
			return 0;
	return refuse(r, "no signal in it", NULL);
}

int
daemon_schedule_parse(
    struct daemon_schedule *s, const char *text, struct daemon_fault *f)
{
	struct reading r = { .text = text, .f = f };

	if (add_items(&r) == -1)
		return -1;
	if (strchr(text, '/') == NULL && expand_bare(&r) == -1)
		return -1;
	if (finish(&r) == -1)
		return -1;
	*s = r.s;
	return 0;
}
