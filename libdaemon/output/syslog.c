/* SPDX-License-Identifier: ISC */
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <errno.h>
#include <paths.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../clock.h"
#include "drop.h"
#include "lines.h"
#include "syslog.h"

enum {
	PIECE = 8000, /* of a longer line: what the usual programs take */
	LEAST = 400, /* and what all do */
	HEAD = 256,
	MS_IN_S = 1000
};

static const struct name {
	const char *name;
	int code;
} facilities[] = { { "auth", LOG_AUTH }, { "authpriv", LOG_AUTHPRIV },
	{ "cron", LOG_CRON }, { "daemon", LOG_DAEMON }, { "ftp", LOG_FTP },
	{ "kern", LOG_KERN }, { "lpr", LOG_LPR }, { "mail", LOG_MAIL },
	{ "news", LOG_NEWS }, { "security", LOG_AUTH },
	{ "syslog", LOG_SYSLOG }, { "user", LOG_USER }, { "uucp", LOG_UUCP },
	{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 },
	{ "local2", LOG_LOCAL2 }, { "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 },
	{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 }, { NULL, -1 } };
static const struct name priorities[] = { { "alert", LOG_ALERT },
	{ "crit", LOG_CRIT }, { "debug", LOG_DEBUG }, { "emerg", LOG_EMERG },
	{ "err", LOG_ERR }, { "error", LOG_ERR }, { "info", LOG_INFO },
	{ "notice", LOG_NOTICE }, { "panic", LOG_EMERG },
	{ "warn", LOG_WARNING }, { "warning", LOG_WARNING }, { NULL, -1 } };

/* -1: there is none. */
static int
code(const struct name *names, const char *name, size_t n)
{
	for (; names->name != NULL; names++)
		if (strncmp(names->name, name, n) == 0 &&
		    names->name[n] == '\0')
			break;
	return names->code;
}

int
daemon_syslog_parse(const char *text, int *priority)
{
	const char *dot = strchr(text, '.');
	int facility = -1, level = -1;

	if (dot != NULL) {
		facility = code(facilities, text, (size_t)(dot - text));
		level = code(priorities, dot + 1, strlen(dot + 1));
	}
	if (facility == -1 || level == -1) {
		errno = EINVAL;
		return -1;
	}
	*priority = facility | level;
	return 0;
}

void
daemon_syslog_close(struct daemon_syslog *l)
{
	if (l->fd != -1)
		(void)close(l->fd);
	l->fd = -1;
}

static int
reach(struct daemon_syslog *l)
{
	const struct sockaddr_un a = { .sun_family = AF_UNIX,
		.sun_path = _PATH_LOG };

	if (l->fd != -1)
		return 0;
	l->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd != -1 &&
	    connect(l->fd, (const struct sockaddr *)&a, sizeof a) == 0)
		return 0;
	l->error = errno;
	daemon_syslog_close(l);
	return -1;
}

/* "<30>Nov 22 05:10:11 web: ", as RFC 3164 has it. */
static size_t
head_of(char head[HEAD], const struct daemon_syslog *l)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = (time_t)(daemon_clock_wall() / MS_IN_S);
	struct tm tm = { 0 };
	int n;

	(void)localtime_r(&now, &tm);
	n = snprintf(head, HEAD,
	    "<%d>%.3s %2d %02d:%02d:%02d %.64s: ", l->priority,
	    months + (size_t)tm.tm_mon * 3, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, l->tag);
	return n < HEAD ? (size_t)n : HEAD - 1;
}

