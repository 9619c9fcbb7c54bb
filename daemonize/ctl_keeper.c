/* SPDX-License-Identifier: ISC */
/* What is to be said of who keeps a log. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/output/spool.h"
#include "ctl.h"
#include "render.h"
#include "status.h"

pid_t
keeper_of(const struct target *t)
{
	return t->st.keeper.pid != 0 &&
		daemon_identity_prove(&t->st.keeper) == DAEMON_PROOF_ALIVE
	    ? t->st.keeper.pid
	    : 0;
}

/* Its own words; 0: it has none. */
static int
read_words(const struct target *t, char words[KEEPER_WORDS])
{
	int fd = openat(t->service.dir, DAEMON_DEGRADED,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	if (fd == -1)
		return 0;
	n = read(fd, words, KEEPER_WORDS - 1);
	(void)close(fd);
	words[n > 0 ? n : 0] = '\0';
	return 1;
}

int
keeper_degraded(const struct target *t, char text[KEEPER_WORDS])
{
	char words[KEEPER_WORDS], span[32], dropped[48] = "", *p = words;
	long long since, lost;

	if (!t->recorded || !t->d.captured)
		return 0;
	if (keeper_of(t) == 0) {
		(void)snprintf(text, KEEPER_WORDS, "nobody keeps its log");
		return t->proof == DAEMON_PROOF_ALIVE;
	}
	if (!read_words(t, words))
		return 0;
	since = strtoll(p, &p, 10);
	lost = strtoll(p, &p, 10);
	p += strspn(p, " ");
	p[strcspn(p, "\n")] = '\0';
	render_span(span, sizeof span, daemon_clock_wall() - since);
	if (lost > 0)
		(void)snprintf(dropped, sizeof dropped, ", %lld line%s dropped",
		    lost, lost == 1 ? "" : "s");
	(void)snprintf(text, KEEPER_WORDS, "%.*s, for %s%s", KEEPER_WORDS / 2,
	    *p != '\0' ? p : "?", since > 0 ? span : "?", dropped);
	return 1;
}

void
status_keeper(const struct target *t)
{
	const pid_t pid = keeper_of(t);
	char text[KEEPER_WORDS];
	ssize_t held;

	if (pid != 0)
		status_line("logged", "by pid %ld", (long)pid);
	else if (t->d.captured && t->proof == DAEMON_PROOF_ALIVE)
		status_line("logged", "by nobody now%s",
		    t->supervised ? "" : " (daemonctl adopt)");
	if (pid != 0 && keeper_degraded(t, text))
		status_line("degraded", "%s", text);
	if (t->proof == DAEMON_PROOF_ALIVE || pid != 0)
		return;
	held = daemon_spool_peek(t->service.dir);
	if (held > 0) {
		render_bytes(text, sizeof text, (unsigned long long)held);
		status_line("holds", "%s for its log, until it starts", text);
	}
}
