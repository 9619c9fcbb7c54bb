/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "../identity/service.h"
#include "../utf8.h"
#include "journal.h"

/* A name may be %BASENAME-HASH of any file: each of its bytes is six at most
 * ("\u00ff"). */
enum {
	LARGE = 64 * 1024,
	NAME_ROOM = 6 * DAEMON_NAME_MAX + 1,
	HOW_ROOM = 6 * 96 + 1,
	LINE_ROOM = NAME_ROOM + HOW_ROOM + 256
};

static int
is_plain(const unsigned char *p)
{
	return *p >= 0x20 && *p < 0x7f && *p != '"' && *p != '\\';
}

/* For within JSON's quotes; what does not fit is left out. */
static const char *
escape(char *buf, size_t size, const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t used = 0, n;
	int whole; /* is it a character of several bytes? */

	for (; *p != '\0' && used + 7 <= size; p += n) {
		n = daemon_utf8_length(p);
		whole = n > 1 && !(p[0] == 0xc2 && p[1] < 0xa0);
		if (whole || is_plain(p)) {
			used += (size_t)snprintf(buf + used, size - used,
			    "%.*s", (int)n, (const char *)p);
		} else {
			used += (size_t)snprintf(buf + used, size - used,
			    "\\u%04x", n == 2 ? p[1] : p[0]);
			n += n == 0;
		}
	}
	buf[used] = '\0';
	return buf;
}

/* Its length; 0: it does not fit. */
static size_t
format(char buf[LINE_ROOM], const struct daemon_journal_line *l)
{
	char name[NAME_ROOM], how[HOW_ROOM];
	const char *quote = l->how != NULL ? "\"" : "";
	char worker[96] = "";
	int n;

	if (l->worker > 0)
		(void)snprintf(
		    worker, sizeof worker, ", \"worker\": %d", l->worker - 1);
	else if (l->agent != NULL)
		(void)snprintf(
		    worker, sizeof worker, ", \"agent\": \"%s\"", l->agent);

	n = snprintf(buf, LINE_ROOM,
	    "{\"ms\": %lld, \"name\": \"%s\", \"event\": \"%s\", \"pid\": %ld, "
	    "\"how\": %s%s%s, \"restarts\": %lld%s}\n",
	    l->ms, escape(name, sizeof name, l->name), l->event, (long)l->pid,
	    quote, l->how != NULL ? escape(how, sizeof how, l->how) : "null",
	    quote, l->restarts, worker);
	return n > 0 && n < LINE_ROOM ? (size_t)n : 0;
}

/* For reading by everybody, under any umask.  *size: what is in it. */
static int
open_file(int dir, off_t *size)
{
	struct stat st;
	int fd = openat(dir, DAEMON_JOURNAL,
	    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
		O_CLOEXEC,
	    0644);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_nlink != 1 ||
	    ((st.st_mode & 0777) != 0644 && fchmod(fd, 0644) == -1)) {
		(void)close(fd);
		return -1;
	}
	*size = st.st_size;
	return fd;
}

static int
open_with_room(int dir, off_t *size)
{
	int fd = open_file(dir, size);

	if (fd == -1 || *size < LARGE ||
	    renameat(dir, DAEMON_JOURNAL, dir, DAEMON_JOURNAL_BEFORE) == -1)
		return fd;
	(void)close(fd);
	return open_file(dir, size);
}

void
daemon_journal_add(int dir, const struct daemon_journal_line *l)
{
	char line[LINE_ROOM];
	size_t n = format(line, l);
	off_t size;
	int fd;

	fd = n > 0 ? open_with_room(dir, &size) : -1;
	if (fd == -1)
		return;
	/* The disk was full: no half of a line stays. */
	if (write(fd, line, n) != (ssize_t)n)
		(void)!ftruncate(fd, size);
	(void)close(fd);
}
