/* SPDX-License-Identifier: ISC */
#include <sys/eventfd.h>
#include <sys/mman.h>

#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "../clock.h"
#include "keeper.h"

enum {
	STACK = 256 << 10, /* only what is used of it is there */
	LOOK_MS = 250,
	LONG_MS = 1000, /* for a write */
	WAIT_MS = 500, /* for what happens */
	HANGUPS = 100 /* with nobody left to write any more */
};

int
daemon_standin_begin(struct daemon_keeper *k)
{
	struct daemon_standin *s = &k->standin;

	*s = (struct daemon_standin){ .wake = eventfd(
					  0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (s->wake == -1)
		return -1;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_mutex_lock(&s->lock);
	return 0;
}

static int
is_away_long(struct daemon_standin *s)
{
	long long since = atomic_load(&s->away_ms);

	return since != 0 && daemon_clock_steady() - since >= LONG_MS;
}

/* Who is to end, in the foreground, leaves nothing behind that waits. */
static void
give_up(const struct daemon_keeper *k)
{
	if (k->revive == NULL && (k->ending || k->hangups > HANGUPS))
		_exit(DAEMON_KEPT_SOME);
}

/* In his place, until he calls. */
static void
stand_in(struct daemon_keeper *k)
{
	struct daemon_standin *s = &k->standin;

	k->hung = 1;
	while (!atomic_load(&s->called)) {
		give_up(k);
		daemon_keeper_drop(k, DAEMON_TO_LOG, DAEMON_SINK_HUNG);
		daemon_keeper_send(k);
		daemon_keeper_tell(k);
		daemon_keeper_watch(k, WAIT_MS, s->wake);
	}
	daemon_spool_tell(&k->spool, DAEMON_TO_LOG, 0);
	k->hung = 0;
}

static void *
look(void *keeper)
{
	struct daemon_keeper *k = keeper;
	struct daemon_standin *s = &k->standin;
	struct pollfd p = { .fd = s->wake, .events = POLLIN };

	while (!atomic_load(&s->over)) {
		(void)poll(&p, 1, LOOK_MS);
		if (!is_away_long(s))
			continue;
		(void)pthread_mutex_lock(&s->lock);
		if (is_away_long(s))
			stand_in(k);
		(void)pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static void
free_stack(struct daemon_standin *s)
{
	(void)munmap(s->stack, STACK);
	s->stack = NULL;
}

/* Where none can be had the service waits with us. */
static void
call_one(struct daemon_keeper *k)
{
	struct daemon_standin *s = &k->standin;
	pthread_attr_t how;
	void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return;
	s->stack = stack;
	atomic_store(&s->over, 0);
	(void)pthread_attr_init(&how);
	if (pthread_attr_setstack(&how, stack, STACK) != 0 ||
	    pthread_create(&s->thread, &how, look, k) != 0)
		free_stack(s);
	(void)pthread_attr_destroy(&how);
}

static void
wake(struct daemon_standin *s)
{
	const uint64_t one = 1;

	(void)!write(s->wake, &one, sizeof one);
}

static void
calm(struct daemon_standin *s)
{
	uint64_t n;

	(void)!read(s->wake, &n, sizeof n);
}

void
daemon_standin_leave(void *keeper)
{
	struct daemon_keeper *k = keeper;
	struct daemon_standin *s = &k->standin;

	if (s->stack == NULL)
		call_one(k);
	atomic_store(&s->away_ms, daemon_clock_steady());
	(void)pthread_mutex_unlock(&s->lock);
}

void
daemon_standin_back(void *keeper)
{
	struct daemon_keeper *k = keeper;
	struct daemon_standin *s = &k->standin;

	if (pthread_mutex_trylock(&s->lock) != 0) {
		atomic_store(&s->called, 1);
		wake(s);
		(void)pthread_mutex_lock(&s->lock);
		calm(s);
		atomic_store(&s->called, 0);
	}
	atomic_store(&s->away_ms, 0);
}

void
daemon_standin_rest(struct daemon_keeper *k)
{
	struct daemon_standin *s = &k->standin;

	if (s->stack == NULL)
		return;
	atomic_store(&s->over, 1);
	wake(s);
	/* It may have come for us just as we were back. */
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
	(void)pthread_mutex_lock(&s->lock);
	calm(s);
	free_stack(s);
}

void
daemon_standin_end(struct daemon_keeper *k)
{
	if (k->standin.wake == -1)
		return;
	daemon_standin_rest(k);
	(void)close(k->standin.wake);
	k->standin.wake = -1;
}
