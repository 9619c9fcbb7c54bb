/* SPDX-License-Identifier: ISC */
/*
 * storm N command [args]
 *
 * Starts N copies at once: all are forked, gather at a latch and are
 * released together.  "{}" in an argument is the copy's number, from 0.
 * When all have ended, prints what they were like, sorted, most first:
 *
 *	status 0 1		ended with 0: one of them
 *	signal KILL 2		died of it: two
 *	stdout 1 LINE		that line, printed once
 *	stderr 999 LINE		that line, printed 999 times in all
 *
 * Output goes to memory files, so what a copy leaves behind holds no pipe.
 */
#define _GNU_SOURCE 1

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "probe.h"

struct copy {
	pid_t pid;
	int fd[2]; /* its standard output and error */
};

static const char *const streams[] = { "stdout", "stderr" };

struct lines {
	char **line;
	size_t n, room;
};

static void
add(struct lines *l, char *line)
{
	if (l->n == l->room) {
		l->room = l->room > 0 ? 2 * l->room : 1024;
		l->line = reallocarray(l->line, l->room, sizeof *l->line);
	}
	if (l->line == NULL || line == NULL)
		err(BROKEN, "memory");
	l->line[l->n++] = line;
}

static void
split(struct lines *l, int fd)
{
	struct stat st;
	char *text, *line;

	if (fstat(fd, &st) == -1 ||
	    (text = calloc(1, (size_t)st.st_size + 1)) == NULL ||
	    pread(fd, text, (size_t)st.st_size, 0) != st.st_size)
		err(BROKEN, "output");
	if (st.st_size > 0 && text[st.st_size - 1] == '\n')
		text[st.st_size - 1] = '\0';
	while (st.st_size > 0 && (line = strsep(&text, "\n")) != NULL)
		add(l, line);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct tally {
	const char *line;
	size_t n;
};

static int
by_count(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->line, y->line);
}

/* Distinct lines with their counts; the format puts WORD and count around. */
static void
summary(const char *stream, struct lines *l)
{
	struct tally *t = calloc(l->n + 1, sizeof *t);
	size_t n = 0;

	if (t == NULL)
		err(BROKEN, "memory");
	qsort(l->line, l->n, sizeof *l->line, by_text);
	for (size_t i = 0; i < l->n; i++) {
		if (n == 0 || strcmp(t[n - 1].line, l->line[i]) != 0)
			t[n++].line = l->line[i];
		t[n - 1].n++;
	}
	qsort(t, n, sizeof *t, by_count);
	for (size_t i = 0; i < n; i++)
		if (stream == NULL)
			printf("%s %zu\n", t[i].line, t[i].n);
		else
			printf("%s %zu %s\n", stream, t[i].n, t[i].line);
	free(t);
}

/* "web-{}" of copy 7 is "web-7". */
static char *
numbered(const char *arg, long i)
{
	const char *hole = strstr(arg, "{}");
	char *text;

	if (hole == NULL)
		return strdup(arg);
	if (asprintf(&text, "%.*s%ld%s", (int)(hole - arg), arg, i, hole + 2) ==
	    -1)
		err(BROKEN, "memory");
	return text;
}

static void
copy(const struct copy *me, long i, int here, int latch,
    const struct rlimit *birth, char *argv[])
{
	char c = 0;

	for (char **a = argv; *a != NULL; a++)
		*a = numbered(*a, i);
	for (int k = 0; k < 2; k++)
		if (dup2(me->fd[k], k + 1) == -1)
			err(BROKEN, "dup2");
	/* Ours are all close-on-exec, so the limit may fall beneath them. */
	(void)setrlimit(RLIMIT_NOFILE, birth);
	write_all(here, &c, 1);
	if (read(latch, &c, 1) == -1)
		err(BROKEN, "latch");
	become(argv);
}

static char *
ending(pid_t pid)
{
	char *text, buf[12];
	int status;

	if (waitpid(pid, &status, 0) == -1)
		err(BROKEN, "waitpid");
	if (WIFSIGNALED(status)
		? asprintf(&text, "signal %s",
		      signal_name(WTERMSIG(status), buf)) == -1
		: asprintf(&text, "status %d", WEXITSTATUS(status)) == -1)
		err(BROKEN, "memory");
	return text;
}

int
main(int argc, char *argv[])
{
	struct lines ends = { 0 }, out[2] = { 0 };
	struct rlimit birth, room;
	int here[2], latch[2];
	struct copy *copies;
	long n;

	if (argc < 3)
		errx(BROKEN, "usage: storm N command [args]");
	n = number(argv[1], 10, 1, 100000);
	(void)signal(SIGCHLD, SIG_DFL);
	if (getrlimit(RLIMIT_NOFILE, &birth) == -1)
		err(BROKEN, "getrlimit");
	room = (struct rlimit){ birth.rlim_max, birth.rlim_max };
	(void)setrlimit(RLIMIT_NOFILE, &room);
	if (pipe2(here, O_CLOEXEC) == -1 || pipe2(latch, O_CLOEXEC) == -1 ||
	    (copies = calloc((size_t)n, sizeof *copies)) == NULL)
		err(BROKEN, "pipe");
	for (long i = 0; i < n; i++) {
		for (int k = 0; k < 2; k++)
			if ((copies[i].fd[k] = memfd_create(
				 streams[k], MFD_CLOEXEC)) == -1)
				err(BROKEN, "copy %ld", i);
		if ((copies[i].pid = fork()) == -1)
			err(BROKEN, "copy %ld", i);
		if (copies[i].pid == 0) {
			close(latch[1]);
			copy(
			    &copies[i], i, here[1], latch[0], &birth, argv + 2);
		}
	}
	for (long i = 0; i < n; i++) {
		char c;

		if (read(here[0], &c, 1) != 1)
			errx(BROKEN, "a copy never came");
	}
	close(latch[1]);
	for (long i = 0; i < n; i++)
		add(&ends, ending(copies[i].pid));
	for (long i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			split(&out[k], copies[i].fd[k]);
	summary(NULL, &ends);
	for (int k = 0; k < 2; k++)
		summary(streams[k], &out[k]);
	return 0;
}
