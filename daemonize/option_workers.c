/* SPDX-License-Identifier: ISC */
/* The options of workers. */
#include <stdio.h>
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

int
value_agent(struct daemon_definition *d, const char *shown, const char *text)
{
	struct daemon_agent a, first;
	const size_t last = d->agents.n;

	if (daemon_list_add(&d->agents, text) == -1 ||
	    daemon_list_add(&d->agent_how, "") == -1)
		return -1;
	if (daemon_agent_of(&a, d, last) == -1) {
		message_option(shown,
		    "%s: not NAME=CMD, with a name of letters, digits, _, @, "
		    ": and -",
		    text);
		return -1;
	}
	if (daemon_agent_find(&first, d, a.name) == 0 &&
	    first.command != a.command) {
		message_option(shown, "%s: given twice", a.name);
		return -1;
	}
	return 0;
}

int
value_agent_how(struct daemon_definition *d, const char *shown, const char *key,
    const char *text)
{
	const size_t last = d->agents.n - 1;
	char word[160], how[480];
	struct daemon_agent a = { .every_ms = -1 };

	if (d->agents.n == 0) {
		message_option(shown, "only behind --agent, for that one");
		return -1;
	}
	if (text == NULL)
		text = "";
	if (snprintf(word, sizeof word, "%s%s", key, text) >=
		(int)sizeof word ||
	    strchr(word, ' ') != NULL || !daemon_agent_word(&a, word)) {
		message_option(shown, "%s: not %s", text,
		    strcmp(key, "user=") == 0 ? "a user"
					      : "a time (500ms, 30s, 5m)");
		return -1;
	}
	if (snprintf(how, sizeof how, "%s%s%s", d->agent_how.v[last],
		d->agent_how.v[last][0] != '\0' ? " " : "",
		word) >= (int)sizeof how) {
		message_option(shown, "is too long");
		return -1;
	}
	if (daemon_list_replace(&d->agent_how, last, how) == -1 ||
	    daemon_agent_of(&a, d, last) == -1)
		return -1;
	if (!a.once || a.every_ms == -1)
		return 0;
	message_option(shown, "not both --agent-once and --agent-every");
	return -1;
}
