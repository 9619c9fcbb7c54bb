/* SPDX-License-Identifier: ISC */
/* A list of identities: records of nothing but that, one after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "leftfile.h"
#include "record.h"

/* The last line of a record. */
static const char mark[] = "end 0\n\n";

static int
append(struct daemon_bytes *b, const struct daemon_identity *id)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { .id = *id };
	char tail[DAEMON_RECORD_TAIL_MAX];
	struct daemon_bytes one = { 0 };
	int r;

	r = daemon_record_public(&one, &d, &st);
	if (r == 0)
		r = daemon_bytes_add(b, one.p, one.n);
	if (r == 0)
		r = daemon_bytes_add(b, tail, daemon_record_tail(tail, id));
	daemon_bytes_clear(&one);
	return r;
}

int
daemon_left_write(int dir, const struct daemon_identity *id, size_t n)
{
	struct daemon_bytes b = { 0 };
	int r = 0, saved;
	size_t i;

	for (i = 0; r == 0 && i < n; i++)
		r = append(&b, &id[i]);
	if (r == 0)
		r = daemon_record_write(dir, DAEMON_LEFT, b.p, b.n, "", 0);
	saved = errno;
	daemon_bytes_clear(&b);
	errno = saved;
	return r;
}

/* The identity in the first n bytes of p.  -1: it is none. */
static int
parse(struct daemon_identity *id, const char *p, size_t n)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	int r = daemon_record_parse(&d, &st, p, n);

	*id = st.id;
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	return r;
}

static size_t
parse_all(struct daemon_identity **id, const char *p, const char *end)
{
	struct daemon_identity *v;
	const char *last;
	size_t n = 0;

	for (; p < end; p = last) {
		last = memmem(p, (size_t)(end - p), mark, sizeof mark - 1);
		if (last == NULL)
			break;
		last += sizeof mark - 1;
		v = reallocarray(*id, n + 1, sizeof *v);
		if (v == NULL)
			break;
		*id = v;
		if (parse(&v[n], p, (size_t)(last - p)) == -1)
			break;
		n++;
	}
	return n;
}

size_t
daemon_left_read(int dir, struct daemon_identity **id)
{
	struct daemon_bytes b = { 0 };
	size_t n = 0;

	*id = NULL;
	if (daemon_record_load(dir, DAEMON_LEFT, &b) == 0 && b.p != NULL)
		n = parse_all(id, b.p, b.p + b.n);
	daemon_bytes_clear(&b);
	return n;
}

pid_t
daemon_left_lives(int dir)
{
	struct daemon_identity *id;
	size_t n = daemon_left_read(dir, &id), i;
	pid_t pid = 0;

	for (i = 0; pid == 0 && i < n; i++)
		if (daemon_identity_prove(&id[i]) == DAEMON_PROOF_ALIVE)
			pid = id[i].pid;
	free(id);
	return pid;
}
