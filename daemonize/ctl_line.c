/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>

#include "messages.h"
#include "status.h"

void
status_line(const char *label, const char *fmt, ...)
{
	char raw[4096], safe[8192];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	message_escape(safe, sizeof safe, raw);
	(void)printf("  %-9s %s\n", label, safe);
}
