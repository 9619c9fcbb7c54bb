/* SPDX-License-Identifier: ISC */
/*
 * daemon_init(): the way of APUE 13.3, a step a line.  Each step is public
 * in <libdaemon/step.h>; this file only puts them in order.
 *
 * Nothing else may be in this object, and nothing in the library calls
 * daemon_init(): many programs have a function of that name.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../identity/pidtext.h"
#include "../init.h"
#include "../step.h"
#include "init_hold.h"
#include "init_state.h"
#include "init_wait.h"

static int
set_umask(struct daemon_init *d)
{
	if (!d->has_umask)
		return 0;
	d->old_umask = umask(0);
	d->umask_changed = 1;
	return daemon_umask_set(d->umask);
}

static void
say_begun(const struct daemon_init *d, pid_t pid)
{
	struct daemon_init_report r = { .word = DAEMON_INIT_BEGUN, .pid = pid };

	(void)daemon_init_send(d->report[1], &r);
}

/* Part from the caller, who stays behind and waits. */
static int
leave_caller(struct daemon_init *d)
{
	pid_t pid;

	if (d->foreground)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, d->report) ==
		-1 ||
	    daemon_init_quiet(d) == -1)
		return -1;
	pid = daemon_process_fork();
	if (pid == -1) {
		daemon_init_unquiet(d);
		return -1;
	}
	if (pid > 0) {
		(void)close(d->report[1]);
		daemon_init_wait(d, pid);
	}
	d->forked = 1;
	(void)close(d->report[0]);
	(void)close(d->signals);
	return 0;
}

static int
start_session(struct daemon_init *d)
{
	return d->foreground ? 0 : daemon_session_start();
}

/* Only a session's leader can get a terminal again: be no leader. */
static int
leave_session(struct daemon_init *d)
{
	pid_t pid;

	if (d->foreground)
		return 0;
	pid = daemon_process_fork();
	if (pid > 0) {
		say_begun(d, pid);
		_exit(0);
	}
	if (pid == 0)
		say_begun(d, getpid());
	return pid == -1 ? -1 : 0;
}

/* While we may still write where root may. */
static int
write_pidfile(struct daemon_init *d)
{
	pid_t session;

	d->object = d->o->pidfile;
	if (d->pidfile == NULL)
		return 0;
	if (!d->foreground) {
		session = getsid(0);
		if (session == -1)
			return -1;
		daemon_pidfile_set_session(d->pidfile, session);
	}
	return daemon_pidfile_write(d->pidfile);
}

static int
drop_user(struct daemon_init *d)
{
	d->object = d->o->user != NULL ? d->o->user : d->o->group;
	return d->has_user ? daemon_user_drop(&d->user) : 0;
}

static int
change_directory(struct daemon_init *d)
{
	const char *cwd = d->o->cwd != NULL ? d->o->cwd : "/";

	d->object = cwd;
	return cwd[0] != '\0' ? daemon_directory_change(cwd) : 0;
}

static int
close_descriptors(struct daemon_init *d)
{
	unsigned n = 0;
	int fd, i;

	if (d->o->keep_all)
		return 0;
	closelog(); /* its descriptor goes, and it must know that */
	d->keep[d->nkeep++] = d->report[1];
	for (i = 0; i < 3; i++)
		d->keep[d->nkeep++] = d->fd[i];
	/* To record a failure of what follows. */
	while ((fd = daemon_pidfile_descriptor(d->pidfile, n++)) != -1)
		d->keep[d->nkeep++] = fd;
	return daemon_descriptors_close(d->keep, d->nkeep);
}

/* stderr is the starter's until we are ready. */
static int
redirect_stdio(struct daemon_init *d)
{
	return daemon_stdio_redirect(d->fd[0], d->fd[1], -1);
}

static int
ignore_sigchld(struct daemon_init *d)
{
	if (!d->o->keep_sigchld)
		return daemon_sigchld_ignore();
	return d->forked ? sigaction(SIGCHLD, &d->sigchld, NULL) : 0;
}

