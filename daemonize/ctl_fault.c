/* SPDX-License-Identifier: ISC */
/* What went wrong with a target, as a message and as a status. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "messages.h"

int
ctl_fault(const struct ctl *c, const char *shown, const struct daemon_fault *f)
{
	int named = f->object[0] != '\0' && strcmp(f->object, shown) != 0;
	const char *step = f->step != NULL ? f->step : c->verb;
	int said = strcmp(step, c->verb) == 0;

	message("%s: %s: %s%s%s%s%s", c->verb, shown, said ? "" : step,
	    said ? "" : ": ", named ? f->object : "", named ? ": " : "",
	    daemon_fault_reason(f));
	/* EXDEV: it lives in another pid namespace; EBUSY of a supervisor: it
	 * does not answer. */
	return f->error == EPERM || f->error == EACCES || f->error == EXDEV ||
		(f->error == EBUSY && strcmp(step, "supervise") == 0)
	    ? CTL_DENIED
	    : CTL_FAILED;
}

void
ctl_fault_add(struct daemon_fault *f, const char *text)
{
	char reason[sizeof f->reason];

	(void)snprintf(
	    reason, sizeof reason, "%.960s%s", daemon_fault_reason(f), text);
	(void)strcpy(f->reason, reason);
}
