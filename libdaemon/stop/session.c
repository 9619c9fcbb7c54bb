/* SPDX-License-Identifier: ISC */
/*
 * Sessions of a tree.  They are inherited only by fork, so all members of
 * one that began in the tree belong to it; but they have only a number, that
 * others may get when the last member is gone.
 *
 * The kernel hands a number out again only when no process, group or session
 * has it.  So a session is still the one that was noted if, looked at last,
 * its leader lives, or a member that is held by a pidfd is in it, or the
 * group of the same number has never been empty.  The last is seen through
 * the owner of a descriptor (F_SETOWN_EX), which is the group itself and not
 * its number: F_GETOWN_EX tells 0 once it is empty (Linux 5.12; before, it
 * always tells the number, and only a leader that is a stranger gives the
 * session away).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tree.h"

/* A pipe's end: what is written into the other one is a signal to the owner,
 * if that is asked for (O_ASYNC). */
static void
anchor(struct daemon_session *s, int end)
{
	struct f_owner_ex owner = { .type = F_OWNER_PGRP, .pid = s->sid };
	int ends[2];

	s->anchor = s->trigger = -1;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return;
	if (ends[0] < end && ends[1] < end &&
	    fcntl(ends[0], F_SETOWN_EX, &owner) == 0) {
		s->anchor = ends[0];
		s->trigger = ends[1];
		return;
	}
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static int
is_held(const struct daemon_session *s)
{
	struct f_owner_ex owner;

	return s->anchor != -1 && fcntl(s->anchor, F_GETOWN_EX, &owner) == 0 &&
	    owner.pid == s->sid;
}

int
daemon_session_note(struct daemon_tree *t, pid_t sid)
{
	struct daemon_session *v;
	size_t i;

	/* Where we are is somebody's terminal, unless it was made for the
	 * daemon: then we were started by that. */
	if (sid <= 1 || (sid == getsid(0) && sid != t->made))
		return 0;
	for (i = 0; i < t->sessions; i++)
		if (t->session[i].sid == sid)
			return 0;
	v = reallocarray(t->session, t->sessions + 1, sizeof *v);
	if (v == NULL)
		return -1;
	t->session = v;
	v += t->sessions++;
	v->sid = sid;
	anchor(v, t->pidfd_end);
	return 1;
}

static void
forget(struct daemon_tree *t, size_t i)
{
	if (t->session[i].anchor != -1) {
		(void)close(t->session[i].anchor);
		(void)close(t->session[i].trigger);
	}
	t->session[i] = t->session[--t->sessions];
}

void
daemon_session_take_back(struct daemon_tree *t)
{
	forget(t, t->sessions - 1);
}

/* Is a member, proved before, in it and alive after that was asked? */
static int
has_member(struct daemon_tree *t, pid_t sid)
{
	struct daemon_member *m;
	size_t i;

	for (i = 0; i < t->n; i++) {
		m = &t->member[i];
		if (m->pidfd != -1 && getsid(m->victim.id.pid) == sid &&
		    !daemon_member_check(m))
			return 1;
	}
	return 0;
}

static int
lives(struct daemon_tree *t, const struct daemon_session *s)
{
	size_t leader = daemon_tree_find(t, s->sid);

	if (leader != t->n && t->member[leader].pidfd != -1 &&
	    !daemon_member_check(&t->member[leader]))
		return 1;
	if (daemon_pidfd_lives(s->sid))
		return 0;
	return is_held(s) || has_member(t, s->sid);
}

int
daemon_session_lives(struct daemon_tree *t, pid_t sid)
{
	size_t i;

	for (i = 0; i < t->sessions; i++)
		if (t->session[i].sid == sid)
			return lives(t, &t->session[i]);
	return 0;
}

/* Somebody who must not be hit is in it. */
static int
has_spared(const struct daemon_tree *t, pid_t group)
{
	size_t i;

	for (i = 0; i < t->spared.n; i++)
		if (getpgid(t->spared.v[i]) == group)
			return 1;
	return getpgrp() == group;
}

void
daemon_sessions_kill(struct daemon_tree *t)
{
	const struct daemon_session *s;
	size_t i;

	for (i = 0; i < t->sessions; i++) {
		s = &t->session[i];
		if (!is_held(s) || has_spared(t, s->sid))
			continue;
		if (fcntl(s->anchor, F_SETSIG, SIGKILL) == -1 ||
		    fcntl(s->anchor, F_SETFL, O_ASYNC | O_NONBLOCK) == -1 ||
		    write(s->trigger, "", 1) == -1)
			continue;
		(void)fcntl(s->anchor, F_SETFL, O_NONBLOCK);
	}
}

/* Before Linux 5.12 an owner is told though it is gone, but the number is
 * nobody's then. */
int
daemon_sessions_peopled(const struct daemon_tree *t)
{
	size_t i;

	for (i = 0; i < t->sessions; i++)
		if (is_held(&t->session[i]) &&
		    (kill(-t->session[i].sid, 0) == 0 || errno == EPERM))
			return 1;
	return 0;
}

void
daemon_sessions_trim(struct daemon_tree *t)
{
	size_t i = t->sessions;

	while (i-- > 0)
		if (!lives(t, &t->session[i]))
			forget(t, i);
}

void
daemon_sessions_close(struct daemon_tree *t)
{
	while (t->sessions > 0)
		daemon_session_take_back(t);
	free(t->session);
}
