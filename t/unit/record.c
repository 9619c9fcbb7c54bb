/* SPDX-License-Identifier: ISC */
/*
 * Records: what is written is read back, whatever is in it; the public one
 * has no variables; and bytes that are not a record are refused, with
 * nothing touched.
 */
#undef NDEBUG

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libdaemon/identity/record.h"

/* Texts that would break a format without lengths. */
static const char *const nasty[] = {
	"",
	"plain",
	"a\nend 0\n\n",
	"\npid 1\n1\n",
	"name 3\nxyz",
	" 1 2 3 ",
	"\x01\x7f\xff\n\n\n",
	"daemonize-record 1\n",
};

enum { NASTY = sizeof nasty / sizeof nasty[0] };

static void
fill(struct daemon_definition *d)
{
	char **text[] = { &d->name, &d->pidfile, &d->lockfile, &d->user,
		&d->group, &d->cwd, &d->root, &d->command, &d->in, &d->out,
		&d->err, &d->check, &d->stop, &d->starter, &d->restart,
		&d->restart_delay, &d->max_restarts, &d->success_status,
		&d->final_status, &d->supervisor_pidfile, &d->title,
		&d->syslog_tag };
	struct daemon_list *list[] = { &d->argv, &d->env, &d->set,
		&d->env_files, &d->limits, &d->inherited, &d->keep };
	size_t i, k;

	*d = (struct daemon_definition){ .umask = 022,
		.nice = -20,
		.append = 1,
		.truncate = 1,
		.ignore_sigchld = 1,
		.foreground = 1,
		.ready_ms = -1 };
	for (i = 0; i < sizeof text / sizeof text[0]; i++) {
		*text[i] = strdup(nasty[i % NASTY]);
		assert(*text[i] != NULL);
	}
	for (i = 0; i < sizeof list / sizeof list[0]; i++)
		for (k = 0; k < NASTY; k++)
			assert(daemon_list_add(list[i], nasty[k]) == 0);
	assert(daemon_list_add(&d->env, "SECRET=hush") == 0);
	assert(daemon_list_add(&d->set, "SECRET=hush") == 0);
}

