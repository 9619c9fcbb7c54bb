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
	const char *cwd; /* NULL: "/"; "" keeps it; entered as user */
	const char *user; /* run as; NULL: stay who we are */
	const char *group; /* NULL: the user's primary group */
	const char *pidfile; /* written before daemon_init() returns, removed
	    by exit(3) where the daemon still may */
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
	pid_t *running; /* if set, told on EEXIST who has the pidfile; -1:
	    not known */
};

/*
 * umask, fork, setsid, fork, chdir, close, /dev/null, SIGCHLD (APUE 13.3),
 * and whatever o asks for.  o may be NULL.
 *
 * Returns 0 in the daemon only.  Returns -1 in the caller, with errno, when
 * nothing was started (in the foreground steps already taken stay taken):
 *   EALREADY  it was called before, in this process
 *   EBUSY   more than one thread is running: start them afterwards
 *   EEXIST  the pidfile is held by a running daemon
 *   EINVAL  umask is no octal mask
 *   ENODEV  /dev/null is something else
 *   ENOENT, ESRCH   no such user, no such group (see daemon_user_find())
 *   ENXIO   out or err is a FIFO that nobody reads
 *   and the errors of open(2), fork(2), and daemon_pidfile_open().
 * Otherwise the calling process does not return: it waits and exits, with
 * _exit(2), as the daemon says: 0 when it is ready, the status given to
 * daemon_failed(), 1 if a step failed or it ended or came too late (it is
 * killed then), 128+N if it was killed by signal N; a line on stderr says
 * which.  SIGTERM, SIGINT, SIGHUP and SIGQUIT to the waiting process, unless
 * it ignored them, end the daemon too.
 * Until daemon_ready(), stderr stays the starter's.  Signal mask and
 * dispositions, but for SIGCHLD, are as the caller's.
 *
 * It does not fork, and returns 0 with the other steps done but stdio kept,
 * when somebody supervises us already: we are pid 1; LISTEN_PID or
 * SYSTEMD_EXEC_PID is our pid; DAEMONIZE_SUPERVISED is our pid;
 * DAEMON_FOREGROUND is 1; NOTIFY_SOCKET is set and our parent is pid 1; or
 * o->foreground.  Closed 0-2 are opened to /dev/null, and descriptors handed
 * over by LISTEN_FDS stay open.
 *
 * Call it once, early, before threads and event loops (an epoll or kqueue
 * descriptor does not survive a fork in a useful state).  Atexit handlers
 * run in the daemon only, and not if a step fails.  Not async-signal-safe.
 */
int daemon_init(const struct daemon_options *o);

/*
 * The daemon is ready: its stderr becomes what was asked for, the starter
 * exits 0, READY=1 (and MAINPID=, if we forked) goes to $NOTIFY_SOCKET and a
 * newline to $DAEMON_READY_FD, which is closed then.  May be called from any
 * thread, and without daemon_init(); later calls, calls where nobody waits,
 * and those in a child of the daemon do nothing.
 * Returns 0, or -1/errno: a supervisor was there and could not be told (the
 * daemon runs all the same, and the starter knows); or stderr could not be
 * changed, or the way to the starter was not found for lack of memory or the
 * like: then nobody was told, and it may be called again.
 */
int daemon_ready(void);

/*
 * The daemon cannot start: the text goes to whoever waits, as
 * "NAME: text" on its stderr, it exits with status (1-255; others become
 * 1), and we do, too, with exit(3).  Where nobody waits, and in a child of
 * the daemon, the text goes to our own stderr; it also goes as STATUS= to
 * $NOTIFY_SOCKET.
 */
void daemon_failed(int status, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
