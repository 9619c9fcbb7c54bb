/* SPDX-License-Identifier: ISC */
#include <sys/auxv.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../identity/walk.h"
#include "handover.h"
#include "oom.h"
#include "pool.h"
#include "publish.h"
#include "serve.h"
#include "upgrade.h"

static const char not_working[] =
    "the installed program does not work, or cannot read the record";

enum { CHECK_MS = 10000 };

const char *
daemon_upgrade_path(void)
{
	const char *path = (const char *)(uintptr_t)getauxval(AT_EXECFN);

	return path != NULL && path[0] == '/' ? path : NULL;
}

int
daemon_upgrade_program(char buf[DAEMON_PROGRAM_MAX], const char *path)
{
	struct stat st;

	if (stat(path, &st) == -1)
		return -1;
	(void)snprintf(buf, DAEMON_PROGRAM_MAX, "%llu-%lld.%09ld",
	    (unsigned long long)st.st_ino, (long long)st.st_mtim.tv_sec,
	    st.st_mtim.tv_nsec);
	return 0;
}

/* Nobody but root and we may have put it there, or could. */
static int
is_trusted(const char *path)
{
	struct daemon_walk w;
	const char *base;
	struct stat st;

	if (path == NULL || stat(path, &st) == -1 ||
	    daemon_walk_to_parent(&w, path, &base, "", NULL) == -1)
		return 0;
	(void)close(w.fd);
	return w.foreign == (uid_t)-1 && S_ISREG(st.st_mode) &&
	    (st.st_mode & 022) == 0 &&
	    (st.st_uid == 0 || st.st_uid == geteuid()) &&
	    access(path, X_OK) == 0;
}

static void
refuse(struct daemon_supervisor *s, const char *why)
{
	s->upgrade = DAEMON_UPGRADE_NONE;
	daemon_control_refuse(&s->control, DAEMON_REQUEST_UPGRADE, why);
}

static void
refuse_program(struct daemon_supervisor *s)
{
	const char *path = daemon_upgrade_path();
	char why[PATH_MAX + 64];

	(void)snprintf(why, sizeof why, "%s: %s",
	    path != NULL ? path : "the installed program",
	    path == NULL || access(path, F_OK) == -1
		? "is not there any more"
		: "is no program, or others may write to it");
	refuse(s, why);
}

void
daemon_upgrade_ask(struct daemon_supervisor *s)
{
	if (s->service.dir == -1 || s->d->foreground)
		refuse(s, "it runs in the foreground");
	else if (!is_trusted(daemon_upgrade_path()))
		refuse_program(s);
	else if (s->upgrade == DAEMON_UPGRADE_NONE)
		s->upgrade = DAEMON_UPGRADE_WANTED;
	daemon_upgrade_try(s);
}

/* Nobody is between fork and exec, nobody is being ended, or stopped: helpers
 * that begin later would be, too. */
int
daemon_upgrade_is_quiet(const struct daemon_supervisor *s)
{
	if (s->pending != 0 || s->detached ||
	    s->helper[DAEMON_HELPER_STOPPER] != 0 ||
	    s->helper[DAEMON_HELPER_FREEZER] != 0)
		return 0;
	switch (s->machine.phase) {
	case DAEMON_PHASE_READY:
	case DAEMON_PHASE_PAUSED:
	case DAEMON_PHASE_BACKOFF: return 1;
	case DAEMON_PHASE_IDLE:
	case DAEMON_PHASE_PREPARING:
	case DAEMON_PHASE_SPAWNING:
	case DAEMON_PHASE_STARTING:
	case DAEMON_PHASE_RELOADING:
	case DAEMON_PHASE_LEAVING:
	case DAEMON_PHASE_STOPPING:
	case DAEMON_PHASE_OVER: break;
	}
	return 0;
}

static int
is_quiet(const struct daemon_supervisor *s)
{
	return s->pool != NULL ? daemon_pool_is_quiet(s->pool)
			       : daemon_upgrade_is_quiet(s);
}

/* The words of a supervisor's command line, as launch.c has them. */
struct words {
	char title[128], fd[6][12], how[8];
	char store[DAEMON_STORE_TEXT];
	char *argv[10];
};

static char *const *
spell(struct words *w, const struct daemon_supervisor *s, const char *how,
    int lock, int client)
{
	const int fds[] = { s->service.dir, lock, client,
		daemon_notified_legacy(&s->notified), s->output[0],
		s->output[1] };
	size_t i;

	(void)snprintf(w->title, sizeof w->title, "%s",
	    s->title[0] != '\0' ? s->title : "daemonize");
	w->argv[0] = s->d->title != NULL ? s->d->title : w->title;
	for (i = 0; i < sizeof fds / sizeof fds[0]; i++)
		(void)snprintf(w->fd[i], sizeof w->fd[i], "%d", fds[i]);
	(void)snprintf(w->how, sizeof w->how, "%s", how);
	w->argv[1] = w->fd[0];
	w->argv[2] = w->fd[1];
	w->argv[3] = w->fd[2];
	w->argv[4] = w->how;
	w->argv[5] = w->fd[3];
	daemon_store_text(w->store, sizeof w->store, &s->store);
	w->argv[6] = w->store;
	w->argv[7] = w->fd[4];
	w->argv[8] = w->fd[5];
	w->argv[9] = NULL;
	return w->argv;
}

