/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../duration.h"
#include "../identity/service.h"
#include "agent.h"

/* What is behind "KEY="; NULL: it is another one. */
static const char *
value_of(const char *word, const char *key)
{
	const size_t n = strlen(key);

	return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1
							    : NULL;
}

/* "USER[:GROUP]" */
static int
read_user(struct daemon_agent *a, const char *text)
{
	const size_t n = strcspn(text, ":");
	const char *group = text + n + (text[n] == ':');

	if (n == 0 || n >= sizeof a->user || strlen(group) >= sizeof a->group ||
	    (text[n] == ':' && group[0] == '\0'))
		return 0;
	(void)snprintf(a->user, sizeof a->user, "%.*s", (int)n, text);
	(void)strcpy(a->group, group);
	return 1;
}

int
daemon_agent_word(struct daemon_agent *a, const char *word)
{
	const char *value;

	if (strcmp(word, "once") == 0) {
		a->once = 1;
		return 1;
	}
	if ((value = value_of(word, "every")) != NULL)
		return daemon_duration_parse(value, &a->every_ms) == 0 &&
		    a->every_ms > 0;
	if ((value = value_of(word, "delay")) != NULL)
		return daemon_duration_parse(value, &a->delay_ms) == 0;
	return (value = value_of(word, "user")) != NULL && read_user(a, value);
}

static int
read_words(struct daemon_agent *a, const char *how)
{
	char word[160];
	size_t n;

	for (; *how != '\0'; how += n + (how[n] == ' ')) {
		n = strcspn(how, " ");
		if (snprintf(word, sizeof word, "%.*s", (int)n, how) >=
			(int)sizeof word ||
		    (n > 0 && !daemon_agent_word(a, word)))
			return -1;
	}
	return 0;
}

int
daemon_agent_of(
    struct daemon_agent *a, const struct daemon_definition *d, size_t i)
{
	const char *text = d->agents.v[i], *equals = strchr(text, '=');

	*a = (struct daemon_agent){ .every_ms = -1 };
	if (equals != NULL && equals[1] != '\0' &&
	    equals - text < (long)sizeof a->name) {
		(void)snprintf(a->name, sizeof a->name, "%.*s",
		    (int)(equals - text), text);
		a->command = equals + 1;
		/* A dot is between the parts of a mark. */
		if (daemon_name_ok(a->name) && strchr(a->name, '.') == NULL &&
		    (i >= d->agent_how.n ||
			read_words(a, d->agent_how.v[i]) == 0))
			return 0;
	}
	errno = EINVAL;
	return -1;
}

int
daemon_agent_find(
    struct daemon_agent *a, const struct daemon_definition *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->agents.n; i++)
		if (daemon_agent_of(a, d, i) == 0 && strcmp(a->name, name) == 0)
			return 0;
	return -1;
}
