/* SPDX-License-Identifier: ISC */
/*
 * daemon_stop(): the machine's eyes and hands, and the report.
 */
#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/cgroup.h"
#include "stop.h"
#include "tree.h"

enum { NS_IN_MS = 1000000, SENDING_NS = 1000000000 };

/* Do what the machine asked for; *e is what came of it.  -1/ENOMEM. */
static int
act(struct daemon_tree *t, const struct daemon_stop_move *m,
    long long *deadline, enum daemon_stop_event *e)
{
	const struct daemon_stop_action *a = &m->action;
	int rechecks = m->state.phase == DAEMON_STOP_RECHECKING;

	switch (a->act) {
	case DAEMON_STOP_LOOK:
		if (daemon_tree_look(t) == -1 || daemon_tree_note(t) == -1)
			return -1;
		*e = daemon_tree_left(t, m->state.round);
		if (*e == DAEMON_STOP_SOME && rechecks && *deadline != -1 &&
		    daemon_clock_steady_ns() > *deadline)
			*e = DAEMON_STOP_LATE;
		return 0;
	case DAEMON_STOP_SEND:
		/* Until others come no more while these die at once. */
		if (!a->again)
			*deadline = daemon_clock_steady_ns() + SENDING_NS;
		*e = daemon_tree_send(t, m->state.round, a->signal, a->again);
		return 0;
	case DAEMON_STOP_WAIT:
		if (!a->again)
			*deadline = a->wait_ms == -1
			    ? -1
			    : daemon_clock_steady_ns() +
				(long long)a->wait_ms * NS_IN_MS;
		return daemon_tree_wait(t, m->state.round, *deadline, e);
	case DAEMON_STOP_DONE:
	case DAEMON_STOP_GIVE_UP: break;
	}
	return 0;
}

static int
ends_with_kill(const struct daemon_schedule *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->item[i].signal == SIGKILL)
			return 1;
	return 0;
}

static void
kill_group(const struct daemon_tree *t)
{
	if (t->notes != NULL && t->notes->cgroup != NULL)
		(void)daemon_cgroup_kill(t->notes->cgroup);
}

/* 1: all gone, 0: the schedule ended first, -1/ENOMEM. */
static int
run(struct daemon_tree *t, const struct daemon_schedule *s)
{
	struct daemon_stop_move m = { .state = DAEMON_STOP_START };
	enum daemon_stop_event e = DAEMON_STOP_BEGIN;
	long long deadline = -1;

	for (;;) {
		m = daemon_stop_next(s, m.state, e);
		if (m.action.act == DAEMON_STOP_DONE) {
			/* Whom no look has met, if anybody. */
			if (ends_with_kill(s)) {
				daemon_sessions_kill(t);
				kill_group(t);
			}
			return 1;
		}
		if (m.action.act == DAEMON_STOP_GIVE_UP)
			return 0;
		if (act(t, &m, &deadline, &e) == -1)
			return -1;
	}
}

/* What became of each, but for those that were never meant. */
static int
report(struct daemon_stopping *r, struct daemon_tree *t)
{
	struct daemon_process_stat st;
	struct daemon_victim *v;
	size_t i;

	r->blind = t->blind;
	r->victims = calloc(t->n + 1, sizeof *r->victims); /* never none */
	if (r->victims == NULL)
		return -1;
	for (i = 0; i < t->n; i++) {
		if (t->member[i].spared && !t->member[i].victim.main)
			continue;
		v = &r->victims[r->n++];
		*v = t->member[i].victim;
		v->alive = !daemon_member_check(&t->member[i]);
		if (v->alive && daemon_process_stat(v->id.pid, &st) == 0)
			v->state = st.state;
	}
	return 0;
}

/* "still there: 12 (httpd) D, 14 (cgi) S": as many as there is room for. */
static int
give_up(const struct daemon_stopping *r, const struct daemon_tree *t,
    const char *object, struct daemon_fault *f)
{
	char text[512];
	size_t i, n = 0;
	int error = ETIMEDOUT;

	for (i = 0; i < t->n; i++)
		if (!t->member[i].dead && t->member[i].denied)
			error = t->member[i].denied;
	text[0] = '\0';
	for (i = 0; i < r->n && n < sizeof text - 64; i++)
		if (r->victims[i].alive)
			n += (size_t)snprintf(text + n, sizeof text - n,
			    "%s%d (%s) %c", n > 0 ? ", " : "",
			    (int)r->victims[i].id.pid, r->victims[i].comm,
			    r->victims[i].state != '\0' ? r->victims[i].state
							: '?');
	errno = error;
	return daemon_fault_set(f, "stop", object, "%s, still there: %s%s",
	    error == ETIMEDOUT ? "the schedule ended" : strerror(error), text,
	    i < r->n ? ", ..." : "");
}

