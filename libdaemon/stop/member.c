/* SPDX-License-Identifier: ISC */
/*
 * One process of a tree: taken, proved, watched.  The pidfd comes first and
 * is held to the end; all that is then read by number counts only if the
 * pidfd says afterwards that the process is still there, for as long as it
 * is, its number is nobody else's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/cgroup.h"
#include "../identity/mark.h"
#include "tree.h"

enum { DESCRIPTORS_MIN = 16 }; /* and as many are left to others */

static void
read_comm(char *comm, size_t size, pid_t pid)
{
	char path[32];
	ssize_t n = -1;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd != -1) {
		n = read(fd, comm, size - 1);
		(void)close(fd);
	}
	comm[n > 0 ? n : 0] = '\0';
	comm[strcspn(comm, "\n")] = '\0';
}

/* Where its pidfd cannot be asked, /proc must do. */
static int
ended(const struct daemon_member *m)
{
	struct daemon_process_stat st;
	int r = daemon_pidfd_wait(m->pidfd, 0);

	if (r != -1)
		return r;
	if (daemon_process_stat(m->victim.id.pid, &st) == -1)
		return errno == ESRCH;
	return st.state == 'Z' || st.start != m->victim.id.start;
}

int
daemon_member_check(struct daemon_member *m)
{
	if (m->dead || m->pidfd == -1 || !ended(m))
		return m->dead;
	(void)close(m->pidfd);
	m->pidfd = -1;
	return m->dead = 1;
}

void
daemon_member_attach(struct daemon_member *m, int pidfd_end)
{
	enum daemon_proof proof;

	if (m->dead || m->pidfd != -1)
		return;
	m->pidfd = daemon_identity_open(&m->victim.id, &proof);
	if (m->pidfd == -1)
		m->dead = proof == DAEMON_PROOF_DEAD;
	if (m->pidfd >= pidfd_end) {
		(void)close(m->pidfd);
		m->pidfd = -1;
	}
}

/* Is pid what was claimed of it?  Its pidfd is in our hand. */
static int
belongs(struct daemon_tree *t, pid_t pid, size_t parent, pid_t session)
{
	struct daemon_process_stat st;
	struct daemon_member *p;

	if (session != 0)
		return getsid(pid) == session &&
		    daemon_session_lives(t, session);
	if (parent == DAEMON_TREE_REAPER)
		return daemon_process_stat(pid, &st) == 0 &&
		    st.ppid == t->notes->reaper && getppid() == st.ppid;
	if (parent == DAEMON_TREE_GROUPED)
		return daemon_cgroup_has(t->notes->cgroup, pid);
	if (parent == DAEMON_TREE_MARKED)
		return daemon_mark_has(pid, t->notes->mark);
	p = &t->member[parent];
	return daemon_process_stat(pid, &st) == 0 &&
	    st.ppid == p->victim.id.pid && p->pidfd != -1 &&
	    !daemon_member_check(p);
}

static int
append(struct daemon_tree *t, const struct daemon_member *m)
{
	struct daemon_member *v;

	v = reallocarray(t->member, t->n + 1, sizeof *v);
	if (v == NULL)
		return -1;
	t->member = v;
	t->member[t->n++] = *m;
	return 0;
}

/* Whom a stop must never hit, whatever it descends from. */
static int
spare_ourselves(struct daemon_tree *t)
{
	struct daemon_process_stat st;
	pid_t pid;

	if (daemon_pids_add(&t->spared, 1) == -1)
		return -1;
	for (pid = getpid(); pid > 1; pid = st.ppid) {
		if (daemon_pids_add(&t->spared, pid) == -1)
			return -1;
		if (daemon_process_stat(pid, &st) == -1)
			break;
	}
	return 0;
}

/* Before the first who might be one of us, and so before any signal. */
static int
be_spared(struct daemon_tree *t)
{
	return t->spared.n == 0 ? spare_ourselves(t) : 0;
}

/* All that is to be known of pid, whose pidfd m has.  1: it is what was
 * claimed, and lives; 0: not; -1/ENOMEM. */
static int
prove(struct daemon_tree *t, struct daemon_member *m, pid_t pid, size_t parent,
    pid_t session)
{
	int noted = 0;

	if (be_spared(t) == -1)
		return -1;
	if (daemon_identity_of(&m->victim.id, pid) == -1 ||
	    !belongs(t, pid, parent, session))
		return 0;
	read_comm(m->victim.comm, sizeof m->victim.comm, pid);
	m->spared = daemon_pids_has(&t->spared, pid);
	if (getsid(pid) == pid && (noted = daemon_session_note(t, pid)) == -1)
		return -1;
	if (daemon_pidfd_wait(m->pidfd, 0) == 0)
		return 1;
	if (noted)
		daemon_session_take_back(t);
	return 0;
}

