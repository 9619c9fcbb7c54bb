/* SPDX-License-Identifier: ISC */
/*
 * The steps of a plan, done.  Everything here runs between fork and exec,
 * perhaps in memory shared with the launcher: system calls on what was
 * prepared before, nothing else.
 */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../cpus.h"
#include "../step.h"
#include "../step/signals.h"
#include "diagnose.h"
#include "limits.h"
#include "steps.h"

static int
write_record(struct daemon_held *h)
{
	char tail[DAEMON_RECORD_TAIL_MAX];
	size_t n = daemon_record_tail(tail, &h->id);

	if (daemon_record_write(h->service.dir, DAEMON_RECORD_PUBLIC,
		h->record.p, h->record.n, tail, n) == -1)
		return -1;
	/* That was the last of our files: the caller's limit from here on. */
	return h->fsize_raised ? setrlimit(RLIMIT_FSIZE, &h->fsize) : 0;
}

/* Into the file that is locked: it cannot be replaced without losing the
 * lock, so it is written in place, as the old tool did. */
static int
write_locked(int fd, pid_t pid)
{
	char text[DAEMON_PID_TEXT_MAX];
	size_t n = daemon_pid_text(text, pid);

	if (ftruncate(fd, 0) == -1)
		return -1;
	if (pwrite(fd, text, n, 0) != (ssize_t)n) {
		if (errno == 0)
			errno = ENOSPC;
		return -1;
	}
	return 0;
}

static int
redirect(const struct daemon_held *h)
{
	int out = h->out.fd, err = h->err.fd;

	return daemon_stdio_redirect(h->in_fd != -1 ? h->in_fd : h->null_fd,
	    out != -1 ? out : h->null_fd, err != -1 ? err : h->null_fd);
}

/* In the foreground only what was asked for is redirected. */
static int
redirect_some(const struct daemon_held *h)
{
	return daemon_stdio_redirect(h->in_fd, h->out.fd, h->err.fd);
}

static int
cut(int fd)
{
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	return ftruncate(fd, 0);
}

static int
renice(int nice)
{
	errno = 0;
	if (getpriority(PRIO_PROCESS, 0) == nice && errno == 0)
		return 0;
	return setpriority(PRIO_PROCESS, 0, nice);
}

static int
enter_root(const char *root)
{
	return chroot(root) == -1 || chdir("/") == -1 ? -1 : 0;
}

/* Of a single path it is told what is wrong; of PATH only that nothing was
 * found. */
static int
is_missing(const struct daemon_held *h, int error)
{
	return error == ENOENT || (error == ENOTDIR && h->paths.n > 1);
}

/* Only a text is for the shell: not a program of another machine. */
static int
is_text(const char *path)
{
	char head[128];
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	if (fd == -1) {
		errno = ENOEXEC;
		return 0;
	}
	n = read(fd, head, sizeof head);
	(void)close(fd);
	errno = ENOEXEC;
	return n >= 0 && memchr(head, '\0', (size_t)n) == NULL;
}

/* Returns the reason it could not be. */
static int
execute(const struct daemon_held *h, char *path)
{
	static char *const none[] = { NULL };
	char *const *env = h->env.v != NULL ? h->env.v : none;

	(void)execve(path, h->d->argv.v, env);
	if (errno == ENOEXEC && is_text(path)) {
		h->script.v[1] = path;
		(void)execve(h->script.v[0], h->script.v, env);
	}
	return errno;
}

/* The reason it could not be executed, or 0, as far as can be seen. */
static int
probe(const struct daemon_held *h, char *path)
{
	struct stat st;

	(void)h;
	if (stat(path, &st) == -1 || access(path, X_OK) == -1)
		return errno;
	return S_ISREG(st.st_mode) ? daemon_interpreter_error(path) : EACCES;
}

/* As execvp(3) does: go on where a file is missing, remember where one may
 * not be executed. */
static int
look_for(const struct daemon_held *h, int *detail,
    int (*try)(const struct daemon_held *, char *))
{
	int worst = ENOENT;
	size_t i;

	*detail = 0;
	for (i = 0; i < h->paths.n; i++) {
		errno = try(h, h->paths.v[i]);
		if (errno == 0)
			return 0;
		if (!is_missing(h, errno) && worst == ENOENT) {
			worst = errno;
			*detail = (int)i;
		}
		if (!is_missing(h, errno) && errno != EACCES)
			break;
	}
	errno = worst;
	return -1;
}

/* Of a supervisor's child, whose identity is known: it leads it. */
static int
begin_session(struct daemon_held *h)
{
	if (daemon_session_start() == -1)
		return -1;
	h->id.session = h->id.pid;
	return 0;
}

static int
tie(pid_t launcher)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		return -1;
	if (getppid() != launcher) /* too late */
		(void)kill(getpid(), SIGKILL);
	return 0;
}

int
daemon_step_do(
    const struct daemon_action *a, struct daemon_held *h, int *detail)
{
	switch (a->step) {
	case DAEMON_STEP_FORK:
	case DAEMON_STEP_FORK_AGAIN: return 0; /* detach.c's */
	case DAEMON_STEP_SESSION: return begin_session(h);
	case DAEMON_STEP_PIDFILE:
		return daemon_pidfile_publish(
		    h->pid_dir.fd, h->pid_base, h->pid_fd, h->id.pid);
	case DAEMON_STEP_NAME_PID:
		return daemon_pidfile_publish(
		    h->service.dir, DAEMON_SERVICE_PID, -1, h->id.pid);
	case DAEMON_STEP_LOCK_PID: return write_locked(h->lock_fd, h->id.pid);
	case DAEMON_STEP_RECORD: return write_record(h);
	case DAEMON_STEP_UMASK: return daemon_umask_set((mode_t)a->number);
	case DAEMON_STEP_NICE: return renice((int)a->number);
	case DAEMON_STEP_AFFINITY: return daemon_cpus_move((int)a->number);
	case DAEMON_STEP_LIMIT:
		return setrlimit(DAEMON_RESOURCE(a->resource), &a->limit);
	case DAEMON_STEP_ROOT: return enter_root(a->object);
	case DAEMON_STEP_USER:
	case DAEMON_STEP_GROUP: return daemon_user_drop(&h->user);
	case DAEMON_STEP_CWD: return daemon_directory_change(a->object);
	case DAEMON_STEP_STDIO:
		return h->null_fd != -1 ? redirect(h) : redirect_some(h);
	case DAEMON_STEP_DESCRIPTORS:
		return daemon_descriptors_seal(h->keep, h->nkeep);
	case DAEMON_STEP_TRUNCATE:
		return cut(h->out.fd) == -1 || cut(h->err.fd) == -1 ? -1 : 0;
	case DAEMON_STEP_SIGCHLD: return daemon_sigchld_ignore();
	case DAEMON_STEP_SIGNALS:
		return daemon_signals_default(h->ignored) == -1
		    ? -1
		    : daemon_sigmask_clear();
	case DAEMON_STEP_TIED: return tie(h->launcher);
	case DAEMON_STEP_FIND: return look_for(h, detail, probe);
	case DAEMON_STEP_EXEC: return look_for(h, detail, execute);
	}
	return 0;
}
