/* SPDX-License-Identifier: ISC */
/* Numbers as text. */
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