/* Whom nobody may ask us to stop. */
static int
check(const struct daemon_identity *id, const char *object,
    struct daemon_fault *f)
{
	if (id->pid != 1 && id->pid != getpid())
		return 0;
	errno = EPERM;
	return daemon_fault_set(f, "stop", object,
	    id->pid == 1 ? "pid 1 is not ours to stop"
			 : "this is the stopping process itself");
}

static int
unproved(enum daemon_proof proof, const char *object, struct daemon_fault *f)
{
	switch (proof) {
	case DAEMON_PROOF_DEAD: return 1;
	case DAEMON_PROOF_ELSEWHERE:
		errno = EXDEV;
		return daemon_fault_set(
		    f, "stop", object, "it lives in another pid namespace");
	case DAEMON_PROOF_ALIVE:
	case DAEMON_PROOF_UNKNOWN: break;
	}
	return daemon_fault_set(f, "stop", object, NULL);
}

/* Can somebody be found who is not known yet, though the main process is
 * dead? */
static int
finds_others(const struct daemon_stop_notes *notes)
{
	return notes != NULL &&
	    (notes->reaper != 0 || notes->mark != NULL ||
		notes->cgroup != NULL);
}

static int
has_heirs(const struct daemon_stop_notes *notes)
{
	return finds_others(notes) || (notes != NULL && notes->nleft > 0);
}

int
daemon_stop(struct daemon_stopping *r, const struct daemon_identity *id,
    const struct daemon_schedule *s, const struct daemon_stop_notes *notes,
    struct daemon_fault *f)
{
	long long begin = daemon_clock_steady_ns();
	enum daemon_proof proof;
	struct daemon_tree t;
	char object[16];
	int fd, done = -1;

	*r = (struct daemon_stopping){ 0 };
	(void)snprintf(object, sizeof object, "%d", (int)id->pid);
	fd = daemon_identity_open(id, &proof);
	if (fd == -1 && (proof != DAEMON_PROOF_DEAD || !has_heirs(notes)))
		return unproved(proof, object, f);
	if (fd != -1 && check(id, object, f) == -1) {
		(void)close(fd);
		return -1;
	}
	/* Who is frozen hears nothing. */
	if (notes != NULL && notes->cgroup != NULL)
		(void)daemon_cgroup_freeze(notes->cgroup, 0);
	if (daemon_tree_begin(&t, id, fd, notes) == 0) {
		if (t.n == 0 && !finds_others(notes)) {
			daemon_tree_end(&t);
			return 1;
		}
		done = run(&t, s);
	}
	r->ms = (daemon_clock_steady_ns() - begin) / NS_IN_MS;
	if (done == 1 && t.n == 0 && (notes == NULL || notes->reaper == 0)) {
		daemon_tree_end(&t);
		return 1;
	}
	if (done == -1 || report(r, &t) == -1)
		done = daemon_fault_set(f, "stop", object, NULL);
	else
		done = done == 1 ? 0 : give_up(r, &t, object, f);
	daemon_tree_end(&t);
	return done;
}

/* "; pid 12 "convert" had to be killed", for each. */
static void
killed(char *buf, size_t size, const struct daemon_stopping *r)
{
	size_t i, n = 0, named = 0;

	buf[0] = '\0';
	for (i = 0; i < r->n && n < size; i++) {
		if (!r->victims[i].killed)
			continue;
		if (++named > 8) {
			n += (size_t)snprintf(buf + n, size - n, ", and more");
			break;
		}
		n += (size_t)snprintf(buf + n, size - n, "%s pid %ld \"%s\"",
		    named == 1 ? ";" : ",", (long)r->victims[i].id.pid,
		    r->victims[i].comm);
	}
	if (named > 0 && n < size)
		(void)snprintf(buf + n, size - n, " had to be killed");
}

void
daemon_stopping_text(char *buf, size_t size, const struct daemon_stopping *r)
{
	char who[512];

	killed(who, sizeof who, r);
	(void)snprintf(buf, size, "%lld.%lld s%s%s", r->ms / 1000,
	    r->ms % 1000 / 100, who,
	    r->blind ? "; without /proc its children were not seen" : "");
}

void
daemon_stopping_clear(struct daemon_stopping *r)
{
	free(r->victims);
	*r = (struct daemon_stopping){ 0 };
}
