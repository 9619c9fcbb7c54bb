/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>

#include "../libdaemon/start/plan.h"
#include "../libdaemon/supervise/logfile.h"
#include "messages.h"
#include "plan.h"

static void line(const struct config *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
line(const struct config *c, const char *fmt, ...)
{
	char text[4096], safe[16384];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (!c->dry_run) {
		message("%s", text);
		return;
	}
	message_escape(safe, sizeof safe, text);
	(void)printf("%s\n", safe);
}

/* The supervisor's own beginning, as that of any daemon; and what it does
 * before each instance. */
static void
print_supervisor(const struct config *c)
{
	const struct daemon_definition *d = &c->d;
	size_t i;

	for (i = 0; i < d->listen.n; i++)
		line(c, "listen %s", d->listen.v[i]);
	if (!c->foreground) {
		line(c, "fork");
		line(c, "session");
		line(c, "fork");
		line(c, "supervisor %s",
		    d->title != NULL	  ? d->title
			: d->name != NULL ? d->name
					  : d->pidfile);
	}
	if (d->supervisor_pidfile != NULL)
		line(c, "pidfile %s (the supervisor's)", d->supervisor_pidfile);
	if (d->max_memory != NULL)
		line(c, "max-memory %s", d->max_memory);
	for (i = 0; i < d->agents.n; i++)
		line(c, "agent %s", d->agents.v[i]);
	if (d->workers > 0)
		line(c, "workers %lld, each of them:", d->workers);
	if (d->before != NULL)
		line(c, "before %s", d->before);
	line(c, "fork");
}

void
plan_print(struct config *c)
{
	struct daemon_definition *d = &c->d;
	struct daemon_plan plan;
	char text[4096];
	size_t i;

	if (d->restart != NULL && !c->foreground && d->name != NULL)
		(void)daemon_logfile_choose(d, d->name);
	if (daemon_plan_make(&plan, d,
		d->restart != NULL  ? DAEMON_PLAN_INSTANCE
		    : c->foreground ? DAEMON_PLAN_FOREGROUND
				    : DAEMON_PLAN_DETACH) == -1)
		return;
	if (d->restart != NULL)
		print_supervisor(c);
	for (i = 0; i < plan.n; i++) {
		(void)daemon_action_text(text, sizeof text, &plan.action[i]);
		line(c, "%s", text);
	}
}
