/* SPDX-License-Identifier: ISC */
/* A program as its own supervisor. */
#include <sys/prctl.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../step.h"
#include "foreign.h"
#include "inplace.h"
#include "master.h"
#include "oom.h"
#include "pool.h"
#include "sayings.h"
#include "title.h"

/* So much of one is heard before the others are; and so much of one that has
 * ended, whose children may go on talking. */
enum { IN_A_ROW = 16, AT_MOST = 4096 };

static void
describe(struct daemon_peer *peer, const struct daemon_supervisor *s)
{
	const struct daemon_worker *w =
	    (const struct daemon_worker *)(const void *)s;

	*peer = (struct daemon_peer){ .agent = daemon_worker_agent(s),
		.worker = w->index,
		.generation = w->generation,
		.pid = s->channel_pid,
		.channel = s->channel };
}

/* 0: there is no more. */
static int
hear_one(struct daemon_supervisor *s)
{
	struct daemon_master *m = daemon_master_of(s);
	char text[DAEMON_CHANNEL_BYTES];
	int fd[DAEMON_CHANNEL_FDS];
	size_t nfd = DAEMON_CHANNEL_FDS;
	struct daemon_peer from;
	ssize_t n;
	int error;

	daemon_foreign_begin(); /* what does not fit is closed there */
	n = daemon_channel_receive(s->channel, text, sizeof text, fd, &nfd);
	error = n == -1 ? errno : 0;
	daemon_foreign_end();
	if (n == 0 || (n == -1 && error != EAGAIN && error != EMSGSIZE)) {
		(void)close(s->channel);
		s->channel = -1;
	}
	if (n <= 0)
		return error == EMSGSIZE;
	describe(&from, s);
	if (m->o->heard != NULL)
		m->o->heard(m, m->o->data, &from, text, (size_t)n, fd, nfd);
	else
		daemon_foreign_close(fd, nfd);
	return 1;
}

static void
hear(struct daemon_supervisor *s, int over)
{
	int i;

	for (i = 0; i < (over ? AT_MOST : IN_A_ROW) && s->channel != -1; i++)
		if (!hear_one(s))
			break;
	if (over && s->channel != -1) {
		(void)close(s->channel);
		s->channel = -1;
	}
}

/* That it was refused, errno says why. */
static void
tell_refused(struct daemon_master *m)
{
	const int error = errno;
	char text[200];

	(void)snprintf(text, sizeof text, "reload: %s: all stays as it is",
	    strerror(error));
	if (m->o->tell != NULL)
		m->o->tell(m, m->o->data, text);
	errno = error;
}

static int
reload(struct daemon_supervisor *head)
{
	struct daemon_master *m = daemon_master_of(head);

	errno = ECANCELED;
	if (m->o->reload == NULL || m->o->reload(m, m->o->data) == 0)
		return 0;
	tell_refused(m);
	return -1;
}

static void
reopen(struct daemon_supervisor *head)
{
	struct daemon_master *m = daemon_master_of(head);

	if (m->o->reopen != NULL)
		m->o->reopen(m, m->o->data);
	daemon_pool_signal(head->pool, SIGUSR1);
}

/* Of all together. */
static void
tell_of_all(struct daemon_master *m, const struct daemon_supervisor *s,
    const struct daemon_supervised *now)
{
	if (now->actions & DAEMON_DO_TELL_READY) {
		m->ready = 1;
		if (m->o->ready != NULL)
			m->o->ready(m, m->o->data);
	}
	if (s->machine.phase == DAEMON_PHASE_STOPPING &&
	    s->machine.why == DAEMON_WHY_STOP && !m->quit) {
		m->quit = 1;
		if (m->o->quit != NULL)
			m->o->quit(m, m->o->data);
	}
}

static void
tell(void *arg, const struct daemon_supervisor *s,
    const struct daemon_supervised *now)
{
	struct daemon_master *m = arg;
	char text[DAEMON_SAYING_MAX];

	if (s->head == s)
		tell_of_all(m, s, now);
	if (m->o->tell != NULL && daemon_supervised_say(text, s, now) != NULL)
		m->o->tell(m, m->o->data, text);
}

void
daemon_master_each(struct daemon_master *m,
    void (*f)(void *arg, const struct daemon_peer *peer), void *arg)
{
	const struct daemon_pool *p = m->s->pool;
	struct daemon_peer peer;
	size_t i;

	for (i = 0; p != NULL && i < p->n; i++)
		if (p->worker[i]->s.channel != -1 &&
		    p->worker[i]->s.instance.pid > 0) {
			describe(&peer, &p->worker[i]->s);
			f(arg, &peer);
		}
}

int
daemon_master_scale(struct daemon_master *m, unsigned workers)
{
	if (workers == 0 || workers > DAEMON_WORKERS_MAX ||
	    m->s->pool == NULL) {
		errno = EINVAL;
		return -1;
	}
	m->s->pool->rescale = workers;
	return 0;
}

