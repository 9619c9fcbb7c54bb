/* SPDX-License-Identifier: ISC */
/* The waits before restarts, with the times of the manual. */
#include <limits.h>
#include <stdio.h>

#include "../../libdaemon/supervise/backoff.h"

static int tests, failures;

static void
is(long long got, long long wanted, const char *what)
{
	printf("%sok %d - %s\n", got == wanted ? "" : "not ", ++tests, what);
	if (got != wanted) {
		printf("# got %lld, wanted %lld\n", got, wanted);
		failures++;
	}
}

static void
default_waits(void)
{
	static const long long s[] = { 0, 0, 2, 4, 8, 16, 32, 60, 60, 60 };
	const struct daemon_backoff b = DAEMON_BACKOFF_DEFAULT;
	unsigned i, quick = 0;
	char what[64];

	for (i = 0; i < sizeof s / sizeof *s; i++) {
		(void)snprintf(what, sizeof what, "restart %u", i + 1);
		is(daemon_backoff_ms(&b, quick, 0), s[i] * 1000, what);
		quick = daemon_backoff_count(&b, quick);
	}
	is(daemon_backoff_ms(&b, UINT_MAX, 0), 60000, "after very many");
	is(daemon_backoff_count(&b, quick), quick, "counted no further");
}

static void
jitter(void)
{
	const struct daemon_backoff b = DAEMON_BACKOFF_DEFAULT;

	is(daemon_backoff_ms(&b, 2, 1), 2200, "a tenth more at most");
	is(daemon_backoff_ms(&b, 2, 0.5), 2100, "half of that");
	is(daemon_backoff_ms(&b, 60, 1), 66000, "of the longest, too");
	is(daemon_backoff_ms(&b, 0, 1), 0, "none of nothing");
}

static void
odd_policies(void)
{
	const struct daemon_backoff constant = { .first_ms = 500,
		.constant = 1 };
	const struct daemon_backoff never = { .first_ms = 0, .most_ms = 0 };
	const struct daemon_backoff uneven = { .first_ms = 700,
		.most_ms = 1000 };
	const struct daemon_backoff huge = { .first_ms = LLONG_MAX / 3,
		.most_ms = LLONG_MAX / 2 };

	is(daemon_backoff_ms(&constant, 0, 1), 500, "constant from the first");
	is(daemon_backoff_ms(&constant, 99, 1), 500, "constant to the last");
	is(daemon_backoff_ms(&never, 99, 1), 0, "none at all");
	is(daemon_backoff_count(&never, 2), 2, "none at all, not counted");
	is(daemon_backoff_ms(&uneven, 3, 0), 1000, "no longer than the most");
	is(daemon_backoff_ms(&huge, 4, 0), LLONG_MAX / 2, "no overflow");
}

int
main(void)
{
	default_waits();
	jitter();
	odd_policies();
	return failures != 0;
}
