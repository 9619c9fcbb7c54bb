/* SPDX-License-Identifier: ISC */
/*
 * Environment files, as systemd reads them, down to what it makes of a
 * mistake: one file serves both, or neither.  No expansion of any kind.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../utf8.h"
#include "envfile.h"

enum { ENVFILE_MAX = 1 << 20 };

enum state {
	BETWEEN, /* nothing of a line yet but blanks */
	COMMENT,
	NAME,
	/* From here on there is a variable, even if the text ends. */
	VALUE, /* behind '=' or a closing quote: here, a quote is one */
	BARE,
	BARE_ESCAPE,
	SINGLE,
	DOUBLE,
	DOUBLE_ESCAPE,
};

struct scan {
	struct daemon_list *env;
	struct daemon_bytes out; /* the entry being built */
	size_t name; /* the length of its name */
	size_t solid; /* without blanks that may be the last */
	enum state state;
};

static int
is_end(char c)
{
	return c == '\n' || c == '\r';
}

static int
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static enum state
next(enum state state, char c)
{
	switch (state) {
	case BETWEEN:
		return is_end(c) || is_blank(c) ? BETWEEN
		    : c == '#' || c == ';'	? COMMENT
						: NAME;
	case COMMENT: return is_end(c) ? BETWEEN : COMMENT;
	case NAME: return is_end(c) ? BETWEEN : c == '=' ? VALUE : NAME;
	case VALUE:
		return is_blank(c) ? VALUE
		    : c == '\''	   ? SINGLE
		    : c == '"'	   ? DOUBLE
				   : next(BARE, c);
	case BARE: return is_end(c) ? BETWEEN : c == '\\' ? BARE_ESCAPE : BARE;
	case BARE_ESCAPE: return BARE;
	case SINGLE: return c == '\'' ? VALUE : SINGLE;
	case DOUBLE:
		return c == '"' ? VALUE : c == '\\' ? DOUBLE_ESCAPE : DOUBLE;
	case DOUBLE_ESCAPE: return DOUBLE;
	}
	return state;
}

/* What is quoted stays, be it a blank at the end. */
static int
put_quoted(struct scan *s, char c)
{
	int r = daemon_bytes_add(&s->out, &c, 1);

	s->solid = s->out.n;
	return r;
}

static int
put(struct scan *s, char c)
{
	return is_blank(c) ? daemon_bytes_add(&s->out, &c, 1)
			   : put_quoted(s, c);
}

static int
put_unescaped(struct scan *s, char c)
{
	if (c == '\n')
		return 0;
	if (strchr("\"\\`$", c) == NULL && put_quoted(s, '\\') == -1)
		return -1;
	return put_quoted(s, c);
}

static int
end_name(struct scan *s)
{
	s->name = s->out.n = s->solid;
	return put_quoted(s, '=');
}

/* U+FDD0 to U+FDEF, and the last two of each plane: systemd refuses them. */
static int
is_noncharacter(const unsigned char *p, size_t n)
{
	if (n == 3 && p[0] == 0xef)
		return (p[1] == 0xb7 && p[2] >= 0x90 && p[2] <= 0xaf) ||
		    (p[1] == 0xbf && p[2] >= 0xbe);
	return n == 4 && (p[1] & 0xf) == 0xf && p[2] == 0xbf && p[3] >= 0xbe;
}

static int
is_text(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	for (; *p != '\0'; p += n) {
		n = daemon_utf8_length(p);
		if (n == 0 || is_noncharacter(p, n))
			return 0;
	}
	return 1;
}

static int
is_name(const char *s, size_t n)
{
	return n > 0 && (*s < '0' || *s > '9') &&
	    strspn(s,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static int
end_entry(struct scan *s)
{
	s->out.n = s->solid;
	if (daemon_bytes_add(&s->out, "", 1) == -1)
		return -1;
	if (!is_text(s->out.p)) {
		errno = EILSEQ;
		return -1;
	}
	return is_name(s->out.p, s->name) ? daemon_list_add(s->env, s->out.p)
					  : 0;
}

static int
step(struct scan *s, char c)
{
	enum state from = s->state;

	s->state = next(from, c);
	switch (s->state) {
	case BETWEEN: return from >= VALUE ? end_entry(s) : 0;
	case NAME:
		if (from == BETWEEN)
			s->out.n = 0;
		return put(s, c);
	case VALUE: return from == NAME ? end_name(s) : 0;
	case BARE:
		return from != BARE_ESCAPE ? put(s, c)
		    : is_end(c)		   ? 0
					   : put_quoted(s, c);
	case BARE_ESCAPE: s->solid = s->out.n; return 0;
	case SINGLE: return from == SINGLE ? put_quoted(s, c) : 0;
	case DOUBLE:
		return from == DOUBLE	    ? put_quoted(s, c)
		    : from == DOUBLE_ESCAPE ? put_unescaped(s, c)
					    : 0;
	case COMMENT:
	case DOUBLE_ESCAPE: return 0;
	}
	return 0;
}

static unsigned
line_of(const char *text, const char *p)
{
	unsigned line = 1;

	for (; text < p; text++)
		line += *text == '\n';
	return line;
}

int
daemon_envfile_parse(
    struct daemon_list *env, const char *text, size_t n, unsigned *line)
{
	const char *p, *end = text + n, *start = text;
	struct scan s = { .env = env };
	int r = 0;

	p = memchr(text, '\0', n);
	if (p != NULL) { /* where it ends the variable is anybody's guess */
		*line = line_of(text, p);
		errno = EBADMSG;
		return -1;
	}
	for (p = text; r == 0 && p < end; p++) {
		if (s.state == BETWEEN)
			start = p;
		r = step(&s, *p);
	}
	if (r == 0 && s.state >= VALUE)
		r = end_entry(&s);
	*line = line_of(text, start);
	daemon_bytes_clear(&s.out);
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
			    errno == EILSEQ	   ? "line %u: is not UTF-8"
				: errno == EBADMSG ? "line %u: holds a NUL byte"
						   : NULL,
			    line);
	}
	(void)close(fd);
	daemon_bytes_clear(&b);
	return r;
}