int
daemon_tree_add(struct daemon_tree *t, pid_t pid, size_t parent, pid_t session)
{
	struct daemon_member m = { .fresh = 1 };
	int fd = daemon_pidfd_open(pid), r = 0;

	if (fd == -1)
		return 0;
	m.pidfd = fd;
	if (daemon_pidfd_wait(fd, 0) == 0)
		r = prove(t, &m, pid, parent, session);
	if (fd >= t->pidfd_end)
		m.pidfd = -1;
	if (r == 1 && append(t, &m) == -1)
		r = -1;
	if (r != 1 || m.pidfd == -1)
		(void)close(fd);
	return r;
}

/*
 * The main process's session is its own if it leads it, or if it was made
 * for it: by the middle process of the double fork, which is gone.
 * Otherwise it is somebody's shell's, alive or not.
 */
static int
begin_session(struct daemon_tree *t, const struct daemon_identity *id)
{
	pid_t pid = id->pid, sid = getsid(pid);
	int r;

	if (sid != pid && sid != id->session)
		return 0;
	r = daemon_session_note(t, sid);
	if (r == 1 &&
	    (getsid(pid) != sid || daemon_member_check(&t->member[0])))
		daemon_session_take_back(t);
	return r == -1 ? -1 : 0;
}

/* One of those an earlier stop had noted, if it lives: proved as the main
 * process is. */
static int
adopt(struct daemon_tree *t, const struct daemon_identity *id, pid_t session)
{
	struct daemon_member m = { .victim = { .id = *id }, .fresh = 1 };
	enum daemon_proof proof;
	pid_t sid;

	if (daemon_tree_find(t, id->pid) != t->n)
		return 0;
	m.pidfd = daemon_identity_open(id, &proof);
	if (m.pidfd == -1)
		return 0;
	if (be_spared(t) == -1) {
		(void)close(m.pidfd);
		return -1;
	}
	m.spared = daemon_pids_has(&t->spared, id->pid);
	read_comm(m.victim.comm, sizeof m.victim.comm, id->pid);
	if (append(t, &m) == -1) {
		(void)close(m.pidfd);
		return -1;
	}
	sid = getsid(id->pid);
	if (sid != id->pid && (session == 0 || sid != session))
		return 0;
	/* It lives, after that was asked: so the session is the same. */
	if (daemon_session_note(t, sid) == 1 &&
	    daemon_member_check(&t->member[t->n - 1]))
		daemon_session_take_back(t);
	return 0;
}

static int
adopt_all(struct daemon_tree *t, pid_t session)
{
	size_t i;

	for (i = 0; t->notes != NULL && i < t->notes->nleft; i++)
		if (adopt(t, &t->notes->left[i], session) == -1)
			return -1;
	return 0;
}

int
daemon_tree_begin(struct daemon_tree *t, const struct daemon_identity *id,
    int pidfd, const struct daemon_stop_notes *notes)
{
	struct daemon_member m = {
		.victim = { .id = *id, .main = 1 }, .pidfd = pidfd, .fresh = 1
	};
	long limit = sysconf(_SC_OPEN_MAX);
	struct daemon_proc_self self;

	*t = (struct daemon_tree){ .notes = notes, .made = id->session };
	t->reaper = notes != NULL ? notes->reaper : 0;
	/* Some are left for reading /proc, and for whoever runs beside us. */
	t->pidfd_end = limit > 0 && limit < 1 << 20 ? (int)limit - 16 : 1 << 20;
	daemon_proc_self(&self);
	t->blind = !self.ours;
	read_comm(m.victim.comm, sizeof m.victim.comm, id->pid);
	if (pidfd != -1 && append(t, &m) == -1) {
		(void)close(pidfd);
		return -1;
	}
	if (t->pidfd_end < DESCRIPTORS_MIN) {
		errno = EMFILE;
		return -1;
	}
	if (pidfd != -1 && begin_session(t, id) == -1)
		return -1;
	return adopt_all(t, id->session);
}

void
daemon_tree_end(struct daemon_tree *t)
{
	int saved = errno;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->member[i].pidfd != -1)
			(void)close(t->member[i].pidfd);
	free(t->member);
	daemon_sessions_close(t);
	free(t->spared.v);
	daemon_census_clear(&t->beside);
	*t = (struct daemon_tree){ 0 };
	errno = saved;
}
