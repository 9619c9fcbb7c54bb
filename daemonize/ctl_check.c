/* SPDX-License-Identifier: ISC */
/*
 * check: a plugin for Nagios and its kin, by their conventions: one line on
 * standard output, with what can be drawn behind a bar, and their four
 * statuses, also where a name is wrong.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/identity/workers.h"
#include "ctl_facts.h"
#include "ctl_workers.h"
#include "messages.h"
#include "render.h"
#include "status.h"

enum { RECENT_MS = 5 * 60 * 1000 };

static const char *
word(int status)
{
	static const char *const words[] = {
		[CHECK_OK] = "OK",
		[CHECK_WARNING] = "WARNING",
		[CHECK_CRITICAL] = "CRITICAL",
		[CHECK_UNKNOWN] = "UNKNOWN",
	};

	return words[status];
}

/* Of two the one to be woken for. */
static int
worse(int a, int b)
{
	static const int rank[] = {
		[CHECK_OK] = 0,
		[CHECK_UNKNOWN] = 1,
		[CHECK_WARNING] = 2,
		[CHECK_CRITICAL] = 3,
	};

	return rank[a] > rank[b] ? a : b;
}

/* When it was begun again last; of workers one of them, after its end. */
static long long
begun_ms(const struct target *t)
{
	const struct daemon_list *ends = &t->st.ends;
	const char *how;
	long long ms;
	size_t i;

	for (i = ends->n; t->d.workers > 0 && i > 0; i--) {
		ms = daemon_end_read(ends->v[i - 1], &how);
		if (daemon_worker_named(how) != -1)
			return ms;
	}
	return t->st.started;
}

static int
restarted_lately(const struct target *t)
{
	return t->st.restarts > 0 &&
	    daemon_clock_wall() - begun_ms(t) < RECENT_MS;
}

static int
judge(const struct fact *f)
{
	char why[KEEPER_WORDS];

	if (f->found != CTL_DONE)
		return CHECK_UNKNOWN;
	switch (f->t.state) {
	case DAEMON_STATE_READY:
	case DAEMON_STATE_RELOADING:
		return restarted_lately(&f->t) ||
			supervisor_is_stopped(&f->t) ||
			workers_missing(&f->t) > 0 ||
			keeper_degraded(&f->t, why)
		    ? CHECK_WARNING
		    : CHECK_OK;
	case DAEMON_STATE_STOPPING:
		/* Who would start it again does not run. */
		return supervisor_is_stopped(&f->t) ? CHECK_CRITICAL
						    : CHECK_WARNING;
	case DAEMON_STATE_STARTING:
	case DAEMON_STATE_PAUSED:
	case DAEMON_STATE_UNSUPERVISED: return CHECK_WARNING;
	case DAEMON_STATE_BACKOFF:
	case DAEMON_STATE_FAILED:
	case DAEMON_STATE_STOPPED:
	case DAEMON_STATE_EXITED: return CHECK_CRITICAL;
	}
	return CHECK_UNKNOWN;
}

/* What has a meaning in such a line has none in ours. */
static void
put(const char *text)
{
	for (; *text != '\0'; text++)
		(void)putchar(*text == '|' ? '/' : *text);
}

static void __attribute__((format(printf, 1, 2))) putf(const char *fmt, ...)
{
	char raw[1024], safe[2048];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	message_escape(safe, sizeof safe, raw);
	put(safe);
}

static void
put_failure(const struct daemon_status *st)
{
	const char *object = st->object != NULL ? st->object : "";

	putf(" (%s: %s%s%s)", st->step != NULL ? st->step : "?", object,
	    object[0] != '\0' ? ": " : "",
	    st->reason != NULL ? st->reason : "?");
}

/* The state and why, in few words: "failed (exec: No such file ...)". */
static void
put_state(const struct fact *f)
{
	const struct target *t = &f->t;
	const char *end = daemon_status_last_end(&t->st);

	if (f->found != CTL_DONE) {
		put(f->found == CTL_UNKNOWN ? "no such service"
					    : "its record cannot be read");
		return;
	}
	put(daemon_state_word(t->state));
	if (t->state == DAEMON_STATE_FAILED)
		put_failure(&t->st);
	else if (judge(f) == CHECK_CRITICAL && end != NULL)
		putf(" (%s)", end);
}