static void
same_text(const char *a, const char *b)
{
	assert(a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
same_list(const struct daemon_list *a, const struct daemon_list *b)
{
	size_t i;

	assert(a->n == b->n);
	for (i = 0; i < a->n; i++)
		same_text(a->v[i], b->v[i]);
}

static void
same(const struct daemon_definition *a, const struct daemon_definition *b)
{
	same_text(a->name, b->name);
	same_text(a->pidfile, b->pidfile);
	same_text(a->lockfile, b->lockfile);
	same_text(a->user, b->user);
	same_text(a->group, b->group);
	same_text(a->cwd, b->cwd);
	same_text(a->root, b->root);
	same_text(a->command, b->command);
	same_text(a->in, b->in);
	same_text(a->out, b->out);
	same_text(a->err, b->err);
	same_text(a->stop, b->stop);
	same_text(a->starter, b->starter);
	same_text(a->restart, b->restart);
	same_text(a->restart_delay, b->restart_delay);
	same_text(a->max_restarts, b->max_restarts);
	same_text(a->success_status, b->success_status);
	same_text(a->final_status, b->final_status);
	same_text(a->supervisor_pidfile, b->supervisor_pidfile);
	same_text(a->title, b->title);
	same_text(a->syslog_tag, b->syslog_tag);
	same_list(&a->argv, &b->argv);
	same_list(&a->env_files, &b->env_files);
	same_list(&a->limits, &b->limits);
	same_list(&a->inherited, &b->inherited);
	same_list(&a->keep, &b->keep);
	assert(a->umask == b->umask && a->nice == b->nice);
	assert(a->append == b->append && a->truncate == b->truncate);
	assert(a->ignore_sigchld == b->ignore_sigchld);
	assert(a->foreground == b->foreground && a->ready_ms == b->ready_ms);
}

static void
state(struct daemon_bytes *b)
{
	struct daemon_definition d, back = { 0 };

	fill(&d);
	assert(daemon_record_state(b, &d) == 0);
	assert(daemon_record_parse(&back, NULL, b->p, b->n) == 0);
	same(&d, &back);
	same_text(d.check, back.check);
	same_list(&d.env, &back.env);
	same_list(&d.set, &back.set);
	daemon_definition_clear(&back);
	daemon_definition_clear(&d);
}

static void public(struct daemon_bytes *b)
{
	char step[] = "exec", object[] = "x\nend 0\n\n", reason[] = "",
	     ended[] = "status 3", tail[DAEMON_RECORD_TAIL_MAX];
	struct daemon_status back = { 0 },
			     s = {
				     .state = DAEMON_STATE_EXITED,
				     .id = { .pid = 4194304,
					 .start = 1,
					 .pidfd = 2,
					 .pidns = 3,
					 .boot = "a-boot" },
				     .since = 1,
				     .started = -2,
				     .step = step,
				     .object = object,
				     .reason = reason,
				     .code = 127,
				     .ended = ended,
			     };
	struct daemon_definition d, other = { 0 };

	fill(&d);
	assert(daemon_record_public(b, &d, &s) == 0);
	assert(daemon_bytes_add(b, tail, daemon_record_tail(tail, &s.id)) == 0);
	assert(memmem(b->p, b->n, "hush", 4) == NULL);
	assert(daemon_record_parse(&other, &back, b->p, b->n) == 0);
	same(&d, &other);
	assert(other.env.n == 0 && other.set.n == 0);
	assert(back.state == s.state && back.id.pid == s.id.pid);
	assert(back.id.start == 1 && back.id.pidfd == 2 && back.id.pidns == 3);
	same_text(back.id.boot, s.id.boot);
	assert(back.since == 1 && back.started == -2 && back.code == 127);
	same_text(back.object, object);
	same_text(back.reason, reason);
	same_text(back.ended, ended);
	daemon_definition_clear(&other);
	daemon_definition_clear(&d);
	daemon_status_clear(&back);
}

/* p[0..n) is a record or refused; refused, it touches nothing. */
static int
read_back(const char *p, size_t n)
{
	struct daemon_definition d = { .umask = 12345 };
	struct daemon_status s = { .code = 54321 };
	char *copy = malloc(n > 0 ? n : 1);
	int r;

	assert(copy != NULL);
	(void)memcpy(copy, p, n);
	errno = 0;
	r = daemon_record_parse(&d, &s, copy, n);
	free(copy);
	if (r == -1) {
		assert(errno == EPROTO);
		assert(d.umask == 12345 && d.name == NULL && s.code == 54321);
		return -1;
	}
	assert(s.id.pid >= 0 && s.id.pid <= 1 << 22);
	assert(memchr(s.id.boot, '\0', sizeof s.id.boot) != NULL);
	daemon_definition_clear(&d);
	daemon_status_clear(&s);
	return 0;
}

/* Cut anywhere it is none: a half-written one is never believed. */
static void
cut(const struct daemon_bytes *b)
{
	size_t n;

	assert(read_back(b->p, b->n) == 0);
	for (n = 0; n < b->n; n++)
		assert(read_back(b->p, n) == -1);
}

static void
flipped(const struct daemon_bytes *b)
{
	size_t i, bit;

	for (i = 0; i < b->n; i++)
		for (bit = 0; bit < 8; bit++) {
			b->p[i] ^= (char)(1u << bit);
			(void)read_back(b->p, b->n);
			b->p[i] ^= (char)(1u << bit);
		}
}

static void
mutated(const struct daemon_bytes *b)
{
	static const char bytes[] = "0123456789\n end-\xff";
	char *copy = malloc(b->n);
	size_t k, from, to;
	int i;

	assert(copy != NULL);
	for (i = 0; i < 30000; i++) {
		(void)memcpy(copy, b->p, b->n);
		for (k = 0; k < 1 + (size_t)rand() % 8; k++)
			copy[(size_t)rand() % b->n] =
			    bytes[(size_t)rand() % sizeof bytes];
		from = (size_t)rand() % b->n;
		to = (size_t)rand() % b->n;
		if (i % 2 == 0 && from < to)
			(void)memmove(copy + from, copy + to, b->n - to);
		(void)read_back(copy, b->n);
	}
	free(copy);
}

static void
refused(void)
{
	static const char *const text[] = {
		"",
		"daemonize-record 1",
		"daemonize-record 1\n",
		"daemonize-record 2\nend 0\n\n",
		"daemonize-record 1\nend 0\n",
		"daemonize-record 1\nend 1\n\n",
		"daemonize-record 1\nname -1\n\nend 0\n\n",
		"daemonize-record 1\nname 4294967296\nx\nend 0\n\n",
		"daemonize-record 1\nname 18446744073709551616\nx\nend 0\n\n",
		"daemonize-record 1\nname \n\nend 0\n\n",
		"daemonize-record 1\n 1\nx\nend 0\n\n",
		"daemonize-record 1\nname 2\nx\nend 0\n\n",
		"daemonize-record 1\npid 2\n-1\nend 0\n\n",
		"daemonize-record 1\npid 1\nx\nend 0\n\n",
		"daemonize-record 1\npid 0\n\nend 0\n\n",
		"daemonize-record 1\npid 7\n4194305\nend 0\n\n",
		"daemonize-record 1\numask 20\n99999999999999999999\nend 0\n\n",
		"daemonize-record 1\ncondition 4\nfine\nend 0\n\n",
	};
	size_t i;

	for (i = 0; i < sizeof text / sizeof text[0]; i++)
		assert(read_back(text[i], strlen(text[i])) == -1);
	/* A newer version may say more. */
	assert(read_back("daemonize-record 1\nnews 1\nx\nend 0\n\n", 36) == 0);
}

int
main(void)
{
	struct daemon_bytes s = { 0 }, p = { 0 };

	srand(3);
	state(&s);
	public(&p);
	refused();
	cut(&s);
	cut(&p);
	flipped(&s);
	flipped(&p);
	mutated(&s);
	mutated(&p);
	daemon_bytes_clear(&s);
	daemon_bytes_clear(&p);
	return 0;
}
