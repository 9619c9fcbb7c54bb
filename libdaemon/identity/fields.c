/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../decimal.h"
#include "fields.h"

enum { PRIVATE = 1, BROUGHT = 2 };

#define D(member, k, p) \
	{ \
#member, k, (p)&1, (p)>> 1, \
		    offsetof(struct daemon_definition, member) \
	}
#define S(member, k) \
	{ \
#member, k, 0, 0, offsetof(struct daemon_status, member) \
	}

const struct daemon_field daemon_definition_fields[] = {
	D(name, DAEMON_FIELD_TEXT, 0),
	D(pidfile, DAEMON_FIELD_TEXT, 0),
	D(lockfile, DAEMON_FIELD_TEXT, 0),
	D(supervisor_pidfile, DAEMON_FIELD_TEXT, 0),
	D(title, DAEMON_FIELD_TEXT, 0),
	D(syslog_tag, DAEMON_FIELD_TEXT, 0),
	D(syslog, DAEMON_FIELD_TEXT, 0),
	D(user, DAEMON_FIELD_TEXT, 0),
	D(group, DAEMON_FIELD_TEXT, 0),
	D(cwd, DAEMON_FIELD_TEXT, 0),
	D(root, DAEMON_FIELD_TEXT, 0),
	D(command, DAEMON_FIELD_TEXT, 0),
	D(in, DAEMON_FIELD_TEXT, 0),
	D(out, DAEMON_FIELD_TEXT, 0),
	D(err, DAEMON_FIELD_TEXT, 0),
	D(check, DAEMON_FIELD_TEXT, PRIVATE),
	D(stop, DAEMON_FIELD_TEXT, 0),
	D(starter, DAEMON_FIELD_TEXT, BROUGHT),
	D(cgroup, DAEMON_FIELD_TEXT, BROUGHT),
	D(memory_group, DAEMON_FIELD_TEXT, BROUGHT),
	D(max_memory, DAEMON_FIELD_TEXT, 0),
	D(mark, DAEMON_FIELD_TEXT, PRIVATE | BROUGHT),
	D(restart, DAEMON_FIELD_TEXT, 0),
	D(restart_delay, DAEMON_FIELD_TEXT, 0),
	D(max_restarts, DAEMON_FIELD_TEXT, 0),
	D(success_status, DAEMON_FIELD_TEXT, 0),
	D(final_status, DAEMON_FIELD_TEXT, 0),
	D(ready, DAEMON_FIELD_TEXT, 0),
	D(ready_timeout, DAEMON_FIELD_TEXT, 0),
	D(log, DAEMON_FIELD_TEXT, BROUGHT), /* in out and err */
	D(log_size, DAEMON_FIELD_TEXT, 0),
	D(log_age, DAEMON_FIELD_TEXT, 0),
	D(log_timestamps, DAEMON_FIELD_TEXT, 0),
	D(log_compress, DAEMON_FIELD_TEXT, 0),
	D(watchdog, DAEMON_FIELD_TEXT, 0),
	D(max_runtime, DAEMON_FIELD_TEXT, 0),
	D(before, DAEMON_FIELD_TEXT, PRIVATE),
	D(on_ready, DAEMON_FIELD_TEXT, PRIVATE),
	D(on_exit, DAEMON_FIELD_TEXT, PRIVATE),
	D(on_failed, DAEMON_FIELD_TEXT, PRIVATE),
	D(argv, DAEMON_FIELD_LIST, 0),
	D(env, DAEMON_FIELD_LIST, PRIVATE | BROUGHT),
	D(set, DAEMON_FIELD_LIST, PRIVATE),
	D(env_files, DAEMON_FIELD_LIST, 0),
	D(limits, DAEMON_FIELD_LIST, 0),
	D(inherited, DAEMON_FIELD_LIST, BROUGHT),
	D(keep, DAEMON_FIELD_LIST, 0),
	D(listen, DAEMON_FIELD_LIST, 0),
	D(agents, DAEMON_FIELD_LIST, 0),
	D(agent_how, DAEMON_FIELD_LIST, 0),
	D(listen_env, DAEMON_FIELD_TEXT, 0),
	D(umask, DAEMON_FIELD_NUMBER, 0),
	D(nice, DAEMON_FIELD_NUMBER, BROUGHT),
	D(append, DAEMON_FIELD_NUMBER, 0),
	D(truncate, DAEMON_FIELD_NUMBER, BROUGHT),
	D(ignore_sigchld, DAEMON_FIELD_NUMBER, 0),
	D(foreground, DAEMON_FIELD_NUMBER, 0),
	D(ready_ms, DAEMON_FIELD_NUMBER, 0),
	D(keep_trying, DAEMON_FIELD_NUMBER, 0),
	D(captured, DAEMON_FIELD_NUMBER, BROUGHT),
	D(log_files, DAEMON_FIELD_NUMBER, 0),
	D(log_tags, DAEMON_FIELD_NUMBER, 0),
	D(log_block, DAEMON_FIELD_NUMBER, 0),
	D(backlog, DAEMON_FIELD_NUMBER, 0),
	D(reuseport, DAEMON_FIELD_NUMBER, 0),
	D(workers, DAEMON_FIELD_NUMBER, 0),
	D(drain, DAEMON_FIELD_TEXT, 0),
	D(reload, DAEMON_FIELD_TEXT, 0),
	D(cpus, DAEMON_FIELD_TEXT, 0),
};

