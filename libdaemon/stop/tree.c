/* SPDX-License-Identifier: ISC */
/*
 * Who belongs to a tree now.  Candidates are found by number, in the
 * kernel's lists of children and by getsid(2) over /proc; member.c proves
 * each.  Process groups add nothing: a group lies within one session.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/cgroup.h"
#include "../identity/mark.h"
#include "tree.h"

enum { LOOKS_MAX = 50, LOOKS_IN_DOUBT = 5, LOOK_MS = 500 };

size_t
daemon_tree_find(const struct daemon_tree *t, pid_t pid)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->member[i].victim.id.pid == pid && !t->member[i].dead)
			return i;
	return t->n;
}

/* Who is new here may have been recorded since we asked last. */
static int
is_beside(struct daemon_tree *t, pid_t pid)
{
	if (t->notes->name == NULL)
		return 0;
	if (!t->counted) {
		daemon_census_clear(&t->beside);
		daemon_census_take(&t->beside, t->notes->dir, t->notes->name);
		t->counted = 1;
	}
	return daemon_census_has(&t->beside, pid);
}

static int
is_others(struct daemon_tree *t, pid_t pid)
{
	const struct daemon_stop_notes *n = t->notes;

	return n != NULL &&
	    (daemon_identity_among(n->spare, n->nspare, pid) ||
		is_beside(t, pid));
}

static int
add(struct daemon_tree *t, pid_t pid, size_t parent, pid_t session)
{
	/* Not even looked through: our children are our caller's, as are those
	 * that it does not mean. */
	if (pid <= 1 || pid == getpid() || daemon_tree_find(t, pid) != t->n ||
	    is_others(t, pid))
		return 0;
	return daemon_tree_add(t, pid, parent, session);
}

/* The number a name in /proc is; 0: it is none. */
static pid_t
pid_of(const char *name)
{
	return *name >= '1' && *name <= '9' ? (pid_t)atoi(name) : 0;
}

/* Add the numbers in the list of children fd.  -1/ENOMEM. */
static int
add_listed(struct daemon_tree *t, int fd, size_t parent)
{
	char buf[4096];
	pid_t pid = 0;
	ssize_t n, i;

	for (;;) {
		n = read(fd, buf, sizeof buf);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0; /* the thread is gone */
		for (i = 0; i < n; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = pid * 10 + (buf[i] - '0');
				continue;
			}
			if (add(t, pid, parent, 0) == -1)
				return -1;
			pid = 0;
		}
	}
}

/* Does the kernel keep them?  If so, it was the thread that is gone. */
static int
has_lists(void)
{
	return access("/proc/thread-self/children", F_OK) == 0;
}

/* Every thread of a process has its own list of children. */
static int
add_children(struct daemon_tree *t, pid_t pid, size_t parent)
{
	char path[300];
	struct dirent *e;
	int fd, r = 0;
	DIR *d;

	(void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	d = opendir(path);
	if (d == NULL)
		return errno == ENOMEM ? -1 : 0;
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (pid_of(e->d_name) == 0)
			continue;
		(void)snprintf(path, sizeof path, "%s/children", e->d_name);
		fd = openat(dirfd(d), path, O_RDONLY | O_CLOEXEC);
		if (fd == -1) {
			t->by_parent |= !has_lists();
			continue;
		}
		r = add_listed(t, fd, parent);
		(void)close(fd);
	}
	(void)closedir(d);
	return r;
}

/* Until nobody new comes: a list may skip one while another leaves it. */
static int
add_descendants(struct daemon_tree *t, long long end)
{
	size_t i, before, looks = 0;

	if (t->by_parent || t->blind)
		return 0;
	do {
		before = t->n;
		if (t->reaper != 0 &&
		    add_children(t, t->reaper, DAEMON_TREE_REAPER) == -1)
			return -1;
		for (i = 0; i < t->n; i++)
			if (!t->member[i].dead &&
			    add_children(t, t->member[i].victim.id.pid, i) ==
				-1)
				return -1;
	} while (++looks < LOOKS_MAX && t->n != before &&
	    daemon_clock_steady() < end);
	return 0;
}

static int
is_ours(const struct daemon_tree *t, pid_t session)
{
	size_t i;

	for (i = 0; i < t->sessions; i++)
		if (t->session[i].sid == session)
			return 1;
	return 0;
}

static const char *
mark_of(const struct daemon_tree *t)
{
	return t->notes != NULL ? t->notes->mark : NULL;
}

