/* SPDX-License-Identifier: ISC */
/*
 * What a function's process has inherited and has no use for, each named: all
 * else that is open is the program's own.
 */
#include <unistd.h>

#include "pool.h"
#include "shed.h"

static void
shut(int fd)
{
	if (fd != -1)
		(void)close(fd);
}

/* Of one instance: of another one, or of ours. */
static void
shed_instance(const struct daemon_supervisor *s)
{
	int i;

	shut(s->instance.pipe);
	shut(s->instance.pidfd);
	for (i = 0; i < DAEMON_HELPERS; i++)
		shut(s->helper_pipe[i]);
	shut(s->ready_pipe);
	shut(s->channel);
	shut(s->notified.fd);
	shut(s->memory.event);
	shut(s->service.dir);
}

static void
shed_head(const struct daemon_supervisor *head)
{
	struct daemon_control control = head->control;

	shut(head->signals);
	shut(head->watch);
	shut(head->children);
	shut(head->spool);
	shut(head->output[0]);
	shut(head->output[1]);
	shut(head->launcher);
	shut(head->service.lock);
	daemon_control_leave(&control);
}

void
daemon_supervisor_shed(const struct daemon_supervisor *s)
{
	const struct daemon_pool *p = s->pool;
	size_t i;

	for (i = 0; i < p->n; i++)
		shed_instance(&p->worker[i]->s);
	shed_instance(s->head);
	shed_head(s->head);
	for (i = 0; i < s->head->store.n && s->store.n == 0; i++)
		shut(s->head->store.item[i].fd);
}
