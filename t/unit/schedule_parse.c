/* SPDX-License-Identifier: ISC */
/*
 * Stop schedules as text, against the items they are.
 */
#include "stop_unit.h"

/* The items as text again: "15 w30000 9 w5000", "(" where it repeats. */
static const struct {
	const char *text, *items;
} good[] = {
	{ "TERM/30/KILL/5", "15 w30000 9 w5000" },
	{ DAEMON_SCHEDULE_DEFAULT, "15 w30000 9 w5000" },
	{ "SIGTERM/30/sigkill/5", "15 w30000 9 w5000" },
	{ "-TERM/30/-KILL/5", "15 w30000 9 w5000" },
	{ "-15/30/-9/5", "15 w30000 9 w5000" },
	{ "5", "15 w5000 9 w5000" },
	{ "200ms", "15 w200 9 w200" },
	{ "0", "15 w0 9 w0" },
	{ "TERM/0.1/KILL/2m", "15 w100 9 w120000" },
	{ "TERM/0/CONT/30/KILL/5", "15 w0 18 w30000 9 w5000" },
	{ "5/TERM/5", "w5000 15 w5000" },
	{ "TERM/KILL/5", "15 9 w5000" },
	{ "TERM/30/KILL", "15 w30000 9 w5000" },
	{ "TERM/30/forever/KILL/1", "15 w30000 ( 9 w1000" },
	{ "forever/TERM/1", "( 15 w1000" },
	{ "TERM/forever/5", "15 ( w5000" },
	{ "TERM/forever/1/KILL", "15 ( w1000 9" },
	{ "TERM/forever", "15 w-1" },
	{ "TERM/5/forever", "15 w5000 w-1" },
	{ "TERM/596h", "15 w2145600000" },
};

#define EIGHT	     "TERM/1/TERM/1/TERM/1/TERM/1/"
#define THIRTY_THREE EIGHT EIGHT EIGHT EIGHT "5"

static const char *const bad[] = {
	"",
	"/",
	"TERM",
	"-15",
	"forever",
	"forever/forever/TERM/1",
	"forever/5",
	"5/5",
	"5/forever",
	"TERM/",
	"/TERM/5",
	"TERM//5",
	"TERM/5/",
	"TERM/-5x",
	"TERM/-0",
	"TERM/-65",
	"TERM/--9",
	"TERM/-",
	"NOPE/5",
	"TERM/5 ",
	" TERM/5",
	"TERM/5w",
	"TERM/Forever",
	"TERM/forever/KILL",
	"TERM/forever/KILL/0",
	"TERM/597h",
	"TERM/99999999999999999999",
	"TERM/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/5",
	THIRTY_THREE,
};

static void
show(char *buf, size_t size, const struct daemon_schedule *s)
{
	size_t i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < s->n; i++) {
		n += (size_t)snprintf(buf + n, size - n, "%s%s%s%d",
		    i > 0 ? " " : "", i == s->repeat ? "( " : "",
		    s->item[i].signal != 0 ? "" : "w",
		    s->item[i].signal != 0 ? s->item[i].signal
					   : s->item[i].wait_ms);
	}
	if (s->repeat > s->n)
		(void)snprintf(buf + n, size - n, " repeat out of range");
}

int
main(void)
{
	struct daemon_schedule s, before;
	struct daemon_fault f;
	char text[512];
	size_t i;

	for (i = 0; i < sizeof good / sizeof good[0]; i++) {
		text[0] = '\0';
		if (daemon_schedule_parse(&s, good[i].text, &f) == 0)
			show(text, sizeof text, &s);
		ok(strcmp(text, good[i].items) == 0, "\"%s\" is %s (%s)",
		    good[i].text, good[i].items, text);
	}
	(void)memset(&before, 0x5a, sizeof before);
	for (i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		s = before;
		f = (struct daemon_fault){ 0 };
		errno = 0;
		ok(daemon_schedule_parse(&s, bad[i], &f) == -1 &&
			errno == EINVAL && f.error == EINVAL &&
			strcmp(f.step, "stop") == 0 &&
			strcmp(f.object, bad[i]) == 0 && f.reason[0] != '\0' &&
			memcmp(&s, &before, sizeof s) == 0,
		    "\"%s\" is refused: %s", bad[i], f.reason);
	}
	ok(daemon_schedule_parse(&s, "NOPE", NULL) == -1, "without a fault");
	return finish();
}
