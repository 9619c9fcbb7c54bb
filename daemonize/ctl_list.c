/* SPDX-License-Identifier: ISC */
/* list: every service on a line, and how many need a look. */
#include <sys/ioctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "ctl_facts.h"
#include "ctl_workers.h"
#include "messages.h"
#include "render.h"
#include "status.h"

enum { STATE_WIDTH = 13 };

struct totals {
	size_t all, ready, look, old, degraded;
};

static long long
since(const struct target *t)
{
	return daemon_clock_wall() - t->st.since;
}

/* One colour, for the one column that says whether all is well. */
static const char *
colour(const struct target *t)
{
	const char *term = getenv("TERM");

	if (!isatty(STDOUT_FILENO) || getenv("NO_COLOR") != NULL ||
	    term == NULL || strcmp(term, "dumb") == 0)
		return NULL;
	switch (status_code(t)) {
	case STATUS_RUNNING: return "\033[32m";
	case STATUS_DEAD: return "\033[31m";
	default: return "\033[2m";
	}
}

/* At most max bytes, and no half of a character. */
static int
fitting(const char *s, int max)
{
	if ((int)strlen(s) <= max)
		return max;
	while (max > 0 && (s[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* For the command, behind all else. */
static int
room(int width)
{
	const int before = width + STATE_WIDTH + 8 + 9 + 6 + 5 * 2;
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == -1 || w.ws_col == 0)
		return 60;
	return w.ws_col - before > 8 ? w.ws_col - before : 8;
}

/* Behind the state. */
static const char *
marks(int old, int degraded)
{
	static const char *const marks[2][2] = { { "", "!" }, { "*", "!*" } };

	return marks[old != 0][degraded != 0];
}

/* "ready", or of workers "ready 3/4", if somebody counts. */
static void
state_text(char *buf, size_t size, const struct target *t)
{
	const char *word = daemon_state_word(t->state);

	if (t->d.workers > 0 && t->supervised &&
	    status_code(t) == STATUS_RUNNING)
		(void)snprintf(buf, size, "%s %lld/%lld", word, t->st.working,
		    t->st.wanted);
	else
		(void)snprintf(buf, size, "%s", word);
}

static void
row(const struct target *t, int width, const char *marked)
{
	char name[512], span[32] = "-", memory[16] = "-", pid[16] = "-",
			command[1024];
	const char *paint = colour(t);
	char word[32];
	struct daemon_list words = { 0 };
	struct usage u;

	state_text(word, sizeof word, t);
	message_escape(name, sizeof name, t->shown);
	/* Nobody knows since when one that ended by itself has. */
	if (t->st.since > 0 &&
	    (t->state != DAEMON_STATE_EXITED ||
		t->st.state == DAEMON_STATE_EXITED))
		render_span(span, sizeof span, since(t));
	if (status_code(t) == STATUS_RUNNING && t->st.id.pid != 0) {
		(void)snprintf(pid, sizeof pid, "%ld", (long)t->st.id.pid);
		usage_of_target(&u, t);
		if (u.memory >= 0)
			render_bytes(memory, sizeof memory,
			    (unsigned long long)u.memory);
	}
	(void)target_command(t, &words);
	render_command(command, sizeof command, words.v, words.n);
	daemon_list_clear(&words);
	(void)printf("%-*s  %s%s%s%-*s  %-8s  %-9s  %-6s  %.*s\n", width, name,
	    paint != NULL ? paint : "", word, paint != NULL ? "\033[0m" : "",
	    STATE_WIDTH - (int)strlen(word), marked, pid, span, memory,
	    fitting(command, room(width)), command);
}

static void
summary(const struct totals *n)
{
	(void)printf("%zu service%s: %zu ready", n->all, n->all == 1 ? "" : "s",
	    n->ready);
	if (n->look > 0)
		(void)printf(
		    ", %zu need%s a look", n->look, n->look == 1 ? "s" : "");
	(void)printf("\n");
	if (n->old > 0)
		(void)printf("* the supervisor is not the installed program "
			     "(daemonctl upgrade)\n");
	if (n->degraded > 0)
		(void)printf("! its log is degraded (daemonctl "
			     "status)\n");
}

/* It failed, or ended as it was not to, or nobody watches over it. */
static int
needs_a_look(const struct target *t)
{
	const char *how = daemon_status_last_end(&t->st);

	if (status_code(t) == STATUS_DEAD ||
	    t->state == DAEMON_STATE_UNSUPERVISED || supervisor_is_missing(t) ||
	    supervisor_is_stopped(t) || workers_missing(t) > 0)
		return 1;
	if (t->state != DAEMON_STATE_EXITED || t->d.restart == NULL)
		return 0;
	if (t->st.state != DAEMON_STATE_EXITED || how == NULL)
		return 1; /* nobody saw it */
	return strstr(how, ", final") != NULL ||
	    (strcmp(t->d.restart, "on-failure") != 0 &&
		strncmp(how, "status 0", strlen("status 0")) != 0);
}

static int
visit(const struct ctl *c, const char *name, int width, struct totals *n)
{
	struct target t;
	char why[KEEPER_WORDS];
	int old, degraded, r = target_by_name(&t, c, name);

	if (r != CTL_DONE) {
		n->all += r != CTL_UNKNOWN;
		n->look += r != CTL_UNKNOWN;
		return r;
	}
	old = supervisor_is_old(&t);
	degraded = keeper_degraded(&t, why);
	n->all++;
	n->ready +=
	    t.state == DAEMON_STATE_READY || t.state == DAEMON_STATE_RELOADING;
	n->look += degraded || needs_a_look(&t);
	n->old += old != 0;
	n->degraded += degraded != 0;
	if (c->json)
		status_json(&t, stdout);
	else if (!c->quiet)
		row(&t, width, marks(old, degraded));
	target_close(&t);
	return CTL_DONE;
}

/* Names of pidfiles are longer than names. */
static int
widest(const struct ctl *c, const struct daemon_list *names)
{
	struct ctl quietly = *c;
	size_t w = 8, n, i;
	struct target t;

	quietly.mute = 1;
	for (i = 0; i < names->n; i++) {
		n = strlen(names->v[i]);
		if (names->v[i][0] == '%' &&
		    target_by_name(&t, &quietly, names->v[i]) == CTL_DONE) {
			n = strlen(t.shown);
			target_close(&t);
		}
		if (n > w)
			w = n;
	}
	return w > 40 ? 40 : (int)w;
}

int
list_all(const struct ctl *c, const struct daemon_list *names)
{
	struct totals n = { 0 };
	int width, worst = CTL_DONE, r;
	size_t i;

	width = c->json ? 0 : widest(c, names);
	if (!c->json && !c->quiet && names->n > 0)
		(void)printf("%-*s  %-*s  %-8s  %-9s  %-6s  %s\n", width,
		    "NAME", STATE_WIDTH, "STATE", "PID", "SINCE", "MEM",
		    "COMMAND");
	for (i = 0; i < names->n; i++) {
		r = visit(c, names->v[i], width, &n);
		if (r > worst)
			worst = r;
	}
	if (!c->json && !c->quiet)
		summary(&n);
	return worst;
}
