/* SPDX-License-Identifier: ISC */
/* Numbers as text. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"

char *
daemon_decimal(char *p, unsigned long long n)
{
	char digits[DAEMON_DECIMAL_MAX];
	int i = 0;

	do
		digits[i++] = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	while (i > 0)
		*p++ = digits[--i];
	*p = '\0';
	return p;
}

int
daemon_decimal_read(long long *n, const char *text, long long most)
{
	const char *p;
	long long all = 0;

	for (p = text; *p >= '0' && *p <= '9'; p++) {
		if (all > (most - (*p - '0')) / 10)
			break;
		all = all * 10 + (*p - '0');
	}
	if (p == text || *p != '\0' || all > most) {
		errno = EINVAL;
		return -1;
	}
	*n = all;
	return 0;
}

int
daemon_mask_read(long long *mask, const char *text)
{
	const size_t n = strlen(text);
	const long long all = strtol(text, NULL, 8);

	if (n < 1 || n > 4 || strspn(text, "01234567") != n || all > 0777) {
		errno = EINVAL;
		return -1;
	}
	*mask = all;
	return 0;
}
