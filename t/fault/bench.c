/* SPDX-License-Identifier: ISC */
/*
 * The rounds, and looking at what a command has left.  See bench.h.
 */
#define _GNU_SOURCE 1

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "scratch.h"

static pid_t
parent_of(pid_t pid)
{
	char path[40];
	int parent = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if ((f = fopen(path, "re")) != NULL) {
		if (fscanf(f, "%*d (%*[^)]) %*c %d", &parent) != 1)
			parent = 0;
		(void)fclose(f);
	}
	return parent;
}

static void
read_text(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
}

static void
look_at_pidfile(const struct scenario *sc, struct seen *s)
{
	struct stat st;
	int fd;

	s->pidfile = *sc->pidfile != '\0' && lstat(sc->pidfile, &st) == 0;
	if (!s->pidfile)
		return;
	if ((fd = open(sc->pidfile, O_RDONLY | O_CLOEXEC)) == -1)
		return;
	read_text(fd, s->pidtext, sizeof s->pidtext);
	(void)close(fd);
}

static void
look(struct bench *b)
{
	char *const *lists[3] = { b->sc.allow, NULL, NULL };
	struct seen *s = &b->seen;
	pid_t daemon = 0;

	s->status = b->trace.status;
	s->struck_stdout = b->trace.struck_output[0];
	s->struck_stderr = b->trace.struck_output[1];
	s->struck_daemon = b->trace.struck_target;
	for (const struct task *k = b->trace.tasks; k != NULL; k = k->next) {
		if (k->entered) {
			s->daemons++;
			daemon = k->pid;
		} else
			s->others++;
	}
	if (daemon != 0) {
		s->pid = b->sc.pid_of_parent ? parent_of(daemon) : daemon;
		condition_read(daemon, s->condition);
		lists[1] = b->sc.running;
	}
	look_at_pidfile(&b->sc, s);
	read_text(b->fds[2], s->said, sizeof s->said);
	scratch_search(b->dir, lists, b->sc.pidfile, s->stray, sizeof s->stray);
}

static void
tell(const struct bench *b, const char *what)
{
	const struct seen *s = &b->seen;
	bool killed = WIFSIGNALED(s->status);

	if (!b->tell)
		return;
	(void)printf("%-7s ", what);
	if (s->hung)
		(void)printf("hangs");
	else
		(void)printf("%s %d", killed ? "signal" : "exit",
		    killed ? WTERMSIG(s->status) : WEXITSTATUS(s->status));
	(void)printf("; %u daemons, %u others", s->daemons, s->others);
	if (s->pidfile)
		(void)printf("; pidfile \"%.*s\"",
		    (int)strcspn(s->pidtext, "\n"), s->pidtext);
	if (s->daemons != 0)
		(void)printf(" of %d", s->pid);
	if (*s->stray != '\0')
		(void)printf("; stray %s", s->stray);
	(void)printf("\n%s", s->said);
}

/* Runs one command to its rest and looks. */
static void
run(struct bench *b, char *const argv[], const struct fault *f,
    struct points *p, const char *what)
{
	struct trace *t = &b->trace;

	if (ftruncate(b->fds[2], 0) == -1 || lseek(b->fds[2], 0, SEEK_SET))
		err(125, "stderr of commands");
	memset(&b->seen, 0, sizeof b->seen);
	t->fault = f;
	t->points = p;
	if (trace_start(t, argv, b->env, b->fds) == -1)
		err(125, "%s", argv[0]);
	b->seen.hung = !trace_settle(t, b->sc.resident, b->sc.deadline);
	t->fault = NULL;
	t->points = NULL;
	look(b);
	tell(b, what);
}

static void
run_stop(struct bench *b, struct verdict *v)
{
	unsigned daemons = b->seen.daemons;

	run(b, b->sc.stop, NULL, NULL, "stop");
	judge_end(&b->sc, daemons, &b->seen, v);
}

/* What state it left: a status, a clean start, a stop. */
static void
follow_up(struct bench *b, struct verdict *v)
{
	const struct seen *s = &b->seen;
	unsigned daemons = s->daemons;

	if (!s->hung && b->sc.status[0] != NULL) {
		run(b, b->sc.status, NULL, NULL, "status");
		judge_status(&b->sc, NULL, daemons, s, v);
	}
	if (!s->hung) {
		run(b, b->sc.start, NULL, NULL, "again");
		judge_again(&b->sc, daemons, s, v);
	}
	if (!s->hung && b->sc.stop[0] != NULL && s->daemons == 1)
		run_stop(b, v);
	else if (s->daemons == 0 && *s->stray != '\0')
		verdict_add(v, CLASS_LEFT_OVER, "at the end: %s", s->stray);
}

static void
round_of_start(
    struct bench *b, const struct fault *f, struct points *p, struct verdict *v)
{
	const struct seen *s = &b->seen;

	run(b, b->sc.start, f, p, "start");
	if (*b->base == '\0')
		memcpy(b->base, s->condition, sizeof b->base);
	judge_start(&b->sc, f, b->base, s, v);
	follow_up(b, v);
}

