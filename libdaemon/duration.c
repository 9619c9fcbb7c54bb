/* SPDX-License-Identifier: ISC */
/*
 * Times as text.  In whole numbers throughout: a double would make 0.3s
 * something else than 300ms.
 */
#include <errno.h>
#include <string.h>

#include "duration.h"

static const struct unit {
	const char *name;
	long long ms;
} units[] = {
	{ "", 1000 },
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
};

static const struct unit *
find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof units / sizeof units[0]; i++)
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	return NULL;
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The digits p[0..n) behind the point, of a unit in ms, rounded up. */
static long long
fraction(const char *p, size_t n, long long unit)
{
	long long rest = 0, whole = 0, scale = 1;
	size_t i;

	/* A day has 86400000 ms: what eight digits leave is below one. */
	for (i = 0; i < n; i++)
		if (i < 9) {
			whole = whole * 10 + (p[i] - '0');
			scale *= 10;
		} else if (p[i] != '0') {
			rest = 1;
		}
	whole *= unit;
	return whole / scale + (whole % scale != 0 || rest != 0);
}

int
daemon_duration_parse(const char *text, long long *ms)
{
	size_t digits = strspn(text, "0123456789"), decimals = 0, i;
	const char *point = text + digits, *suffix = point;
	const struct unit *unit;
	long long n = 0;

	if (*point == '.') {
		decimals = strspn(point + 1, "0123456789");
		suffix = point + 1 + decimals;
	}
	unit = find(suffix);
	if (!is_digit(*text) || unit == NULL ||
	    (*point == '.' && decimals == 0)) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < digits; i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, text[i] - '0', &n))
			goto range;
	if (__builtin_mul_overflow(n, unit->ms, &n) ||
	    __builtin_add_overflow(
		n, fraction(point + 1, decimals, unit->ms), &n))
		goto range;
	*ms = n;
	return 0;
range:
	errno = ERANGE;
	return -1;
}
