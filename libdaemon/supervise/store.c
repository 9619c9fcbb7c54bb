/* SPDX-License-Identifier: ISC */
#include <sys/syscall.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "foreign.h"
#include "store.h"

enum { FIRST = 3 };

#define KCMP_FILE 0 /* of linux/kcmp.h, which not every C library brings */

/* Without a question to the file itself, which might not answer. */
static int
is_same(int a, int b)
{
	return syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, a, b) == 0;
}

/* Printable, and without what separates names. */
static int
is_name(const char *name)
{
	const char *p;

	for (p = name; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == ':' || *p == ',' ||
		    *p == '=')
			return 0;
	return p > name && p - name < DAEMON_STORE_NAME;
}

void
daemon_store_add(struct daemon_store *s, int fd, const char *name)
{
	size_t i;

	for (i = 0; i < s->n && !is_same(s->item[i].fd, fd); i++)
		continue;
	if (i < s->n || s->n - s->fixed == DAEMON_STORE_MAX) {
		daemon_foreign_close(&fd, 1);
		return;
	}
	s->item[s->n].fd = fd;
	(void)strcpy(s->item[s->n++].name, is_name(name) ? name : "stored");
}

void
daemon_store_remove(struct daemon_store *s, const char *name)
{
	size_t i = s->n;

	while (i-- > s->fixed)
		if (strcmp(s->item[i].name, name) == 0) {
			daemon_foreign_close(&s->item[i].fd, 1);
			s->item[i] = s->item[--s->n];
		}
}

void
daemon_store_move(struct daemon_store *to, struct daemon_store *from)
{
	size_t i;

	for (i = from->fixed; i < from->n; i++)
		daemon_store_add(to, from->item[i].fd, from->item[i].name);
	from->n = from->fixed;
}

void
daemon_store_clear_own(struct daemon_store *s)
{
	while (s->n > s->fixed)
		daemon_foreign_close(&s->item[--s->n].fd, 1);
}

void
daemon_store_clear(struct daemon_store *s)
{
	s->fixed = 0;
	daemon_store_clear_own(s);
}

int
daemon_store_fix(struct daemon_store *s, int fd, const char *name)
{
	if (s->fixed == DAEMON_STORE_MAX || s->n != s->fixed)
		return -1;
	s->item[s->n].fd = fd;
	(void)snprintf(s->item[s->n].name, DAEMON_STORE_NAME, "%s", name);
	s->fixed = ++s->n;
	return 0;
}

void
daemon_store_sockets(struct daemon_store *to, const struct daemon_store *s)
{
	*to = *s;
	to->n = to->fixed;
}

static int
say(const struct daemon_store *s, struct daemon_list *set)
{
	char names[DAEMON_STORE_ROOM * DAEMON_STORE_NAME] = "", *p = names;
	size_t i;

	for (i = 0; i < s->n; i++)
		p = stpcpy(stpcpy(p, i > 0 ? ":" : ""), s->item[i].name);
	return daemon_list_addf(set, "LISTEN_FDS=%zu", s->n) == -1 ||
		daemon_list_addf(set, "LISTEN_PID=%ld", (long)getpid()) == -1 ||
		daemon_list_addf(set, "LISTEN_FDNAMES=%s", names) == -1
	    ? -1
	    : 0;
}

/* Above first, so that none is overwritten before it is in its place. */
int
daemon_store_give(const struct daemon_store *s, struct daemon_list *keep,
    struct daemon_list *set)
{
	int above[DAEMON_STORE_ROOM], n = (int)s->n, i;

	for (i = 0; i < n; i++) {
		above[i] = fcntl(s->item[i].fd, F_DUPFD_CLOEXEC, FIRST + n);
		if (above[i] == -1)
			return -1;
	}
	for (i = 0; i < n; i++)
		if (dup2(above[i], FIRST + i) == -1 ||
		    daemon_list_addf(keep, "%d", FIRST + i) == -1)
			return -1;
	return n == 0 ? 0 : say(s, set);
}

void
daemon_store_text(char *buf, size_t size, const struct daemon_store *s)
{
	size_t i, n = 0;

	buf[0] = '\0';
	for (i = 0; i < s->n && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%d=%s",
		    i > 0 ? "," : "", s->item[i].fd, s->item[i].name);
	if (n >= size)
		buf[0] = '\0';
}

void
daemon_store_parse(struct daemon_store *s, const char *text, size_t sockets)
{
	char name[DAEMON_STORE_NAME];
	const char *p = text;
	size_t n;
	int fd;

	for (; *p != '\0'; p += p[n] == ',' ? n + 1 : n) {
		n = strcspn(p, ",");
		fd = atoi(p);
		if (sscanf(p, "%*d=%31[^,]", name) != 1 || fd < FIRST ||
		    fcntl(fd, F_SETFD, FD_CLOEXEC) == -1)
			continue;
		if (s->fixed < sockets)
			(void)daemon_store_fix(s, fd, name);
		else
			daemon_store_add(s, fd, name);
	}
}
