/* SPDX-License-Identifier: ISC */
/* A process whose work is a function of its master's program. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../step.h"
#include "master.h"
#include "pool.h"
#include "shed.h"
#include "title.h"
#include "told.h"

static const struct daemon_master_agent *
find(const struct daemon_master_options *o, const char *name)
{
	size_t i;

	for (i = 0; i < o->agents; i++)
		if (strcmp(o->agent[i].name, name) == 0)
			return &o->agent[i];
	return NULL;
}

/* Dispositions first: a signal that came before the mask is open is told. */
static int
take_signals(struct daemon_self *self)
{
	(void)daemon_signals_reset();
	self->told = daemon_told_begin();
	return self->told == -1 ? -1 : daemon_sigmask_clear();
}

static int
run(struct daemon_self *self, const struct daemon_master_options *o)
{
	const struct daemon_master_agent *a;

	if (self->agent == NULL)
		return o->run(self, o->data);
	a = find(o, self->agent);
	return a == NULL ? 1 : a->run(self, a->data);
}

int
daemon_master_call(struct daemon_supervisor *s, int pipe, int ready)
{
	const struct daemon_master *m = daemon_master_of(s);
	const struct daemon_master_options *o = m->o;
	const struct daemon_worker *w = daemon_worker_of(s);
	struct daemon_self self = { .agent = daemon_worker_agent(s),
		.worker = w->index,
		.generation = w->generation,
		.listeners = s->store.n,
		.channel = s->channel_end,
		.ready = ready };
	char what[DAEMON_WORKER_TEXT_MAX];
	int listener[DAEMON_STORE_ROOM], status;
	size_t i;

	for (i = 0; i < s->store.n; i++)
		listener[i] = s->store.item[i].fd;
	self.listener = listener;
	daemon_supervisor_shed(s);
	if (take_signals(&self) == -1)
		return 1;
	if (m->title[0] != '\0')
		daemon_title_set(m->title, daemon_worker_text(what, s));
	daemon_instance_calls(pipe);
	status = run(&self, o);
	(void)fflush(NULL);
	return status;
}

int
daemon_self_ready(struct daemon_self *self)
{
	const int fd = self->ready;
	ssize_t n;
	int saved;

	if (fd == -1)
		return 0;
	self->ready = -1;
	do
		n = write(fd, "\n", 1);
	while (n == -1 && errno == EINTR);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return n == 1 ? 0 : -1;
}
