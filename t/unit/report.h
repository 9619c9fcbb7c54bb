/* SPDX-License-Identifier: ISC */
/* What the unit tests say: one line a promise, and their number. */
#ifndef REPORT_H
#define REPORT_H

#include <stdarg.h>
#include <stdio.h>

static int tests, failures;

__attribute__((unused, format(printf, 2, 3))) static void
ok(int good, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++tests);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	(void)fflush(stdout);
	failures += !good;
}

__attribute__((unused)) static int
finish(void)
{
	printf("1..%d\n", tests);
	return failures != 0;
}

#endif