static const struct {
	const char *step;
	int (*take)(struct daemon_init *);
} way[] = {
	{ "umask", set_umask },
	{ "fork", leave_caller },
	{ "session", start_session },
	{ "fork", leave_session },
	{ "pidfile", write_pidfile },
	{ "user", drop_user },
	{ "cwd", change_directory },
	{ "descriptors", close_descriptors },
	{ "stdio", redirect_stdio },
	{ "sigchld", ignore_sigchld },
};

static int
walk(struct daemon_init *d)
{
	size_t i;

	for (i = 0; i < sizeof way / sizeof way[0]; i++) {
		d->step = way[i].step;
		d->object = NULL;
		if (way[i].take(d) == -1)
			return -1;
	}
	return 0;
}

/* The caller waits for us: he shall know, and we are not wanted. */
static _Noreturn void
give_up(const struct daemon_init *d)
{
	struct daemon_init_report r = {
		.word = DAEMON_INIT_FAILED, .pid = getpid(), .status = 1
	};

	daemon_init_fault(&r, d->step, d->object, strerror(errno));
	(void)daemon_init_send(d->report[1], &r);
	_exit(1);
}

/* In the caller, or in the foreground: undo what can be undone. */
static int
refuse(struct daemon_init *d)
{
	struct daemon_init_report r = { .status = 1 };
	int saved = errno, i;

	if (d->o->failed_step != NULL)
		*d->o->failed_step = d->step;
	if (d->umask_changed)
		(void)umask(d->old_umask);
	daemon_init_unlink(d->pidpath, getpid());
	daemon_init_fault(&r, d->step, d->object, strerror(saved));
	daemon_init_record(d->pidfile, &r);
	for (i = 0; i < 2; i++)
		if (d->report[i] != -1)
			(void)close(d->report[i]);
	daemon_init_release(d, 1);
	errno = saved;
	return -1;
}

static void
remove_pidfile(void)
{
	if (daemon_init_state.pid == getpid())
		daemon_init_unlink(
		    daemon_init_state.pidfile, daemon_init_state.pid);
}

/* What daemon_ready(), daemon_failed() and exit(3) will need. */
static int
remember(struct daemon_init *d)
{
	struct daemon_init_state *s = &daemon_init_state;

	daemon_init_fd_close(&s->report); /* of a daemon that forked us */
	daemon_init_fd_close(&s->err);
	free(s->name);
	free(s->pidfile);
	s->said = 0;
	s->name = d->o->name != NULL ? strdup(d->o->name) : NULL;
	s->detached = d->forked;
	d->step = "start";
	if (daemon_init_fd_set(&s->report, d->report[1]) == -1 ||
	    daemon_init_fd_set(&s->err, d->fd[2]) == -1)
		return -1;
	s->pidfile = d->pidpath;
	s->pid = getpid();
	if (s->pidfile != NULL)
		(void)atexit(remove_pidfile);
	d->pidpath = NULL; /* now its */
	d->fd[2] = -1;
	return 0;
}

int
daemon_init(const struct daemon_options *o)
{
	static const struct daemon_options none;
	struct daemon_init d;

	if (o == NULL)
		o = &none;
	if (daemon_init_state.pid == getpid()) {
		if (o->failed_step != NULL)
			*o->failed_step = "start";
		errno = EALREADY;
		return -1;
	}
	if (daemon_init_hold(&d, o) == -1)
		return refuse(&d);
	if (walk(&d) == -1 || remember(&d) == -1) {
		if (d.forked)
			give_up(&d);
		return refuse(&d);
	}
	daemon_init_release(&d, 0);
	if (d.forked)
		(void)sigprocmask(SIG_SETMASK, &d.mask, NULL);
	if (o->ready_timeout_ms == 0)
		(void)daemon_ready();
	return 0;
}
