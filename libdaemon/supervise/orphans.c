/* SPDX-License-Identifier: ISC */
/* Those whose parents are gone: they have come to us, the subreaper. */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../identity/cgroup.h"
#include "../identity/mark.h"
#include "pool.h"

/* Reap pid, if it is dead: 1; 0: it lives. */
static int
reap(pid_t pid)
{
	pid_t r;

	do
		r = waitpid(pid, NULL, WNOHANG);
	while (r == -1 && errno == EINTR);
	return r != 0;
}

/* An orphan: of this one, where there are several workers? */
static int
is_own(const struct daemon_supervisor *s, pid_t pid)
{
	char buf[DAEMON_MARK_MAX];
	const char *mark = daemon_definition_mark(buf, s->d);

	if (s->head == s)
		return 1;
	return (s->d->cgroup != NULL && daemon_cgroup_has(s->d->cgroup, pid)) ||
	    getsid(pid) == s->st.id.session ||
	    (mark != NULL && daemon_mark_has(pid, mark));
}

/* One of our children: the tree's, and alive? */
static int
is_kin(const struct daemon_supervisor *s, pid_t pid)
{
	if (pid == s->instance.pid)
		return 1;
	return !daemon_helper_knows(s, pid) && !reap(pid) && is_own(s, pid);
}

/* It is so at most deaths, and quicker to ask than to read who there is. */
static int
is_childless(void)
{
	siginfo_t si;

	return waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == -1 &&
	    errno == ECHILD;
}

int
daemon_supervisor_list(void)
{
	return open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
}

int
daemon_supervisor_children(const struct daemon_supervisor *s,
    int (*each)(void *arg, pid_t pid), void *arg)
{
	int fd = s->head->children, count = 0;
	char buf[1024];
	pid_t pid = 0;
	ssize_t n, i;

	if (is_childless())
		return 0;
	if (fd == -1)
		fd = daemon_supervisor_list();
	if (fd == -1 || lseek(fd, 0, SEEK_SET) == -1)
		return -1;
	while ((n = read(fd, buf, sizeof buf)) > 0)
		for (i = 0; i < n; i++)
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = pid * 10 + (buf[i] - '0');
			} else {
				count += pid != 0 && each(arg, pid);
				pid = 0;
			}
	if (fd != s->head->children)
		(void)close(fd);
	return n == 0 ? count : -1;
}

struct count {
	const struct daemon_supervisor *s;
	pid_t last;
};

static int
is_counted(void *arg, pid_t pid)
{
	struct count *c = arg;

	if (!is_kin(c->s, pid))
		return 0;
	c->last = pid;
	return 1;
}

/* With helpers among them, the kernel's list must tell who is who.  How many
 * of the tree there are, and the last of them; -1: it cannot be told. */
static int
count_listed(const struct daemon_supervisor *s, pid_t *last)
{
	struct count c = { .s = s };
	int n = daemon_supervisor_children(s, is_counted, &c);

	*last = c.last;
	return n;
}

struct collection {
	const struct daemon_supervisor *s;
	struct daemon_identity *id;
	size_t n;
};

static int
is_collected(void *arg, pid_t pid)
{
	struct collection *c = arg;
	struct daemon_identity *more;

	if (pid == c->s->instance.pid || !is_kin(c->s, pid))
		return 0;
	more = reallocarray(c->id, c->n + 1, sizeof *more);
	if (more == NULL)
		return 0;
	c->id = more;
	c->n += daemon_identity_of(&more[c->n], pid) == 0;
	return 1;
}

struct daemon_identity *
daemon_supervisor_orphans(const struct daemon_supervisor *s, size_t *n)
{
	struct collection c = { .s = s };

	if (s->head != s)
		(void)daemon_supervisor_children(s, is_collected, &c);
	*n = c.n;
	return c.id;
}

pid_t
daemon_supervisor_only(const struct daemon_supervisor *s)
{
	pid_t pid = 0;

	return count_listed(s, &pid) == 1 ? pid : 0;
}

static int
is_any(void *arg, pid_t pid)
{
	(void)arg;
	(void)pid;
	return 1;
}

/* Has nobody left us anybody?  Of a thousand children that is known by their
 * number, where each of them is one that we have begun. */
static int
are_all_known(const struct daemon_supervisor *s)
{
	const int n = s->pool != NULL ? daemon_pool_children(s->pool) : -1;

	return n != -1 && daemon_supervisor_children(s, is_any, NULL) == n;
}

int
daemon_supervisor_alone(const struct daemon_supervisor *s)
{
	siginfo_t si;
	pid_t last;

	if (are_all_known(s))
		return 1;

	/* Somebody may slip past one look at the list, while another leaves. */
	if (daemon_helper_any(s) || s->pool != NULL)
		return count_listed(s, &last) == 0 &&
		    count_listed(s, &last) == 0;
	for (;;) {
		si.si_pid = 0;
		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == -1)
			return errno == ECHILD;
		if (si.si_pid == 0 || si.si_pid == s->instance.pid)
			return 0;
		(void)reap(si.si_pid);
	}
}

int
daemon_supervisor_deserted(const struct daemon_supervisor *s)
{
	/* Of one worker among many the group tells at once. */
	if (s->head != s && s->d->cgroup != NULL &&
	    daemon_cgroup_is_there(s->d->cgroup))
		return !daemon_cgroup_lives(s->d->cgroup);
	return daemon_supervisor_alone(s) &&
	    (s->d->cgroup == NULL || !daemon_cgroup_lives(s->d->cgroup));
}