const struct daemon_field daemon_status_fields[] = {
	S(since, DAEMON_FIELD_NUMBER),
	S(stopping, DAEMON_FIELD_NUMBER),
	S(started, DAEMON_FIELD_NUMBER),
	S(step, DAEMON_FIELD_TEXT),
	S(object, DAEMON_FIELD_TEXT),
	S(reason, DAEMON_FIELD_TEXT),
	S(code, DAEMON_FIELD_NUMBER),
	S(ended, DAEMON_FIELD_TEXT),
	S(ends, DAEMON_FIELD_LIST),
	S(says, DAEMON_FIELD_TEXT),
	S(restarts, DAEMON_FIELD_NUMBER),
	S(next, DAEMON_FIELD_NUMBER),
	S(stamp, DAEMON_FIELD_NUMBER),
	S(quick, DAEMON_FIELD_NUMBER),
	S(often, DAEMON_FIELD_NUMBER),
	S(window_left, DAEMON_FIELD_NUMBER),
	S(health_left, DAEMON_FIELD_NUMBER),
	S(runtime_left, DAEMON_FIELD_NUMBER),
	S(program, DAEMON_FIELD_TEXT),
	S(wanted, DAEMON_FIELD_NUMBER),
	S(working, DAEMON_FIELD_NUMBER),
	S(generation, DAEMON_FIELD_NUMBER),
	S(trying, DAEMON_FIELD_NUMBER),
	S(drained, DAEMON_FIELD_NUMBER),
	S(ended_status, DAEMON_FIELD_NUMBER),
};

const size_t daemon_definition_count =
    sizeof daemon_definition_fields / sizeof daemon_definition_fields[0];
const size_t daemon_status_count =
    sizeof daemon_status_fields / sizeof daemon_status_fields[0];

void *
daemon_field_of(const void *base, const struct daemon_field *f)
{
	return (char *)(uintptr_t)base + f->offset;
}

const char *
daemon_field_number(char buf[DAEMON_FIELD_NUMBER_MAX], long long n)
{
	buf[0] = '-';
	(void)daemon_decimal(buf + (n < 0),
	    n < 0 ? -(unsigned long long)n : (unsigned long long)n);
	return buf;
}

static void
clear(void *base, const struct daemon_field *table, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		switch (table[i].kind) {
		case DAEMON_FIELD_TEXT:
			free(*(char **)daemon_field_of(base, &table[i]));
			break;
		case DAEMON_FIELD_LIST:
			daemon_list_clear(daemon_field_of(base, &table[i]));
			break;
		case DAEMON_FIELD_NUMBER: break;
		}
}

void
daemon_definition_clear(struct daemon_definition *d)
{
	clear(d, daemon_definition_fields, daemon_definition_count);
	*d = (struct daemon_definition){ 0 };
}

void
daemon_status_clear(struct daemon_status *s)
{
	clear(s, daemon_status_fields, daemon_status_count);
	*s = (struct daemon_status){ 0 };
}

long long
daemon_end_read(const char *end, const char **how)
{
	char *rest;
	long long ms = strtoll(end, &rest, 10);

	*how = *rest == ' ' ? rest + 1 : rest;
	return ms;
}

const char *
daemon_status_last_end(const struct daemon_status *s)
{
	const char *how;

	if (s->ends.n == 0)
		return NULL;
	(void)daemon_end_read(s->ends.v[s->ends.n - 1], &how);
	return how;
}