static void
begin_title(struct daemon_master *m)
{
	const struct daemon_master_options *o = m->o;

	if (o->title == NULL || o->argv == NULL)
		return;
	(void)snprintf(m->title, sizeof m->title, "%s", o->title);
	daemon_title_begin(o->argv);
	daemon_title_set(m->title, "master");
}

/* All that began, and had no more to do, is as good as a stop. */
static int
ended_well(const struct daemon_master *m)
{
	const struct daemon_supervisor *s = m->s;

	return s->machine.why == DAEMON_WHY_STOP ||
	    (m->ready && daemon_supervised_finished(s, s->machine.why));
}

/* Which of 0-2 are, as bits. */
static unsigned
closed_streams(void)
{
	unsigned closed = 0;
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			closed |= 1u << fd;
	return closed;
}

static void
close_again(unsigned closed)
{
	int fd;

	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (closed & 1u << fd)
			(void)close(fd);
}

/* With what the process takes upon itself only for that. */
static int
serve(struct daemon_supervisor *s, struct daemon_definition *d,
    const struct daemon_rundirs *dirs, struct daemon_outcome *out)
{
	const unsigned closed = closed_streams();
	struct sigaction child, alarm_clock;
	sigset_t mask;
	int reaper = 0, r, saved;

	(void)prctl(PR_GET_CHILD_SUBREAPER, &reaper);
	(void)sigaction(SIGCHLD, NULL, &child);
	(void)sigaction(SIGALRM, NULL, &alarm_clock);
	(void)sigprocmask(SIG_BLOCK, NULL, &mask);
	s->oom = DAEMON_OOM_AS_IT_WAS;
	r = daemon_supervise_in_place(s, d, dirs, out);
	saved = errno;
	daemon_oom_restore(s->oom);
	(void)prctl(PR_SET_CHILD_SUBREAPER, reaper);
	(void)sigaction(SIGCHLD, &child, NULL);
	(void)sigaction(SIGALRM, &alarm_clock, NULL);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	close_again(closed);
	errno = saved;
	return r;
}

/* r: of serve(). */
static int
judge(const struct daemon_master *m, int r, struct daemon_fault *f)
{
	if (r == 0 && ended_well(m))
		return 0;
	if (r == 0)
		daemon_instance_fault(&m->s->instance, f);
	if (f->error == 0)
		f->error = r == -1 && errno == EEXIST ? EEXIST : ECHILD;
	return -1;
}

struct reason {
	char *text; /* NULL: nobody wants it */
	size_t size;
};

static void
explain(const struct reason *why, const struct daemon_fault *f)
{
	if (why->text != NULL)
		(void)snprintf(why->text, why->size, "%s: %s%s%s", f->step,
		    f->object, f->object[0] != '\0' ? ": " : "",
		    daemon_fault_reason(f));
}

static int
run(const struct daemon_master_options *o, struct daemon_fault *f,
    const struct reason *why)
{
	struct daemon_master m = {
		.can = { .call = daemon_master_call,
		    .hear = hear,
		    .reload = reload,
		    .reopen = reopen },
		.o = o,
	};
	struct daemon_supervisor s = {
		.mastery = &m.can, .tell = tell, .arg = &m
	};
	struct daemon_outcome out = { .verdict = DAEMON_VERDICT_FAILED };
	struct daemon_definition d;
	struct daemon_rundirs dirs;
	int r = -1;

	m.s = &s;
	if (daemon_master_define(&d, o, f) == 0 &&
	    daemon_rundirs_find(&dirs, o->rundir, f) == 0) {
		begin_title(&m);
		r = serve(&s, &d, &dirs, &out);
		if (r == -1)
			*f = out.fault;
		r = judge(&m, r, f);
		if (m.title[0] != '\0')
			daemon_title_set("", NULL);
	}
	if (r == -1)
		explain(why, f); /* its words are s's, and d's */
	daemon_definition_clear(&d);
	return r;
}

/* Its children and signals can be those of one master only. */
static int
may_run(pid_t master, struct daemon_fault *f)
{
	if (master == getpid()) {
		errno = EALREADY;
		return daemon_fault_set(f, "master", "",
		    "it is called by what it has called itself");
	}
	if (daemon_threads_count() <= 1)
		return 0;
	errno = EBUSY;
	return daemon_fault_set(f, "master", "",
	    "more than one thread is running: start them afterwards");
}

int
daemon_master(const struct daemon_master_options *o, char *why, size_t size)
{
	static pid_t master; /* a worker has another number */
	const struct reason reason = { why, size };
	struct daemon_fault f = { .step = NULL };
	int r;

	if (why != NULL && size > 0)
		why[0] = '\0';
	r = may_run(master, &f);
	if (r == -1) {
		explain(&reason, &f);
	} else {
		master = getpid();
		r = run(o, &f, &reason);
		master = 0;
	}
	errno = f.error;
	return r;
}
