/* SPDX-License-Identifier: ISC */
/*
 * A master and its workers in one program: each runs a function, and is
 * watched over by the machine and the loop of daemonize -w.  In
 * libdaemon-supervise, which has all of libdaemon in it.
 */
#ifndef LIBDAEMON_MASTER_H
#define LIBDAEMON_MASTER_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct daemon_master;

/* --- In a worker's process, or an agent's ------------------------------ */

/* Who that is. */
struct daemon_self {
	const char *agent; /* its name; NULL: it is a worker */
	unsigned worker; /* which of them, from 0 */
	unsigned generation; /* 1; a reload begins the next */
	const int *listener; /* what listens, in the order of the options;
	    close-on-exec and blocking; an agent has none */
	size_t listeners;
	int channel; /* to the master, close-on-exec: daemon_channel_send() and
	    daemon_channel_receive(), which do not block; its end means that
	    the master has died */
	int told; /* can be read when daemon_told() has something new */
	int ready; /* daemon_self_ready()'s */
};

/*
 * What it does.  data: the options', as the master's memory was when it forked.
 * What is returned is the process's exit status: it ends with fflush(NULL) and
 * _exit(2).  exit(3) would run what the master has registered with atexit(3).
 */
typedef int daemon_function(struct daemon_self *self, void *data);

/*
 * It is ready, where the options' ready_ms is DAEMON_READY_WHEN_TOLD.  Later
 * calls do nothing.  0, or -1/errno of write(2).  Async-signal-safe.
 */
int daemon_self_ready(struct daemon_self *self);

/* What it was told since it was asked last. */
enum daemon_told {
	DAEMON_TOLD_NOTHING = 0,
	DAEMON_TOLD_QUIT = 1, /* accept nothing new, finish, return (SIGQUIT) */
	DAEMON_TOLD_REOPEN = 2 /* open your logs again (SIGUSR1) */
};

/*
 * One of them, QUIT first, which stays told.  Never blocks.  The two signals have
 * handlers, without SA_RESTART; all others their default: SIGTERM ends the
 * process at once.  Async-signal-safe.
 */
enum daemon_told daemon_told(const struct daemon_self *self);

/* --- Between the two --------------------------------------------------- */

enum { DAEMON_CHANNEL_FDS = 16, DAEMON_CHANNEL_BYTES = 4096 };

/*
 * Send a message of n bytes, and copies of nfd descriptors with it; n is at
 * least 1.  Never blocks.  0, or -1/errno.
 * EINVAL: it is empty, or larger than the two limits.  EAGAIN: there are too
 * many on the way.  EPIPE, ECONNRESET: nobody is there any more.  EBADF, and
 * the errors of sendmsg(2).  Async-signal-safe.
 */
int daemon_channel_send(
    int channel, const void *p, size_t n, const int *fd, size_t nfd);

/*
 * Receive one: its bytes to p, at most *nfd descriptors to fd, close-on-exec
 * and the caller's from then on; *nfd is how many there were.  nfd may be NULL:
 * none is wanted.  Never blocks.
 * How many bytes; 0 at the end; -1/errno of recvmsg(2).
 * EAGAIN: there is none.  EMSGSIZE: it did not fit, or had no bytes, and is
 * lost, its descriptors closed.  Async-signal-safe.
 */
ssize_t
daemon_channel_receive(int channel, void *p, size_t n, int *fd, size_t *nfd);

/* --- In the master ------------------------------------------------------ */

/* Somebody at the other end of a channel. */
struct daemon_peer {
	const char *agent; /* its name; NULL: a worker */
	unsigned worker, generation;
	pid_t pid; /* in heard() it may have ended since */
	int channel; /* for daemon_channel_send() */
};

/* A helper beside the workers, with the master's rights, without sockets. */
struct daemon_master_agent {
	const char *name; /* letters, digits, _ @ : - */
	daemon_function *run;
	void *data;
	const char *user; /* "USER[:GROUP]"; NULL: the master's */
	long long every_ms; /* from one beginning to the next; 0: it stays, and
	    is begun again when it ends */
	long long delay_ms; /* before the first */
	int once; /* not again */
};

enum { DAEMON_READY_WHEN_TOLD = -1 };

/*
 * 0 or NULL is a sane default everywhere but for run, so use designated
 * initialisers.  Functions and agents are borrowed until daemon_master()
 * returns; texts are copied, and are as daemonize(1) has them for the option of
 * that name.
 */
