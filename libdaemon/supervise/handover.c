/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handover.h"

/* What a worker stores, without the sockets of all. */
static struct daemon_store
own(const struct daemon_store *s)
{
	struct daemon_store o = { .n = s->n - s->fixed };

	(void)memcpy(o.item, s->item + s->fixed, o.n * sizeof *o.item);
	return o;
}

int
daemon_handover_spell(struct daemon_list *env, const struct daemon_pool *p)
{
	char text[DAEMON_STORE_TEXT];
	const struct daemon_worker *w;
	struct daemon_store store;
	size_t i;

	for (i = 0; p != NULL && i < p->n; i++) {
		w = p->worker[i];
		store = own(&w->s.store);
		daemon_store_text(text, sizeof text, &store);
		if (daemon_list_addf(env, "%s/%s=%d %s", w->place, w->name,
			daemon_notified_legacy(&w->s.notified), text) == -1)
			return -1;
	}
	return 0;
}

static void
keep(int fd, int on)
{
	if (fd != -1)
		(void)fcntl(fd, F_SETFD, on ? 0 : FD_CLOEXEC);
}

void
daemon_handover_keep(const struct daemon_pool *p, int on)
{
	const struct daemon_supervisor *s;
	size_t i, k;

	for (i = 0; p != NULL && i < p->n; i++) {
		s = &p->worker[i]->s;
		keep(daemon_notified_legacy(&s->notified), on);
		for (k = s->store.fixed; k < s->store.n; k++)
			keep(s->store.item[k].fd, on);
	}
}

void
daemon_handover_take(struct daemon_worker *w)
{
	struct daemon_supervisor *s = &w->s;
	char place[16 + DAEMON_WORKER_NAME_MAX], *end;
	const char *text;
	int fd;

	(void)snprintf(place, sizeof place, "%s/%s", w->place, w->name);
	text = getenv(place);
	if (text == NULL)
		return;
	fd = (int)strtol(text, &end, 10);
	daemon_store_parse(&s->store, end + strspn(end, " "), s->store.fixed);
	if (fd != -1 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		(void)daemon_notified_reopen(
		    &s->notified, fd, s->service.dir, s->d);
	(void)unsetenv(place);
}
