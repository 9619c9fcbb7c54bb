/* SPDX-License-Identifier: ISC */
/*
 * wait --ready and --stopped: until services are what is asked for.  What
 * they are is looked up again whenever one of their files or processes
 * changes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/clock.h"
#include "../libdaemon/identity/leftfile.h"
#include "ctl.h"
#include "ctl_options.h"
#include "ctl_watch.h"
#include "messages.h"
#include "progress.h"

/* Instead of a status. */
enum { UNDECIDED = -1 };

/* A lock is let go of only after all who can be told of that were. */
enum { LOCK_MS = 100 };

struct awaited {
	struct target t;
	int decided;
	int locked; /* before we looked: it may be about to change */
	int lost; /* so is its directory, and what ran still does */
	struct daemon_identity command, supervisor; /* when last seen */
	int others[2]; /* pidfds of its supervisor, and of what is left; -1 */
};

static int
wants_ready(const struct ctl *c)
{
	return (c->given & CTL_GIVEN(OPT_READY)) != 0;
}

static int
ready(const struct awaited *a)
{
	const struct target *t = &a->t;

	switch (t->state) {
	case DAEMON_STATE_READY:
	case DAEMON_STATE_RELOADING: return CTL_DONE;
	case DAEMON_STATE_UNSUPERVISED:
		/* Nobody tells that it has become so, until it is adopted. */
		return t->st.state == DAEMON_STATE_READY ? CTL_DONE : UNDECIDED;
	case DAEMON_STATE_STARTING:
	case DAEMON_STATE_STOPPING:
	case DAEMON_STATE_BACKOFF:
	case DAEMON_STATE_PAUSED: return UNDECIDED;
	case DAEMON_STATE_FAILED:
	case DAEMON_STATE_STOPPED:
	case DAEMON_STATE_EXITED: break;
	}
	if (t->supervised || a->locked)
		return UNDECIDED;
	message("wait: %s: %s, and nobody starts it", t->shown,
	    daemon_state_word(t->state));
	return CTL_FAILED;
}

static int
stopped(const struct awaited *a)
{
	const struct target *t = &a->t;

	if (t->supervised || a->locked || t->left != 0)
		return UNDECIDED;
	return t->proof == DAEMON_PROOF_ALIVE ? UNDECIDED : CTL_DONE;
}

/* What it is by now: -1/errno. */
static int
look(struct awaited *a)
{
	struct target *t = &a->t;

	if (t->recorded) {
		a->locked = daemon_service_is_locked(&t->service);
		if (target_refresh(t) == -1)
			return -1;
		a->command = t->st.id;
		a->supervisor = t->st.supervisor;
		return t->proof == DAEMON_PROOF_UNKNOWN ? -1 : 0;
	}
	if (t->pidfd != -1 && daemon_pidfd_wait(t->pidfd, 0) == 1) {
		t->proof = DAEMON_PROOF_DEAD;
		t->state = DAEMON_STATE_EXITED;
	}
	return 0;
}

static int
lives(const struct daemon_identity *id)
{
	return daemon_identity_prove(id) == DAEMON_PROOF_ALIVE;
}

/* Somebody else has removed the directory of what runs: its supervisor makes
 * it again, and it is found there. */
static int
is_lost(const struct ctl *c, struct watch *w, struct awaited *a)
{
	struct ctl quietly = *c;
	struct target again;

	a->lost =
	    lives(&a->supervisor) || (!wants_ready(c) && lives(&a->command));
	if (!a->lost)
		return 0;
	quietly.mute = 1;
	if (target_by_name(&again, &quietly, a->t.name) == CTL_DONE) {
		target_close(&a->t);
		a->t = again;
		watch_directory(w, a->t.service.dir);
	}
	return 1;
}

static int
decide(const struct ctl *c, struct watch *w, struct awaited *a)
{
	a->lost = 0;
	if (look(a) == 0)
		return wants_ready(c) ? ready(a) : stopped(a);
	if (errno == ENOENT && is_lost(c, w, a))
		return UNDECIDED;
	if (errno == ENOENT && !wants_ready(c))
		return CTL_DONE;
	return target_lost(c, &a->t);
}

static long long
sooner(long long a, long long b)
{
	return a == -1 || (b != -1 && b < a) ? b : a;
}

