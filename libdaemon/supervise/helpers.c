/* SPDX-License-Identifier: ISC */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../identity/process.h"
#include "oom.h"
#include "pool.h"
#include "supervisor.h"

enum { FAREWELL_MS = 1000 };

void
daemon_helpers_begin(struct daemon_supervisor *s)
{
	(void)memset(s->helpers_only, 0, sizeof s->helpers_only);
	(void)memset(s->helper_pipe, -1, sizeof s->helper_pipe);
	s->helper = s->helpers_only;
	s->spared = DAEMON_HELPERS;
}

pid_t *
daemon_helpers_extend(struct daemon_supervisor *s)
{
	pid_t *was = s->helper == s->helpers_only ? NULL : s->helper;
	pid_t *p = reallocarray(was, s->spared + 1, sizeof *p);

	if (p == NULL)
		return NULL;
	if (was == NULL)
		(void)memcpy(p, s->helpers_only, sizeof s->helpers_only);
	s->helper = p;
	return &p[s->spared++];
}

int
daemon_helper_is(const struct daemon_supervisor *s, pid_t pid)
{
	size_t i;

	for (i = 0; i < s->spared; i++)
		if (s->helper[i] == pid)
			return 1;
	return 0;
}

int
daemon_helper_knows(const struct daemon_supervisor *s, pid_t pid)
{
	const struct daemon_supervisor *owner;

	if (s->pool == NULL || daemon_helper_is(s, pid))
		return daemon_helper_is(s, pid);
	owner = daemon_pool_owner(s->pool, pid);
	return owner != NULL && owner != s;
}

int
daemon_helper_any(const struct daemon_supervisor *s)
{
	size_t i;

	for (i = 0; i < s->spared; i++)
		if (s->helper[i] != 0)
			return 1;
	return 0;
}

/* They are not reaped yet, and have their numbers. */
struct daemon_identity *
daemon_helpers_identify(const struct daemon_supervisor *s, size_t *n)
{
	struct daemon_identity *id = NULL;
	size_t i;

	*n = 0;
	if (daemon_helper_any(s))
		id = calloc(s->spared, sizeof *id);
	for (i = 0; id != NULL && i < s->spared; i++)
		if (s->helper[i] != 0 &&
		    daemon_identity_of(&id[*n], s->helper[i]) == 0)
			(*n)++;
	return id;
}

pid_t
daemon_helper_fork(struct daemon_supervisor *s, enum daemon_helper role)
{
	pid_t pid;

	daemon_helper_end(s, role);
	pid = fork();
	if (pid > 0)
		s->helper[role] = pid;
	return pid;
}

pid_t
daemon_helper_fork_to_hear(
    struct daemon_supervisor *s, enum daemon_helper role, int *out)
{
	int ends[2], saved;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	pid = daemon_helper_fork(s, role);
	saved = errno;
	(void)close(ends[pid == 0 ? 0 : 1]);
	if (pid == 0)
		*out = ends[1];
	else if (pid > 0)
		s->helper_pipe[role] = ends[0];
	else
		(void)close(ends[0]);
	errno = saved;
	return pid;
}

static void
hush(struct daemon_supervisor *s, enum daemon_helper role)
{
	if (s->helper_pipe[role] != -1)
		(void)close(s->helper_pipe[role]);
	s->helper_pipe[role] = -1;
}

size_t
daemon_helper_hear(struct daemon_supervisor *s, enum daemon_helper role,
    void *buf, size_t size)
{
	ssize_t n = read(s->helper_pipe[role], buf, size);

	hush(s, role);
	return n > 0 ? (size_t)n : 0;
}

/* What another program has started goes with it: its number is its own until
 * it is reaped. */
static void
end_session(enum daemon_helper role, pid_t pid)
{
	if (role == DAEMON_HELPER_CHECKER)
		(void)kill(-pid, SIGKILL);
}

/* It watches over a shell, which it ends with all it has started. */
static int
is_hook(enum daemon_helper role)
{
	return role == DAEMON_HELPER_BEFORE || role == DAEMON_HELPER_CHECK ||
	    role == DAEMON_HELPER_RELOADER || role == DAEMON_HELPER_ON_READY ||
	    role == DAEMON_HELPER_ON_EXIT || role == DAEMON_HELPER_ON_FAILED;
}

int
daemon_helper_hand_over(struct daemon_supervisor *s, enum daemon_helper role)
{
	pid_t *place;

	if (s->helper[role] == 0 || !is_hook(role) ||
	    role == DAEMON_HELPER_BEFORE)
		return 0;
	place = daemon_helpers_extend(s->head);
	if (place == NULL)
		return 0;
	*place = s->helper[role];
	s->helper[role] = 0;
	return 1;
}

static void
let_it_end(pid_t pid)
{
	int fd = daemon_pidfd_open(pid);

	if (fd == -1)
		return;
	if (daemon_pidfd_send(fd, SIGTERM) == 0)
		(void)daemon_pidfd_wait(fd, FAREWELL_MS);
	(void)close(fd);
}

void
daemon_helper_end(struct daemon_supervisor *s, enum daemon_helper role)
{
	pid_t pid = s->helper[role];

	hush(s, role);
	if (pid == 0)
		return;
	s->helper[role] = 0;
	if (is_hook(role))
		let_it_end(pid);
	end_session(role, pid);
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		continue;
}

/* Whoever is asked to end has no patience with them. */
void
daemon_helpers_await(struct daemon_supervisor *s)
{
	sigset_t set;
	int i, sig = 0;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	for (i = 0; i < DAEMON_HELPERS; i++) {
		if (!is_hook((enum daemon_helper)i))
			continue;
		while (s->helper[i] != 0 && (sig == 0 || sig == SIGCHLD) &&
		    waitpid(s->helper[i], NULL, WNOHANG) == 0)
			(void)sigwait(&set, &sig);
		if (sig == 0 || sig == SIGCHLD)
			s->helper[i] = 0;
		daemon_helper_end(s, (enum daemon_helper)i);
	}
}

unsigned
daemon_helper_ended(const struct daemon_supervisor *s)
{
	unsigned ended = 0;
	siginfo_t si;
	int i;

	for (i = 0; i < DAEMON_HELPERS; i++) {
		si.si_pid = 0;
		if (s->helper[i] != 0 &&
		    (waitid(P_PID, (id_t)s->helper[i], &si,
			 WEXITED | WNOHANG | WNOWAIT) == -1 ||
			si.si_pid != 0))
			ended |= 1u << i;
	}
	return ended;
}

int
daemon_helper_reap(struct daemon_supervisor *s, unsigned ended,
    enum daemon_helper *role, int *status)
{
	pid_t pid;
	int i;

	for (i = 0; i < DAEMON_HELPERS; i++) {
		if (s->helper[i] == 0 || (ended & 1u << i) == 0)
			continue;
		*status = -1;
		end_session((enum daemon_helper)i, s->helper[i]);
		pid = waitpid(s->helper[i], status, WNOHANG);
		if (pid == 0 || (pid == -1 && errno == EINTR))
			continue;
		s->helper[i] = 0;
		*role = (enum daemon_helper)i;
		return 1;
	}
	return 0;
}

void
daemon_helper_detach(struct daemon_supervisor *s, int tied)
{
	daemon_oom_restore(s->oom);
	daemon_control_leave(&s->head->control);
	daemon_service_close(&s->service);
	if (s->head != s)
		(void)close(s->head->service.dir);
	if (s->head->launcher != -1)
		(void)close(s->head->launcher);
	if (tied)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}