struct daemon_master_options {
	daemon_function *run; /* what a worker does */
	void *data; /* for it, and for all that is called below */
	unsigned workers; /* 0: as many as processors can be kept busy */
	const struct daemon_master_agent *agent;
	size_t agents;

	const char *const *listen; /* "[NAME=]ADDRESS", up to a NULL */
	int backlog; /* 0: 511 */
	int reuseport;
	const char *name; /* daemonctl(1) knows it by; NULL: not on record */
	const char *rundir; /* where; NULL: the usual places */
	const char *title; /* in ps(1): "TITLE: worker 2"; NULL: unchanged */
	char **argv; /* main()'s, for title, which is written over its words:
	    they move, and only argv itself knows where to */

	/* How a worker begins: in this order, then with an empty signal mask
	 * and default dispositions, in a session of its own.  An agent has
	 * umask, nice, limits and cwd of them. */
	const char *umask; /* octal; NULL: 022 */
	const char *nice; /* -20 to 19; NULL: unchanged */
	const char *cpu_affinity; /* "auto", "0-3,6": one for each */
	const char *const *rlimit; /* "nofile=1024:4096", up to a NULL */
	const char *user; /* and its groups; NULL: unchanged */
	const char *group;
	const char *cwd; /* entered as that user; NULL: unchanged */

	/* Its life. */
	const char *stop; /* NULL: "TERM/30/KILL/5" */
	const char *drain; /* before that, in peace; NULL: "QUIT/30" */
	const char *restart; /* NULL: "always" */
	const char *restart_delay; /* NULL: growing */
	const char *max_restarts; /* "N/TIME"; NULL: no limit */
	const char *ready_timeout; /* NULL: "60s" */
	long long ready_ms; /* it is ready when it has lived so long; 0: at
	    once; DAEMON_READY_WHEN_TOLD */
	int batch; /* a reload begins all new ones at once, not one by one */

	/* Called between two waits, and must not wait themselves; each may be
	 * NULL.  They may change what data points to: who is begun after
	 * that, sees it. */
	void (*ready)(struct daemon_master *m, void *data); /* all are, once */
	int (*reload)(struct daemon_master *m, void *data); /* SIGHUP, daemonctl
	    reload: before new workers are begun.  -1: they are not, those
	    that are there go on; errno says why */
	void (*reopen)(struct daemon_master *m, void *data); /* SIGUSR1: the
	    master's own logs; then all workers and agents are told */
	void (*quit)(struct daemon_master *m, void *data); /* once: all are to
	    end now */
	void (*heard)(struct daemon_master *m, void *data,
	    const struct daemon_peer *from, const void *p, size_t n,
	    const int *fd, size_t nfd); /* a message; the descriptors are its
	    to close */
	void (*tell)(struct daemon_master *m, void *data,
	    const char *text); /* a line for a log, without a newline:
	    "/usr/sbin/web, worker 2: ended with status 3: restarted in 2.0 s" */
};

/*
 * Open what listens, begin the workers and agents, and watch over them until
 * told to end: SIGTERM and SIGINT stop, SIGQUIT drains first, SIGHUP reloads,
 * SIGUSR1 reopens; and whatever daemonctl(1) asks of a name.
 *
 * Call it in the program's first thread, before others are started: it forks.
 * It blocks all signals, is the subreaper of what its workers leave, and takes
 * every child the process has for one of them; when it returns the first two
 * are as they were.
 *
 * why (of size bytes; NULL) is "" or what was the matter, as in
 * "listen: 127.0.0.1:80: Permission denied".
 * Returns 0 when it was stopped, or when all workers ended as they should
 * (restart on-failure or never); -1/errno otherwise, and nothing of it is left:
 *   EALREADY  it is called by what it has called itself: reload(), tell() ...
 *   EBUSY   the process has more than one thread
 *   EEXIST  the name runs already
 *   EINVAL  an option is no good
 *   ECHILD  the workers could not be begun, or ended too often too soon
 *   and the errors of what could not be done.
 * Not async-signal-safe.
 */
int
daemon_master(const struct daemon_master_options *o, char *why, size_t size);

/* For what is called by it: each that lives, and has its channel, in turn. */
void daemon_master_each(struct daemon_master *m,
    void (*f)(void *arg, const struct daemon_peer *peer), void *arg);

/*
 * Have so many workers from now on, 1 to 4096: more are begun, or those with
 * the highest numbers drained.  0; -1/EINVAL: that many cannot be.  It is done
 * behind a reload, and when a pause is over.
 */
int daemon_master_scale(struct daemon_master *m, unsigned workers);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
