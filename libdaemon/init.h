/* SPDX-License-Identifier: ISC */
/*
 * Become a daemon, in one call that a person's shell, an init script,
 * systemd, s6 and daemonize's own supervisor can all start.
 */
#ifndef LIBDAEMON_INIT_H
#define LIBDAEMON_INIT_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What to do differently; 0 or NULL is the sane default everywhere, so use
 * designated initialisers.  Read during the call only; nothing is kept.
 */
struct daemon_options {
	const char *name; /* for messages; NULL: the program's own name */
	const char *umask; /* octal text; NULL: "022"; "" keeps it */
	const char *cwd; /* NULL: "/"; "" keeps it */
	const char *user; /* run as; NULL: stay who we are */
	const char *group; /* NULL: the user's primary group */
	const char *pidfile; /* written before daemon_init() returns */
	const char *in; /* paths for 0-2, appended to; NULL: /dev/null */
	const char *out;
	const char *err;
	const int *keep; /* descriptors left open, ended by -1 */
	int keep_all; /* close none */
	int keep_sigchld; /* do not ignore SIGCHLD */
	int foreground; /* do not detach, whoever started us */
	int ready_timeout_ms; /* 0: ready when it returns; else how long the
	    starter waits for daemon_ready(), -1 without limit */
	const char **failed_step; /* if set, told what failed on -1 */
	pid_t *running; /* if set, told on EEXIST who has the pidfile */
};

/*
 * umask, fork, setsid, fork, chdir, close, /dev/null, SIGCHLD (APUE 13.3),
 * and whatever o asks for.  o may be NULL.
 *
 * Returns 0 in the daemon only.  Returns -1 in the caller, with errno, when
 * nothing was started:
 *   EBUSY   more than one thread is running: start them afterwards
 *   EEXIST  the pidfile is held by a running daemon
 *   EINVAL  umask is no octal mask
 *   ENOENT, ESRCH   no such user, no such group (see daemon_user_find())
 *   and the errors of open(2), fork(2), and daemon_pidfile_open().
 * Otherwise the calling process does not return: it waits and exits, with
 * _exit(2), as the daemon says: 0 when it is ready, the status given to
 * daemon_failed(), 1 if a step failed or it ended or came too late (it is
 * killed then), 128+N if it was killed by signal N; a line on stderr says
 * which.  SIGTERM, SIGINT, SIGHUP and SIGQUIT to the waiting process end the
 * daemon too.
 * Until daemon_ready(), stderr stays the starter's.
 *
 * It does not fork, and returns 0 with the other steps done but stdio kept,
 * when somebody supervises us already: we are pid 1; LISTEN_PID or
 * SYSTEMD_EXEC_PID is our pid; DAEMONIZE_SUPERVISED is our pid;
 * DAEMON_FOREGROUND is 1; NOTIFY_SOCKET is set and our parent is pid 1; or
 * o->foreground.
 *
 * Call it once, early, before threads and event loops (an epoll or kqueue
 * descriptor does not survive a fork in a useful state).  Atexit handlers
 * run in the daemon only.  Not async-signal-safe.
 */
int daemon_init(const struct daemon_options *o);

/*
 * The daemon is ready: its stderr becomes what was asked for, the starter
 * exits 0, READY=1 goes to $NOTIFY_SOCKET and a newline to
 * $DAEMON_READY_FD.  May be called from any thread; later calls, and calls
 * where nobody waits, do nothing.
 * Returns 0, or -1/errno if a supervisor was there and could not be told
 * (the daemon runs all the same).
 */
int daemon_ready(void);

/*
 * The daemon cannot start: the text goes to whoever waits, as
 * "NAME: text" on its stderr, it exits with status (1-255; others become
 * 1), and we do, too, with exit(3).  Under a supervisor the text goes to
 * our own stderr and as STATUS= to $NOTIFY_SOCKET.
 */
void daemon_failed(int status, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
