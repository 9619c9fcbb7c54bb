/* SPDX-License-Identifier: ISC */
/*
 * Environment files, as systemd reads them: NAME=value lines, comments by
 * # or ;, quotes around values or parts of them, a backslash at the end of
 * a line joins it to the next.  No expansion of any kind.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "envfile.h"

enum { ENVFILE_MAX = 1 << 20 };

struct scan {
	const char *p, *end;
	unsigned line;
	struct daemon_bytes out; /* the entry being built */
};

static int
put(struct scan *s, char c)
{
	return daemon_bytes_add(&s->out, &c, 1);
}

/* A backslash: before a newline nothing at all; else the next character. */
static int
escape(struct scan *s)
{
	s->p++;
	if (s->p == s->end)
		return 0;
	if (*s->p == '\n') {
		s->line++;
		s->p++;
		return 0;
	}
	return put(s, *s->p++);
}

static int
single_quoted(struct scan *s)
{
	for (s->p++; s->p < s->end && *s->p != '\''; s->p++) {
		if (*s->p == '\n')
			s->line++;
		if (put(s, *s->p) == -1)
			return -1;
	}
	if (s->p == s->end) {
		errno = EILSEQ;
		return -1;
	}
	s->p++;
	return 0;
}

static int
double_quoted(struct scan *s)
{
	s->p++;
	while (s->p < s->end && *s->p != '"') {
		if (*s->p == '\n')
			s->line++;
		if (*s->p == '\\' && s->p + 1 < s->end &&
		    strchr("\"\\`$\n", s->p[1]) != NULL) {
			if (escape(s) == -1)
				return -1;
		} else if (put(s, *s->p++) == -1) {
			return -1;
		}
	}
	if (s->p == s->end) {
		errno = EILSEQ;
		return -1;
	}
	s->p++;
	return 0;
}

/* The value, up to its newline; unquoted blanks at its end do not count. */
static int
value(struct scan *s)
{
	size_t solid = s->out.n;
	int r = 0;

	s->p += strspn(s->p, " \t");
	while (r == 0 && s->p < s->end && *s->p != '\n') {
		switch (*s->p) {
		case '\\':
			r = escape(s);
			solid = s->out.n;
			break;
		case '\'':
			r = single_quoted(s);
			solid = s->out.n;
			break;
		case '"':
			r = double_quoted(s);
			solid = s->out.n;
			break;
		default:
			r = put(s, *s->p);
			if (*s->p != ' ' && *s->p != '\t' && *s->p != '\r')
				solid = s->out.n;
			s->p++;
		}
	}
	s->out.n = solid;
	return r;
}

/* Copies NAME and '='; the value follows. */
static int
name(struct scan *s)
{
	const char *start = s->p;
	size_t n;

	n = strspn(s->p,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_");
	s->p += n;
	s->p += strspn(s->p, " \t");
	if (n == 0 || (*start >= '0' && *start <= '9') || *s->p != '=') {
		errno = EINVAL;
		return -1;
	}
	s->p++;
	s->out.n = 0;
	if (daemon_bytes_add(&s->out, start, n) == -1)
		return -1;
	return put(s, '=');
}

int
daemon_envfile_parse(
    struct daemon_list *env, const char *text, size_t n, unsigned *line)
{
	struct scan s = { .line = 1 };
	char *copy = strndup(text, n);
	int r = 0;

	if (copy == NULL)
		return -1;
	s.p = copy;
	s.end = copy + n;
	if (strlen(copy) != n) { /* a NUL ends no line of ours */
		for (*line = 1; *s.p != '\0'; s.p++)
			*line += *s.p == '\n';
		errno = EBADMSG;
		r = -1;
	}
	for (; r == 0 && s.p < s.end; s.p++, s.line++) {
		s.p += strspn(s.p, " \t\r");
		*line = s.line;
		if (*s.p == '#' || *s.p == ';')
			s.p += strcspn(s.p, "\n");
		if (*s.p == '\n' || *s.p == '\0')
			continue;
		r = name(&s);
		if (r == 0)
			r = value(&s);
		if (r == 0)
			r = daemon_list_addn(env, s.out.p, s.out.n);
	}
	daemon_bytes_clear(&s.out);
	free(copy);
	return r;
}

static int
load(int fd, struct daemon_bytes *b)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (b->n + (size_t)n > ENVFILE_MAX) {
			errno = EFBIG;
			return -1;
		}
		if (daemon_bytes_add(b, buf, (size_t)n) == -1)
			return -1;
	}
	return 0;
}

int
daemon_envfile_read(
    struct daemon_list *env, const char *file, struct daemon_fault *f)
{
	struct daemon_bytes b = { 0 };
	int optional = file[0] == '-', fd, r;
	struct stat st;
	unsigned line = 0;

	file += optional;
	fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1) {
		if (optional && errno == ENOENT)
			return 0;
		return daemon_fault_set(f, "env-file", file, NULL);
	}
	r = fstat(fd, &st);
	if (r == 0 && !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		r = daemon_fault_set(
		    f, "env-file", file, "is not a regular file");
	} else if (r == -1 || (r = load(fd, &b)) == -1) {
		r = daemon_fault_set(f, "env-file", file, NULL);
	} else if (b.n > 0) {
		r = daemon_envfile_parse(env, b.p, b.n, &line);
		if (r == -1)
			(void)daemon_fault_set(f, "env-file", file,
			    errno == EINVAL ? "line %u: not NAME=value"
				: errno == EILSEQ
				? "line %u: a quote is not closed"
				: errno == EBADMSG ? "line %u: holds a NUL byte"
						   : NULL,
			    line);
	}
	(void)close(fd);
	daemon_bytes_clear(&b);
	return r;
}