/* What cannot be taken in one piece by somebody is shorter for him. */
static enum daemon_sent
send_piece(struct daemon_syslog *l, const char *p, size_t *n)
{
	char head[HEAD];
	struct iovec v[2] = { { head, head_of(head, l) },
		{ (char *)(uintptr_t)p, *n } };
	const struct msghdr m = { .msg_iov = v, .msg_iovlen = 2 };

	while (sendmsg(l->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == -1) {
		if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
			return DAEMON_SENT_SOME;
		if (errno != EMSGSIZE || v[1].iov_len <= LEAST) {
			l->error = errno;
			return DAEMON_SENT_NOT;
		}
		v[1].iov_len /= 2;
	}
	*n = v[1].iov_len;
	l->heard_ms = daemon_clock_steady();
	return DAEMON_SENT_ALL;
}

/* Who has been started anew since we have connected is another. */
static enum daemon_sent
send_line(struct daemon_syslog *l, const char *p, size_t *n)
{
	enum daemon_sent r;

	if (reach(l) == -1)
		return DAEMON_SENT_NOT;
	r = send_piece(l, p, n);
	if (r != DAEMON_SENT_NOT)
		return r;
	daemon_syslog_close(l);
	return reach(l) == -1 ? DAEMON_SENT_NOT : send_piece(l, p, n);
}

/* What was dropped is told as soon as somebody hears it. */
static enum daemon_sent
tell_lost(struct daemon_syslog *l, struct daemon_spool *s)
{
	struct daemon_moment m = daemon_spool_copy(s);
	struct daemon_lost *lost = &m.lost[DAEMON_TO_SYSLOG];
	enum daemon_sent r;
	char text[DAEMON_LOST_TEXT];
	size_t n;

	if (lost->bytes == 0)
		return DAEMON_SENT_ALL;
	n = daemon_lost_text(text, lost->lines, lost->bytes,
	    strerror(l->error != 0 ? l->error : EAGAIN));
	r = send_line(l, text, &n);
	if (r == DAEMON_SENT_ALL) {
		lost->lines = lost->bytes = 0;
		daemon_spool_commit(s, &m);
	}
	return r;
}

/* The next line of a stream: how much of the spool it is; 0: there is none.
 * *text of that is no end of a line. */
static size_t
next_line(
    const struct daemon_spool *s, unsigned stream, int ending, size_t *text)
{
	const size_t n = daemon_spool_pending(s, DAEMON_TO_SYSLOG, stream);
	const char *p = daemon_spool_bytes(s, DAEMON_TO_SYSLOG, stream);
	size_t first = daemon_lines_first(p, n);
	int ends = first > 0 && p[first - 1] == '\n';

	if (!ends && !ending && first <= PIECE)
		return 0;
	if (first - (size_t)ends > PIECE) {
		first = PIECE;
		ends = 0;
	}
	*text = first - (size_t)ends;
	return first;
}

static enum daemon_sent
send_stream(struct daemon_syslog *l, struct daemon_spool *s, unsigned stream,
    int ending)
{
	struct daemon_moment m;
	enum daemon_sent r;
	size_t n, text, sent;

	while ((n = next_line(s, stream, ending, &text)) > 0) {
		sent = text;
		r = text == 0
		    ? DAEMON_SENT_ALL /* an empty line says nothing */
		    : send_line(l,
			  daemon_spool_bytes(s, DAEMON_TO_SYSLOG, stream),
			  &sent);
		if (r != DAEMON_SENT_ALL)
			return r;
		m = daemon_spool_copy(s);
		daemon_spool_skip(
		    &m, DAEMON_TO_SYSLOG, stream, sent < text ? sent : n);
		daemon_spool_commit(s, &m);
	}
	return DAEMON_SENT_ALL;
}

enum daemon_sent
daemon_syslog_send(struct daemon_syslog *l, struct daemon_spool *s, int ending)
{
	enum daemon_sent r;
	unsigned i;

	daemon_drop_rest(s, DAEMON_TO_SYSLOG);
	r = tell_lost(l, s);
	for (i = 0; r == DAEMON_SENT_ALL && i < DAEMON_STREAMS; i++)
		r = send_stream(l, s, i, ending);
	if (r == DAEMON_SENT_ALL)
		l->error = 0;
	l->busy = r == DAEMON_SENT_SOME;
	return r;
}
