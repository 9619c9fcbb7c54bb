/* SPDX-License-Identifier: ISC */
#include "backoff.h"

/* Without its jitter. */
static long long
plain(const struct daemon_backoff *b, unsigned quick)
{
	long long ms = b->first_ms;
	unsigned i;

	if (b->constant)
		return ms;
	if (quick < DAEMON_BACKOFF_FREE)
		return 0;
	for (i = DAEMON_BACKOFF_FREE; i < quick && ms < b->most_ms; i++)
		ms = ms > b->most_ms / 2 ? b->most_ms : ms * 2;
	return ms;
}

long long
daemon_backoff_ms(const struct daemon_backoff *b, unsigned quick, double chance)
{
	long long ms = plain(b, quick);

	if (b->constant)
		return ms;
	return ms + (long long)((double)ms * chance / DAEMON_BACKOFF_JITTER);
}

unsigned
daemon_backoff_count(const struct daemon_backoff *b, unsigned quick)
{
	if (b->constant)
		return 0;
	if (quick >= DAEMON_BACKOFF_FREE &&
	    plain(b, quick + 1) == plain(b, quick))
		return quick;
	return quick + 1;
}
