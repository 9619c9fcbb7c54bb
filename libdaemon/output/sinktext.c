/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "drop.h"
#include "sinkparts.h"

static char
tag_of(unsigned stream)
{
	return stream == 0 ? 'o' : 'e';
}

/* What is told of the lost. */
static size_t
notice(char text[DAEMON_SINK_NOTICE], const struct daemon_intent *i, int within)
{
	const char *end = within ? DAEMON_SINK_CUT "\n" : "\n";
	const size_t n = daemon_lost_text(
	    text, i->lines, i->n, daemon_sink_why((int)i->error));

	(void)strcpy(text + n, end);
	return n + strlen(end);
}

struct daemon_lines
daemon_sink_lines(const struct daemon_sink *k, const struct daemon_spool *s,
    const struct daemon_moment *m)
{
	const struct daemon_intent *i = &m->intent;
	struct daemon_lines l = {
		.p = daemon_spool_bytes(s, DAEMON_TO_LOG, i->stream),
		.n = (size_t)i->n,
		.middle = m->middle == i->stream + 1,
		.lead = m->middle != 0 && m->middle != i->stream + 1,
	};

	l.nhead = daemon_line_head(
	    l.head, &k->log.layout, i->stamp_us, tag_of(i->stream));
	return l;
}

struct daemon_lines
daemon_sink_text(const struct daemon_sink *k, const struct daemon_spool *s,
    const struct daemon_moment *m, char text[DAEMON_SINK_NOTICE])
{
	const struct daemon_intent *i = &m->intent;
	struct daemon_lines l = { .p = text, .lead = m->middle != 0 };

	if (i->kind != DAEMON_INTENT_NOTICE)
		return daemon_sink_lines(k, s, m);
	l.n = notice(text, i, l.lead);
	l.nhead = daemon_line_head(l.head, &k->log.layout, i->stamp_us, '!');
	return l;
}

size_t
daemon_sink_length(const struct daemon_lines *l)
{
	return (size_t)(l->lead != 0) +
	    daemon_lines_length(l->p, l->n, l->middle, l->nhead);
}

/* A head without its line is of no use, if it is the last. */
static void
take_back(const struct daemon_sink *k, int64_t size, size_t rest)
{
	struct stat st;

	daemon_sink_leave(k);
	if (rest > 0 && fstat(k->fd, &st) == 0 && st.st_size == size)
		(void)!ftruncate(k->fd, st.st_size - (off_t)rest);
	daemon_sink_back(k);
}

/* Of what is not in the ring any more: the rest is lost. */
static void
lose_afloat(struct daemon_moment *m, const struct daemon_lines *l, size_t done)
{
	struct daemon_lost *lost = &m->lost[DAEMON_TO_LOG];

	if (done == l->n)
		return;
	lost->lines += (int64_t)daemon_lines_count(l->p + done, l->n - done);
	lost->bytes += (int64_t)(l->n - done);
	if (l->p[l->n - 1] != '\n' &&
	    m->ring[m->intent.stream].out[DAEMON_TO_LOG] == m->intent.next)
		lost->cut |= 1u << m->intent.stream;
}

/* The first n bytes of the lines, and with lead the newline before them. */
static void
settle_lines(
    struct daemon_moment *m, const struct daemon_lines *l, size_t n, int lead)
{
	if (n > 0)
		m->middle = l->p[n - 1] == '\n' ? 0 : m->intent.stream + 1;
	else if (lead)
		m->middle = 0;
	if (m->intent.afloat != 0)
		lose_afloat(m, l, n);
	else if (n > 0)
		daemon_spool_skip(m, DAEMON_TO_LOG, m->intent.stream, n);
}

void
daemon_sink_settle(struct daemon_sink *k, struct daemon_spool *s,
    const struct daemon_lines *l, size_t done)
{
	struct daemon_moment m = daemon_spool_copy(s);
	size_t rest = 0, n = daemon_lines_done(l, done, &rest);

	if (m.intent.kind == DAEMON_INTENT_NOTICE && n < l->n)
		rest = done;
	if (rest > 0)
		take_back(k, m.intent.size + (int64_t)done, rest);
	m = daemon_spool_copy(s);
	if (m.intent.kind != DAEMON_INTENT_NOTICE) {
		settle_lines(&m, l, n, l->lead && done > 0);
	} else if (n == l->n) {
		m.lost[DAEMON_TO_LOG].lines -= m.intent.lines;
		m.lost[DAEMON_TO_LOG].bytes -= m.intent.n;
		m.middle = 0;
	}
	m.intent = (struct daemon_intent){ .kind = DAEMON_INTENT_NONE };
	daemon_spool_commit(s, &m);
	daemon_spool_land(s);
}

/* He was killed with lines that are nowhere else: what is not known to be in
 * the log is not. */
static void
settle_lost(struct daemon_spool *s, int64_t done)
{
	struct daemon_moment m = daemon_spool_copy(s);

	if (done < m.intent.afloat) {
		m.lost[DAEMON_TO_LOG].lines += m.intent.lines;
		m.lost[DAEMON_TO_LOG].bytes += m.intent.n;
	}
	m.middle = done > 0 ? m.intent.stream + 1 : m.middle;
	m.intent = (struct daemon_intent){ .kind = DAEMON_INTENT_NONE };
	daemon_spool_commit(s, &m);
}

void
daemon_sink_settle_found(
    struct daemon_sink *k, struct daemon_spool *s, int64_t done)
{
	char text[DAEMON_SINK_NOTICE];
	struct daemon_lines l;
	size_t whole;

	if (daemon_spool_now(s)->intent.afloat != 0) {
		settle_lost(s, done);
		return;
	}
	l = daemon_sink_text(k, s, daemon_spool_now(s), text);
	whole = daemon_sink_length(&l);
	daemon_sink_settle(
	    k, s, &l, (size_t)done < whole ? (size_t)done : whole);
}