static void
round_of_stop(
    struct bench *b, const struct fault *f, struct points *p, struct verdict *v)
{
	const struct seen *s = &b->seen;

	run(b, b->sc.start, NULL, NULL, "start");
	run(b, b->sc.stop, f, p, "stop");
	judge_stop(&b->sc, f, s, v);
	if (s->hung)
		return;
	if (s->status != 0 || s->daemons != 0)
		run_stop(b, v);
	else
		judge_end(&b->sc, 0, s, v);
}

/* Struck in the middle it may leave the old daemon, a new one, or none. */
static void
round_of_restart(
    struct bench *b, const struct fault *f, struct points *p, struct verdict *v)
{
	const struct seen *s = &b->seen;
	pid_t old;

	run(b, b->sc.start, NULL, NULL, "start");
	old = s->pid;
	if (*b->base == '\0')
		memcpy(b->base, s->condition, sizeof b->base);
	run(b, b->sc.restart, f, p, "restart");
	judge_restart(&b->sc, f, b->base, old, s, v);
	follow_up(b, v);
}

static void
round_of_status(
    struct bench *b, const struct fault *f, struct points *p, struct verdict *v)
{
	const struct seen *s = &b->seen;
	unsigned daemons;

	run(b, b->sc.start, NULL, NULL, "start");
	daemons = s->daemons;
	run(b, b->sc.status, f, p, "status");
	judge_status(&b->sc, f, daemons, s, v);
	if (!s->hung && b->sc.stop[0] != NULL)
		run_stop(b, v);
}

bool
bench_round(
    struct bench *b, const struct fault *f, struct points *p, struct verdict *v)
{
	struct trace *t = &b->trace;

	t->hits = 0;
	t->struck = t->struck_by = 0;
	t->struck_output[0] = t->struck_output[1] = false;
	t->struck_target = false;
	v->classes = 0;
	*v->why = '\0';
	switch (b->sc.subject) {
	case SUBJECT_START: round_of_start(b, f, p, v); break;
	case SUBJECT_STOP: round_of_stop(b, f, p, v); break;
	case SUBJECT_RESTART: round_of_restart(b, f, p, v); break;
	case SUBJECT_STATUS: round_of_status(b, f, p, v); break;
	}
	if (trace_end(t) == -1)
		err(125, "a process cannot be killed");
	if (scratch_empty(b->dir, false) == -1)
		err(125, "%s", b->dir);
	return t->hits != 0;
}

static void
make_environment(struct bench *b)
{
	int n = 0;

	if (asprintf(&b->env[n++], "HOME=%s", b->dir) == -1)
		err(125, "memory");
	b->env[n++] = strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	b->env[n++] = strdup("LC_ALL=C");
	memcpy(b->env + n, b->sc.env, sizeof b->sc.env);
}

/* What every command starts with: nothing that could hide a missed step. */
static void
make_surroundings(struct bench *b)
{
	const struct rlimit files = { 256, 4096 };
	struct stat st;
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child, NULL);
	(void)umask(077);
	/* Some close every descriptor there could be, one by one. */
	(void)setrlimit(RLIMIT_NOFILE, &files);
	/* What our caller left open is not the commands' business. */
	(void)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	b->fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	b->fds[1] = memfd_create("stdout", MFD_CLOEXEC);
	b->fds[2] = memfd_create("stderr", MFD_CLOEXEC);
	if (b->fds[0] == -1)
		err(125, "/dev/null");
	for (int i = 0; i < 2; i++) {
		if (fstat(b->fds[i + 1], &st) == -1)
			err(125, "memfd_create");
		b->trace.output_dev[i] = st.st_dev;
		b->trace.output_ino[i] = st.st_ino;
	}
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		err(125, "subreaper");
}

int
bench_open(struct bench *b, const char *file, const struct places *at)
{
	struct verdict v = { .classes = 0 };
	struct stat st;
	bool talkative = b->tell;

	(void)snprintf(b->dir, sizeof b->dir, "%s", at->dir);
	if (scenario_load(&b->sc, file, at) == -1)
		return -1;
	if ((mkdir(b->dir, 0755) == -1 && errno != EEXIST) ||
	    chmod(b->dir, 0755) == -1 || chdir(b->dir) == -1)
		err(125, "%s", b->dir);
	if (stat(at->target, &st) == -1)
		err(125, "%s", at->target);
	b->trace.target_dev = st.st_dev;
	b->trace.target_ino = st.st_ino;
	make_environment(b);
	make_surroundings(b);
	b->tell = false;
	(void)bench_round(b, NULL, NULL, &v);
	b->tell = talkative;
	if (v.classes == 0)
		return 0;
	warnx("%s: even without a fault: %s", file, v.why);
	return -1;
}

void
bench_close(struct bench *b)
{
	for (int i = 0; i < 3; i++)
		(void)close(b->fds[i]);
}
