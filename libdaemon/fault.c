/* SPDX-License-Identifier: ISC */
/*
 * Filling in what failed.  Not printing it: the programs do that.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"

int
daemon_fault_set(struct daemon_fault *f, const char *step, const char *object,
    const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (f == NULL)
		return -1;
	f->step = step;
	f->error = saved;
	(void)snprintf(
	    f->object, sizeof f->object, "%s", object != NULL ? object : "");
	f->reason[0] = '\0';
	if (fmt != NULL) {
		va_start(ap, fmt);
		(void)vsnprintf(f->reason, sizeof f->reason, fmt, ap);
		va_end(ap);
	}
	errno = saved;
	return -1;
}

const char *
daemon_fault_reason(const struct daemon_fault *f)
{
	return f->reason[0] != '\0' ? f->reason : strerror(f->error);
}