/* When it is to be looked at though nothing was heard; -1: never. */
static long long
due_ms(const struct awaited *a)
{
	const struct target *t = &a->t;
	long long left;

	/* Its launcher is gone: by the clock. */
	if (t->state == DAEMON_STATE_STARTING && !t->supervised) {
		left = t->st.since + t->d.ready_ms + 1 - daemon_clock_wall();
		return left > 0 ? left : 0;
	}
	if (a->lost || (a->locked && !t->supervised))
		return LOCK_MS;
	/* It lives in another pid namespace, and may end without a word. */
	return t->supervised && a->others[0] == -1 ? LOCK_MS : -1;
}

static void
listen(struct watch *w, struct awaited *a)
{
	const struct target *t = &a->t;
	enum daemon_proof proof;
	size_t i;

	watch_also(w, t->pidfd, POLLIN);
	if (t->supervised)
		a->others[0] = daemon_identity_open(&t->st.supervisor, &proof);
	if (t->left != 0)
		a->others[1] = daemon_pidfd_open(t->left);
	for (i = 0; i < 2; i++)
		watch_also(w, a->others[i], POLLIN);
}

static void
forget_others(struct awaited *a)
{
	size_t i;

	for (i = 0; i < 2; i++) {
		if (a->others[i] != -1)
			(void)close(a->others[i]);
		a->others[i] = -1;
	}
}

static int
late(const struct ctl *c, const struct awaited *a)
{
	message("wait: %s: %s, not %s in time", a->t.shown,
	    daemon_state_word(a->t.state),
	    wants_ready(c) ? "ready" : "stopped");
	return CTL_FAILED;
}

/* Every one that is not decided yet: the first status that is no success;
 * UNDECIDED, with *due_ms; CTL_DONE. */
static int
decide_all(const struct ctl *c, struct watch *w, struct awaited *v, size_t n,
    long long *due)
{
	int all = CTL_DONE, r;
	size_t i;

	for (i = 0; i < n; i++) {
		forget_others(&v[i]);
		if (v[i].decided)
			continue;
		r = decide(c, w, &v[i]);
		if (r > CTL_DONE)
			return r;
		v[i].decided = r == CTL_DONE;
		if (v[i].decided)
			continue;
		all = UNDECIDED;
		listen(w, &v[i]);
		*due = sooner(*due, due_ms(&v[i]));
	}
	return all;
}

static const struct awaited *
first_undecided(const struct awaited *v)
{
	while (v->decided)
		v++;
	return v;
}

static int
wait_for(const struct ctl *c, struct watch *w, struct awaited *v, size_t n)
{
	long long due, left = -1;
	int r;

	for (;;) {
		watch_begin(w);
		due = -1;
		r = decide_all(c, w, v, n, &due);
		if (r != UNDECIDED)
			return r;
		if (c->end_ms != -1)
			left = c->end_ms - daemon_clock_steady();
		if (c->end_ms != -1 && left <= 0)
			return late(c, first_undecided(v));
		watch_wait(w, sooner(due, left));
	}
}

/* Nothing that happens from here on is missed. */
static int
await(const struct ctl *c, struct awaited *v, size_t n)
{
	struct watch w;
	size_t i;
	int r;

	watch_open(&w);
	for (i = 0; i < n; i++)
		if (v[i].t.recorded)
			watch_directory(&w, v[i].t.service.dir);
	progress(c, v[0].t.shown, "waiting until it is %s",
	    wants_ready(c) ? "ready" : "stopped");
	r = wait_for(c, &w, v, n);
	progress_end();
	for (i = 0; i < n; i++)
		forget_others(&v[i]);
	watch_close(&w);
	return r;
}

int
await_all(const struct ctl *c, const struct daemon_list *names)
{
	struct awaited *v = calloc(names->n + 1, sizeof *v);
	int r = CTL_DONE;
	size_t n;

	if (v == NULL) {
		message("wait: %s", strerror(errno));
		return CTL_FAILED;
	}
	for (n = 0; r == CTL_DONE && n < names->n; n++) {
		v[n].others[0] = v[n].others[1] = -1;
		r = target_by_name(&v[n].t, c, names->v[n]);
	}
	if (r == CTL_DONE && n > 0)
		r = await(c, v, n);
	while (n > 0)
		target_close(&v[--n].t);
	free(v);
	return r;
}

int
await_one(const struct ctl *c, struct target *t)
{
	struct awaited a = { .t = *t, .others = { -1, -1 } };
	int r = await(c, &a, 1);

	*t = a.t; /* who looked again has another pidfd */
	return r;
}
