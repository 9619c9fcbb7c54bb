/* SPDX-License-Identifier: ISC */
/*
 * metrics: OpenMetrics 1.0, for who scrapes it or puts it where another
 * exporter finds it.  A family is a row of one table, so that none is without
 * its type, unit and help.
 */
#include <stdio.h>
#include <string.h>

#include "ctl_facts.h"
#include "messages.h"
#include "status.h"

/* A label's value. */
static void
quote(const char *s)
{
	(void)putchar('"');
	for (; *s != '\0'; s++)
		(void)printf("%s%c", *s == '"' || *s == '\\' ? "\\" : "", *s);
	(void)putchar('"');
}

static void
begin(const char *family, const char *suffix, const struct fact *f)
{
	(void)printf("%s%s{name=", family, suffix);
	quote(f->t.shown);
}

/* One of them is 1. */
static void
states(const char *family, const struct fact *f)
{
	int s;

	for (s = 0; s < DAEMON_STATES; s++) {
		begin(family, "", f);
		(void)printf(",state=\"%s\"} %d\n",
		    daemon_state_word((enum daemon_state)s),
		    (enum daemon_state)s == f->t.state);
	}
}

static void
restarts(const char *family, const struct fact *f)
{
	begin(family, "_total", f);
	(void)printf("} %lld\n", f->t.st.restarts);
}

static void
thousandths(
    const char *family, const char *suffix, const struct fact *f, long long ms)
{
	begin(family, suffix, f);
	(void)printf("} %lld.%03lld\n", ms / 1000, ms % 1000);
}

static void
start_time(const char *family, const struct fact *f)
{
	if (status_code(&f->t) == STATUS_RUNNING && f->t.st.id.pid != 0 &&
	    f->t.st.started > 0)
		thousandths(family, "", f, f->t.st.started);
}

static void
memory(const char *family, const struct fact *f)
{
	if (f->u.memory < 0)
		return;
	begin(family, "", f);
	(void)printf("} %lld\n", f->u.memory);
}

static void
cpu(const char *family, const struct fact *f)
{
	if (f->u.cpu_ms >= 0)
		thousandths(family, "_total", f, f->u.cpu_ms);
}

static void
workers(const char *family, const struct fact *f, long long n)
{
	if (f->t.d.workers == 0 || !f->t.supervised)
		return;
	begin(family, "", f);
	(void)printf("} %lld\n", n);
}

static void
wanted(const char *family, const struct fact *f)
{
	workers(family, f, f->t.st.wanted);
}

static void
working(const char *family, const struct fact *f)
{
	workers(family, f, f->t.st.working);
}

static const struct family {
	const char *name, *type, *unit, *help;
	void (*samples)(const char *family, const struct fact *f);
} families[] = {
	{ "daemonize_service_state", "gauge", NULL,
	    "1 for the state the service is in, 0 for the others.", states },
	{ "daemonize_service_restarts", "counter", NULL,
	    "How often its supervisor has restarted it.", restarts },
	{ "daemonize_service_start_time_seconds", "gauge", "seconds",
	    "When its main process was started, since the epoch.", start_time },
	{ "daemonize_service_memory_bytes", "gauge", "bytes",
	    "Resident memory of its main process, or its workers.", memory },
	{ "daemonize_service_cpu_seconds", "counter", "seconds",
	    "Processor time used by its main process, or its workers.", cpu },
	{ "daemonize_service_workers_wanted", "gauge", NULL,
	    "How many workers it is to have.", wanted },
	{ "daemonize_service_workers_ready", "gauge", NULL,
	    "How many of them are ready.", working },
};

static void
print(const struct family *m, const struct fact *v, size_t n)
{
	size_t i;

	(void)printf("# TYPE %s %s\n", m->name, m->type);
	if (m->unit != NULL)
		(void)printf("# UNIT %s %s\n", m->name, m->unit);
	(void)printf("# HELP %s %s\n", m->name, m->help);
	for (i = 0; i < n; i++)
		if (v[i].found == CTL_DONE)
			m->samples(m->name, &v[i]);
}

int
metrics_all(const struct ctl *c, const struct daemon_list *names)
{
	struct fact *v = facts(c, names);
	int worst = CTL_DONE;
	size_t i;

	if (v == NULL)
		return CTL_FAILED;
	for (i = 0; i < names->n; i++)
		if (v[i].found > worst)
			worst = v[i].found;
	for (i = 0; i < sizeof families / sizeof families[0]; i++)
		print(&families[i], v, names->n);
	(void)printf("# EOF\n");
	facts_free(v, names->n);
	return worst;
}
