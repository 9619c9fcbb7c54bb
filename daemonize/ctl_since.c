/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "../libdaemon/duration.h"
#include "../libdaemon/output/lines.h"
#include "ctl_since.h"

enum { US_IN_S = 1000000, US_IN_MS = 1000 };

static const char *const days[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S",
	"%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d" };
static const char *const hours[] = { "%H:%M:%S", "%H:%M" };

/* What is behind it is "", or ".123" of the second, or Z. */
static int
finish(struct tm *tm, const char *rest, int64_t *us)
{
	int64_t fraction = 0, unit = US_IN_S / 10;
	const int day = tm->tm_mday;
	time_t s;

	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit /= 10)
			fraction += (*rest - '0') * unit;
	tm->tm_isdst = -1;
	s = strcmp(rest, "Z") == 0 ? timegm(tm) : mktime(tm);
	/* There is no 30th of February. */
	if ((strcmp(rest, "Z") != 0 && *rest != '\0') || tm->tm_mday != day)
		return -1;
	*us = (int64_t)s * US_IN_S + fraction;
	return 0;
}

/* With one of these forms; what it does not say is as in tm. */
static int
read_as(const char *text, const char *const *forms, size_t n,
    const struct tm *like, int64_t *us)
{
	struct tm tm;
	const char *rest;
	size_t i;

	for (i = 0; i < n; i++) {
		tm = *like;
		rest = strptime(text, forms[i], &tm);
		if (rest != NULL && finish(&tm, rest, us) == 0)
			return 0;
	}
	return -1;
}

int
since_parse(const char *text, int64_t now_us, int64_t *us)
{
	const struct tm midnight = { .tm_mday = 1 };
	time_t now = (time_t)(now_us / US_IN_S);
	struct tm today;
	long long ms;

	if (daemon_duration_parse(text, &ms) == 0) {
		*us = now_us - ms * US_IN_MS;
		return 0;
	}
	if (text[0] == '@' &&
	    daemon_line_time(text + 1, strlen(text) - 1, DAEMON_STAMPS_UNIX,
		us) == strlen(text) - 1)
		return 0;
	(void)localtime_r(&now, &today);
	today.tm_sec = 0;
	if (read_as(text, days, sizeof days / sizeof *days, &midnight, us) ==
		0 ||
	    read_as(text, hours, sizeof hours / sizeof *hours, &today, us) == 0)
		return 0;
	errno = EINVAL;
	return -1;
}