static void
put_details(const struct target *t)
{
	long long now = daemon_clock_wall();
	const char *end = daemon_status_last_end(&t->st);
	char span[32], why[KEEPER_WORDS];

	/* Nobody knows since when one that ended by itself has. */
	if (t->st.since > 0 && t->state != DAEMON_STATE_EXITED) {
		render_span(span, sizeof span, now - t->st.since);
		putf(" for %s", span);
	}
	if (status_code(t) == STATUS_RUNNING && t->st.id.pid != 0)
		putf(", pid %ld", (long)t->st.id.pid);
	if (keeper_degraded(t, why))
		putf(", %s", why);
	if (workers_missing(t) > 0)
		putf(", %lld of %lld workers ready", t->st.working,
		    t->st.wanted);
	if (status_code(t) == STATUS_RUNNING && restarted_lately(t)) {
		render_span(span, sizeof span, now - begun_ms(t));
		putf(", restarted %s ago%s%s%s", span, end != NULL ? " (" : "",
		    end != NULL ? end : "", end != NULL ? ")" : "");
	}
}

/* 'name.what'=, or what= of the only one. */
static void
label(const struct fact *f, int several, const char *what)
{
	const char *p;

	if (!several) {
		(void)printf(" %s=", what);
		return;
	}
	(void)printf(" '");
	for (p = f->t.name; *p != '\0'; p++)
		(void)putchar(strchr("'=|", *p) != NULL ? '_' : *p);
	(void)printf(".%s'=", what);
}

static void
perfdata(const struct fact *f, int several)
{
	const struct target *t = &f->t;

	if (f->found != CTL_DONE)
		return;
	label(f, several, "restarts");
	(void)printf("%lldc;;;0", t->st.restarts);
	if (f->u.memory < 0)
		return;
	label(f, several, "uptime");
	(void)printf("%llds;;;0", (daemon_clock_wall() - t->st.started) / 1000);
	label(f, several, "memory");
	(void)printf("%lldB;;;0", f->u.memory);
}

static int
check_one(const struct fact *f)
{
	const char *p = f->found == CTL_DONE ? f->t.shown : f->name;
	int status = judge(f);
	char safe[512];

	message_escape(safe, sizeof safe, p);
	for (p = safe; *p != '\0'; p++)
		(void)putchar(*p == '|' ? '/' : toupper((unsigned char)*p));
	(void)printf(" %s - ", word(status));
	put_state(f);
	if (f->found == CTL_DONE) {
		put_details(&f->t);
		(void)printf(" |");
		perfdata(f, 0);
	}
	(void)printf("\n");
	return status;
}

/* "mailer failed (...), worker backoff; 4 of 6 ok" */
static void
put_troubles(const struct fact *v, size_t n)
{
	const char *between = "";
	size_t i, good = 0;

	for (i = 0; i < n; i++) {
		if (judge(&v[i]) == CHECK_OK) {
			good++;
			continue;
		}
		(void)printf("%s", between);
		putf("%s ", v[i].found == CTL_DONE ? v[i].t.shown : v[i].name);
		put_state(&v[i]);
		if (v[i].found == CTL_DONE && restarted_lately(&v[i].t) &&
		    judge(&v[i]) == CHECK_WARNING)
			put(" (restarted lately)");
		between = ", ";
	}
	(void)printf("%s%zu of %zu ok", good < n ? "; " : "", good, n);
}

static int
check_several(const struct fact *v, size_t n)
{
	int status = CHECK_OK;
	size_t i;

	for (i = 0; i < n; i++)
		status = worse(status, judge(&v[i]));
	(void)printf("SERVICES %s - ", word(status));
	put_troubles(v, n);
	(void)printf(" |");
	for (i = 0; i < n; i++)
		perfdata(&v[i], 1);
	(void)printf("\n");
	return status;
}

int
check_nothing(const char *why)
{
	(void)printf("SERVICES UNKNOWN - %s\n", why);
	return CHECK_UNKNOWN;
}

int
check_all(const struct ctl *c, const struct daemon_list *names)
{
	struct ctl quietly = *c;
	struct fact *v;
	int status;

	if (names->n == 0)
		return check_nothing("there are none");
	quietly.mute = 1;
	v = facts(&quietly, names);
	if (v == NULL)
		return check_nothing("out of memory");
	status = names->n == 1 ? check_one(v) : check_several(v, names->n);
	facts_free(v, names->n);
	return status;
}
