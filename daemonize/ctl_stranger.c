/* SPDX-License-Identifier: ISC */
/*
 * A daemon somebody else started, known by its pidfile alone: acted on only
 * if it is like what the caller says it is.
 */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../libdaemon/identity/pidtext.h"
#include "../libdaemon/identity/proc.h"
#include "../libdaemon/user.h"
#include "ctl.h"
#include "messages.h"

/* Are the file and what path leads to, as pid sees it, the same? */
static int
is_same(const char *file, const char *path, pid_t pid)
{
	char seen[PATH_MAX + 40];
	struct stat a, b;

	(void)snprintf(seen, sizeof seen, "/proc/%ld/%s%s", (long)pid,
	    path[0] == '/'	  ? "root"
		: path[0] != '\0' ? "cwd/"
				  : "exe",
	    path);
	return stat(file, &a) == 0 && stat(seen, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The program itself, also under another name or replaced on disk since; or
 * the script that an interpreter was given. */
static int
executes(const char *file, const struct daemon_proc_view *v, pid_t pid)
{
	size_t n = strlen(file);
	const char *script = v->argv[1];

	return is_same(file, "", pid) || strcmp(file, v->argv[0]) == 0 ||
	    (strncmp(file, v->exe, n) == 0 &&
		(v->exe[n] == '\0' || strcmp(v->exe + n, " (deleted)") == 0)) ||
	    (strchr(script, '/') != NULL &&
		(strcmp(file, script) == 0 || is_same(file, script, pid)));
}

/* Enough likeness to act on a process we did not start? */
static int
vouched(const struct ctl *c, const struct daemon_pidfile_found *found,
    const struct daemon_proc_view *v, uid_t owner)
{
	if (c->exec == NULL && c->user == NULL) {
		message("%s: %s: not started by daemonize: say what it is "
			"with --exec FILE or --user USER",
		    c->verb, c->pidfile);
		return 0;
	}
	if (v->started_ms > found->mtime_ms + 1000) {
		message("%s: %s: pid %ld is younger than the pidfile: "
			"not the same process",
		    c->verb, c->pidfile, (long)found->pid);
		return 0;
	}
	if (c->exec != NULL && !executes(c->exec, v, found->pid)) {
		message("%s: %s: pid %ld is %s, not %s", c->verb, c->pidfile,
		    (long)found->pid, v->exe[0] != '\0' ? v->exe : v->argv[0],
		    c->exec);
		return 0;
	}
	if (c->user == NULL || owner == v->uid)
		return 1;
	message("%s: %s: pid %ld belongs to uid %u", c->verb, c->pidfile,
	    (long)found->pid, (unsigned)v->uid);
	return 0;
}

/* The uid of --user, or (uid_t)-1. */
static int
find_owner(const struct ctl *c, uid_t *owner)
{
	struct daemon_user u;

	*owner = (uid_t)-1;
	if (c->user == NULL)
		return 0;
	if (daemon_user_find(&u, c->user, NULL) == -1) {
		message("%s: %s: user: %s: no such user", c->verb, c->pidfile,
		    c->user);
		return -1;
	}
	*owner = u.uid;
	daemon_user_clear(&u);
	return 0;
}

static int
unsure(const struct ctl *c, pid_t pid)
{
	message("%s: %s: cannot tell whether pid %ld runs: %s", c->verb,
	    c->pidfile, (long)pid, strerror(errno));
	return CTL_DENIED;
}

void
target_arguments(struct target *t, pid_t pid)
{
	char buf[4096];
	const size_t n = daemon_proc_arguments(buf, sizeof buf, pid);
	const char *p;

	for (p = buf; p < buf + n; p += strlen(p) + 1)
		if (daemon_list_add(&t->d.argv, p) == -1)
			return;
}

void
target_nobody(struct target *t, const struct ctl *c)
{
	t->d.pidfile = strdup(c->pidfile);
	t->state = DAEMON_STATE_STOPPED;
	t->proof = DAEMON_PROOF_DEAD;
}

int
target_stranger(struct target *t, const struct ctl *c,
    const struct daemon_walk *w, const char *base)
{
	struct daemon_pidfile_found found;
	struct daemon_proc_view v;
	struct daemon_fault f;
	uid_t owner;

	if (find_owner(c, &owner) == -1)
		return CTL_FAILED;
	if (daemon_walk_trusted(w, owner, "pidfile", c->pidfile, &f) == -1 ||
	    daemon_pidfile_look(&found, w->fd, base, owner, c->pidfile, &f) ==
		-1) {
		/* The old daemonize gave pidfiles to the user of -u. */
		if (f.error == EPERM && c->user == NULL)
			ctl_fault_add(&f, " (--user says whose it may be)");
		(void)ctl_fault(c, c->pidfile, &f);
		return f.error == EPERM || f.error == ELOOP ||
			f.error == EINVAL || f.error == EACCES
		    ? CTL_DENIED
		    : CTL_FAILED;
	}
	target_nobody(t, c);
	if (!found.exists || found.pid == 0)
		return CTL_DONE;
	t->state = DAEMON_STATE_EXITED;
	t->pidfile_left = 1;
	/* Identity first, then the likeness: what was looked at is what
	 * the pidfd holds. */
	if (daemon_identity_of(&t->st.id, found.pid) == -1 ||
	    daemon_proc_view(&v, found.pid) == -1)
		return errno == ESRCH ? CTL_DONE : unsure(c, found.pid);
	if (!vouched(c, &found, &v, owner))
		return CTL_DENIED;
	t->st.started = v.started_ms;
	t->st.since = v.started_ms;
	target_arguments(t, found.pid);
	t->pidfd = daemon_identity_open(&t->st.id, &t->proof);
	if (t->proof == DAEMON_PROOF_UNKNOWN)
		return unsure(c, found.pid);
	if (t->proof == DAEMON_PROOF_ALIVE) {
		t->state = DAEMON_STATE_READY;
		t->pidfile_left = 0;
	}
	return CTL_DONE;
}
