/* SPDX-License-Identifier: ISC */
/* The options of workers. */
#include <string.h>

#include "../libdaemon/cpus.h"
#include "../libdaemon/decimal.h"
#include "../libdaemon/supervise/pool.h"
#include "messages.h"
#include "option_values.h"

int
value_workers(struct daemon_definition *d, const char *shown, const char *text)
{
	if (strcmp(text, "auto") == 0) {
		d->workers = daemon_cpus_usable();
		return 0;
	}
	if (daemon_decimal_read(&d->workers, text, DAEMON_WORKERS_MAX) == 0 &&
	    d->workers > 0)
		return 0;
	message_option(shown, "%s: not a number from 1 to %d, or auto", text,
	    DAEMON_WORKERS_MAX);
	return -1;
}

int
value_reload(struct daemon_definition *d, const char *shown, const char *text)
{
	const char *command = daemon_reload_command(text);

	if (strcmp(text, "rolling") == 0 || strcmp(text, "batch") == 0 ||
	    (command != NULL && command[0] != '\0') ||
	    daemon_reload_signal(text) != 0)
		return value_replace(&d->reload, text);
	message_option(
	    shown, "%s: not rolling, batch, a signal or cmd:CMD", text);
	return -1;
}

int
value_cpus(struct daemon_definition *d, const char *shown, const char *text)
{
	if (daemon_cpus_are(text))
		return value_replace(&d->cpus, text);
	message_option(shown, "%s: not as 0-3,6 or auto", text);
	return -1;
}
