/* SPDX-License-Identifier: ISC */
/*
 * Reading a daemon's condition from /proc.  See condition.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "condition.h"

struct text {
	char *at;
	size_t room;
};

static void
add(struct text *t, const char *line, size_t len)
{
	if (len + 2 > t->room)
		return;
	memcpy(t->at, line, len);
	memcpy(t->at + len, "\n", 2);
	t->at += len + 1;
	t->room -= len + 1;
}

static ssize_t
slurp(pid_t pid, const char *file, char *buf, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	*buf = '\0';
	(void)snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return -1;
	n = read(fd, buf, size - 1);
	(void)close(fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

static bool
telling(const char *line)
{
	static const char *const keys[] = { "Umask:", "Uid:", "Gid:", "Groups:",
		"SigBlk:", "SigIgn:", "CapInh:", "CapPrm:", "CapEff:",
		"CapBnd:", "CapAmb:", "NoNewPrivs:", NULL };

	for (int i = 0; keys[i] != NULL; i++)
		if (strncmp(line, keys[i], strlen(keys[i])) == 0)
			return true;
	return false;
}

static void
add_lines(struct text *t, char *buf, bool all)
{
	char *save;

	for (char *line = strtok_r(buf, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (all || telling(line))
			add(t, line, strlen(line));
}

static void
add_session(struct text *t, pid_t pid, char *buf)
{
	const char *paren = strrchr(buf, ')');
	int group = 0, session = 0, tty = 0, n;
	char line[80];

	if (paren != NULL)
		(void)sscanf(
		    paren + 1, " %*c %*d %d %d %d", &group, &session, &tty);
	n = snprintf(line, sizeof line, "leads: group %s, session %s; tty %d",
	    group == pid ? "yes" : "no", session == pid ? "yes" : "no", tty);
	add(t, line, (size_t)n);
}

/* Numbers of pipes and sockets differ between any two starts. */
static void
add_link(struct text *t, pid_t pid, const char *name)
{
	char path[64], to[256], line[400];
	ssize_t n;
	int len;

	(void)snprintf(path, sizeof path, "/proc/%d/%.32s", pid, name);
	n = readlink(path, to, sizeof to - 1);
	to[n > 0 ? n : 0] = '\0';
	to[strcspn(to, "[")] = '\0';
	len = snprintf(line, sizeof line, "%.32s -> %s", name, to);
	add(t, line, (size_t)len);
}

static int
by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void
add_descriptors(struct text *t, pid_t pid)
{
	const struct dirent *e;
	char path[64];
	int fds[64], count = 0;
	DIR *d;

	(void)snprintf(path, sizeof path, "/proc/%d/fd", pid);
	if ((d = opendir(path)) == NULL)
		return;
	while ((e = readdir(d)) != NULL && count < 64)
		if (*e->d_name != '.')
			fds[count++] = atoi(e->d_name);
	(void)closedir(d);
	qsort(fds, (size_t)count, sizeof *fds, by_number);
	for (int i = 0; i < count; i++) {
		(void)snprintf(path, sizeof path, "fd/%d", fds[i]);
		add_link(t, pid, path);
	}
}

void
condition_read(pid_t pid, char text[CONDITION_MAX])
{
	struct text t = { text, CONDITION_MAX };
	char buf[4096];

	*text = '\0';
	(void)slurp(pid, "status", buf, sizeof buf);
	add_lines(&t, buf, false);
	(void)slurp(pid, "stat", buf, sizeof buf);
	add_session(&t, pid, buf);
	add_link(&t, pid, "cwd");
	add_link(&t, pid, "root");
	add_descriptors(&t, pid);
	(void)slurp(pid, "limits", buf, sizeof buf);
	add_lines(&t, buf, true);
	(void)slurp(pid, "oom_score_adj", buf, sizeof buf);
	add_lines(&t, buf, true);
	(void)slurp(pid, "cmdline", buf, sizeof buf); /* argv[0] alone */
	add(&t, buf, strlen(buf));
}

static bool
has_line(const char *text, const char *line, size_t len)
{
	for (; *text != '\0'; text += strcspn(text, "\n") + 1)
		if (strncmp(text, line, len) == 0 && text[len] == '\n')
			return true;
	return false;
}

/* The first line of A that B lacks, into BUF after WORD. */
static bool
lacking(const char *a, const char *b, const char *word, char *buf, size_t size)
{
	size_t len;

	for (; *a != '\0'; a += len + 1) {
		len = strcspn(a, "\n");
		if (has_line(b, a, len))
			continue;
		(void)snprintf(buf, size, "%s %.*s", word, (int)len, a);
		return true;
	}
	return false;
}

void
condition_compare(const char *old, const char *new, char *line, size_t size)
{
	if (!lacking(new, old, "has", line, size) &&
	    !lacking(old, new, "lacks", line, size))
		*line = '\0';
}
