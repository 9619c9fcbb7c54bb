/* SPDX-License-Identifier: ISC */
/* strtonum(3) for the lean build. */
#include <errno.h>
#include <stdlib.h>

#include "bsd.h"

#ifdef LEAN
long long
strtonum(const char *text, long long min, long long max, const char **errstr)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	*errstr = NULL;
	if (end == text || *end != '\0')
		*errstr = "invalid";
	else if (n < min || (errno == ERANGE && n < 0))
		*errstr = "too small";
	else if (n > max)
		*errstr = "too large";
	return *errstr == NULL ? n : 0;
}
#endif