static void
keep(int fd, int on)
{
	if (fd != -1)
		(void)fcntl(fd, F_SETFD, on ? 0 : FD_CLOEXEC);
}

/* We sleep with all signals blocked; who is checked need not. */
static void
unblock(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The new program looks at the record, and says what it thinks of it.  It does
 * not get the lock: what it leaves behind could keep that. */
static _Noreturn void
check(struct daemon_supervisor *s, int answer)
{
	static char *const none[] = { NULL };
	struct words w = { .argv = { NULL } };
	char *const *argv = spell(&w, s, "check", s->service.dir, answer);

	(void)setsid(); /* to be ended with all it starts */
	keep(s->service.dir, 1);
	keep(answer, 1);
	daemon_oom_restore(s->oom);
	unblock();
	(void)execve(daemon_upgrade_path(), argv, none);
	_exit(127);
}

/* Who hangs has not said yes. */
static void
end_late(struct daemon_supervisor *s)
{
	if (daemon_clock_steady() < s->check_ms)
		return;
	daemon_helper_end(s, DAEMON_HELPER_CHECKER);
	refuse(s, not_working);
}

void
daemon_upgrade_try(struct daemon_supervisor *s)
{
	pid_t pid;
	int answer;

	if (s->upgrade == DAEMON_UPGRADE_CHECKED)
		end_late(s);
	if (s->upgrade != DAEMON_UPGRADE_WANTED || !is_quiet(s))
		return;
	s->upgrade = DAEMON_UPGRADE_CHECKED;
	s->check_ms = daemon_clock_steady() + CHECK_MS;
	pid = daemon_helper_fork_to_hear(s, DAEMON_HELPER_CHECKER, &answer);
	if (pid == 0)
		check(s, answer);
	if (pid == -1)
		refuse(s, strerror(errno));
}

/* Not everybody who ends with success is a supervisor. */
static int
has_said_yes(struct daemon_supervisor *s)
{
	char text[sizeof DAEMON_CHECK_YES];
	size_t n =
	    daemon_helper_hear(s, DAEMON_HELPER_CHECKER, text, sizeof text);

	return n == strlen(DAEMON_CHECK_YES) &&
	    memcmp(text, DAEMON_CHECK_YES, n) == 0;
}

static void
become(struct daemon_supervisor *s)
{
	char *none[] = { NULL };
	struct daemon_list env = { 0 };
	int client =
	    daemon_control_waiting(&s->control, DAEMON_REQUEST_UPGRADE);
	char why[128];
	struct words w = { .argv = { NULL } };
	char *const *argv = spell(&w, s, "upgrade", s->service.lock, client);
	const int fds[] = { s->service.dir, s->service.lock, client,
		daemon_notified_legacy(&s->notified), s->output[0],
		s->output[1] };
	size_t i;

	for (i = 0; i < sizeof fds / sizeof fds[0]; i++)
		keep(fds[i], 1);
	for (i = 0; i < s->store.n; i++)
		keep(s->store.item[i].fd, 1);
	daemon_handover_keep(s->pool, 1);
	daemon_oom_restore(s->oom);
	/* The keeper stays until that of the next one relieves it: it has the
	 * sockets if we die meanwhile, and calls another. */
	if (daemon_handover_spell(&env, s->pool) == 0)
		(void)execve(
		    daemon_upgrade_path(), argv, env.n > 0 ? env.v : none);
	(void)snprintf(why, sizeof why, "exec: %s", strerror(errno));
	daemon_list_clear(&env);
	s->oom = daemon_oom_lower();
	daemon_handover_keep(s->pool, 0);
	for (i = 0; i < sizeof fds / sizeof fds[0]; i++)
		keep(fds[i], 0);
	for (i = 0; i < s->store.n; i++)
		keep(s->store.item[i].fd, 0);
	refuse(s, why);
}

void
daemon_upgrade_decide(struct daemon_supervisor *s, int status)
{
	if (!has_said_yes(s) || status != 0) {
		refuse(s, not_working);
		return;
	}
	if (!is_quiet(s)) {
		s->upgrade = DAEMON_UPGRADE_WANTED;
		return;
	}
	daemon_supervisor_snapshot(s);
	if (s->stale != DAEMON_FRESH)
		refuse(s, "the record could not be written");
	else
		become(s);
}