static int
consider(struct daemon_tree *t, pid_t pid)
{
	struct daemon_process_stat st;
	pid_t session = getsid(pid);
	size_t parent;
	int r;

	if (session > 1 && is_ours(t, session)) {
		r = add(t, pid, 0, session);
		if (r == 0 && daemon_tree_find(t, pid) == t->n &&
		    getsid(pid) == session)
			t->others = 1;
		return r;
	}
	if (mark_of(t) != NULL && daemon_mark_has(pid, mark_of(t)))
		return add(t, pid, DAEMON_TREE_MARKED, 0);
	if (!t->by_parent || daemon_process_stat(pid, &st) == -1)
		return 0;
	if (t->reaper != 0 && st.ppid == t->reaper)
		return add(t, pid, DAEMON_TREE_REAPER, 0);
	parent = daemon_tree_find(t, st.ppid);
	return parent != t->n ? add(t, pid, parent, 0) : 0;
}

static const char *
cgroup_of(const struct daemon_tree *t)
{
	return t->notes != NULL ? t->notes->cgroup : NULL;
}

static int
add_grouped(void *tree, pid_t pid)
{
	return add(tree, pid, DAEMON_TREE_GROUPED, 0) == -1 ? -1 : 0;
}

/* One walk over all processes. */
static int
add_found(struct daemon_tree *t)
{
	struct dirent *e;
	int r = 0;
	DIR *d;

	if (cgroup_of(t) != NULL &&
	    daemon_cgroup_visit(cgroup_of(t), add_grouped, t) == -1)
		return -1;
	daemon_sessions_trim(t);
	if (t->blind ||
	    (t->sessions == 0 && !t->by_parent && mark_of(t) == NULL))
		return 0;
	d = opendir("/proc");
	if (d == NULL) {
		t->blind = 1;
		return errno == ENOMEM ? -1 : 0;
	}
	while (r != -1 && (e = readdir(d)) != NULL)
		if (pid_of(e->d_name) != 0)
			r = consider(t, pid_of(e->d_name));
	(void)closedir(d);
	return r == -1 ? -1 : 0;
}

/* Somebody is in it, and it is not us. */
static int
is_grouped(const struct daemon_tree *t)
{
	return cgroup_of(t) != NULL && daemon_cgroup_lives(cgroup_of(t)) &&
	    !daemon_cgroup_has(cgroup_of(t), getpid());
}

/* The kernel knows of somebody, and all we know are dead: one may be born
 * behind the walk.  Or it is the zombies, or we: if nobody has forked so far,
 * nobody is looked for. */
static int
has_missed(const struct daemon_tree *t, size_t looks)
{
	if (t->others && (!t->grows || looks >= LOOKS_IN_DOUBT))
		return 0;
	return !t->blind &&
	    daemon_tree_left(t, DAEMON_STOP_REST) == DAEMON_STOP_NONE &&
	    (daemon_sessions_peopled(t) || is_grouped(t));
}

int
daemon_tree_look(struct daemon_tree *t)
{
	long long end = daemon_clock_steady() + LOOK_MS;
	size_t i, before, begin = t->n, looks = 0;

	t->counted = 0;
	for (i = 0; i < t->n; i++) {
		daemon_member_attach(&t->member[i], t->pidfd_end);
		(void)daemon_member_check(&t->member[i]);
	}
	/* Who forks all the time is not all met, but has to be signalled. */
	do {
		before = t->n;
		t->others = 0;
		if (add_descendants(t, end) == -1 || add_found(t) == -1)
			return -1;
	} while (++looks < LOOKS_MAX && daemon_clock_steady() < end &&
	    (t->n != before || has_missed(t, looks)));
	t->grows |= t->looked && t->n != begin;
	t->looked = 1;
	return 0;
}

int
daemon_tree_note(struct daemon_tree *t)
{
	struct daemon_identity *id;
	size_t i, n = 0;

	if (t->notes == NULL || t->notes->note == NULL || t->n == t->noted)
		return 0;
	id = calloc(t->n, sizeof *id);
	if (id == NULL)
		return -1;
	for (i = 0; i < t->n; i++)
		if (daemon_tree_is_target(t, i, DAEMON_STOP_REST) &&
		    !t->member[i].victim.main)
			id[n++] = t->member[i].victim.id;
	if (n > 0)
		t->notes->note(t->notes->arg, id, n);
	t->noted = t->n;
	free(id);
	return 0;
}

int
daemon_tree_is_target(
    const struct daemon_tree *t, size_t i, enum daemon_stop_round round)
{
	const struct daemon_member *m = &t->member[i];

	return !m->dead &&
	    (round == DAEMON_STOP_MAIN ? m->victim.main : !m->spared);
}

enum daemon_stop_event
daemon_tree_left(const struct daemon_tree *t, enum daemon_stop_round round)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (daemon_tree_is_target(t, i, round))
			return DAEMON_STOP_SOME;
	return DAEMON_STOP_NONE;
}
