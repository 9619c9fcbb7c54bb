/* SPDX-License-Identifier: ISC */
/*
 * Sizes as text.
 */
#include <errno.h>
#include <string.h>

#include "duration.h"

/* By how many bits a suffix shifts; -1: there is no such suffix. */
static int
shift(const char *suffix)
{
	static const char letters[] = "KMG", small[] = "kmg";
	const char *p;

	if (suffix[0] == '\0')
		return 0;
	if (suffix[1] != '\0')
		return -1;
	if ((p = strchr(letters, suffix[0])) != NULL)
		return (int)(p - letters + 1) * 10;
	if ((p = strchr(small, suffix[0])) != NULL)
		return (int)(p - small + 1) * 10;
	return -1;
}

int
daemon_size_parse(const char *text, long long *bytes)
{
	size_t digits = strspn(text, "0123456789"), i;
	int bits = shift(text + digits);
	long long n = 0;

	if (digits == 0 || bits == -1) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < digits; i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, text[i] - '0', &n))
			goto range;
	if (__builtin_mul_overflow(n, 1ll << bits, &n))
		goto range;
	*bytes = n;
	return 0;
range:
	errno = ERANGE;
	return -1;
}
