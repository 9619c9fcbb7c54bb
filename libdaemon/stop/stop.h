/* SPDX-License-Identifier: ISC */
/*
 * Ending a daemon: the main process by a schedule, then what is left of its
 * tree, and only processes whose identity was proved.
 */
#ifndef DAEMON_STOP_H
#define DAEMON_STOP_H

#include <stddef.h>

#include "../fault.h"
#include "../identity/process.h"

/* One item of a schedule: send a signal, or wait. */
struct daemon_schedule_item {
	int signal; /* 0: this is a wait */
	int wait_ms; /* -1: for ever */
};

enum { DAEMON_SCHEDULE_MAX = 32 };

struct daemon_schedule {
	struct daemon_schedule_item item[DAEMON_SCHEDULE_MAX];
	size_t n;
	size_t repeat; /* "forever/...": go on here at the end; n: end */
};

#define DAEMON_SCHEDULE_DEFAULT "TERM/30/KILL/5"

/*
 * start-stop-daemon's syntax: SIGNAL/TIMEOUT/SIGNAL/TIMEOUT..., a signal by
 * name ("TERM", "SIGTERM", "-TERM") or number ("-15": a number is a signal
 * only behind "-"), a timeout in seconds or as a duration (500ms 5s 2m),
 * "forever" before the part that is repeated; one bare timeout T means
 * TERM/T/KILL/T.  Beyond start-stop-daemon: "forever" at the end waits
 * without end (TERM/forever), and a signal at the end is followed by a wait
 * of 5 s, so that TERM/30/KILL sees what KILL did.
 * Pure.  -1/EINVAL with f filled (step "stop", object the text), s
 * untouched: also for a schedule without a signal, or one whose repeated
 * part takes no time.
 */
int daemon_schedule_parse(
    struct daemon_schedule *s, const char *text, struct daemon_fault *f);

/* A process of the tree, and what became of it. */
struct daemon_victim {
	struct daemon_identity id;
	char comm[20]; /* its name, unescaped */
	int main; /* the daemon itself */
	int killed; /* SIGKILL had to be sent */
	int alive; /* still there when we gave up */
	char state; /* of /proc/PID/stat, when alive */
};

struct daemon_stopping {
	struct daemon_victim *victims; /* the main process first */
	size_t n;
	long long ms; /* how long it took */
	int blind; /* no /proc of ours: only the main process was seen */
};

/* What is kept of a stop, for another one to go on from. */
struct daemon_stop_notes {
	const struct daemon_identity *left; /* what the last one had noted */
	size_t nleft;
	/* Called before signals are sent, with all that is known of the tree
	 * but the main process; may be NULL. */
	void (*note)(void *arg, const struct daemon_identity *id, size_t n);
	void *arg;
	/* Our parent, if it is the tree's subreaper: whom it has inherited
	 * is of the tree; 0: it is not. */
	pid_t reaper;
	/* But none of these is, nor what descends from them, while they live;
	 * nor who is on record beside the service called name in dir
	 * (census.h), which may change meanwhile; NULL: nobody is. */
	const struct daemon_identity *spare;
	size_t nspare;
	int dir;
	const char *name;
	/* "NAME=VALUE": whoever has that in his environment is of the tree;
	 * NULL: there is no such mark. */
	const char *mark;
	/* The path of a control group: who is in it is of the tree; NULL. */
	const char *cgroup;
};

void daemon_stopping_clear(struct daemon_stopping *r);

/* "0.2 s; pid 12 "cgi" had to be killed": how one went that is over. */
void
daemon_stopping_text(char *buf, size_t size, const struct daemon_stopping *r);

/*
 * Send the schedule to the process of id, SIGCONT after each signal (a
 * stopped process dies only then), wait on its pidfd; at its death once more
 * over all that is left of its tree, collected before every signal and after
 * every death, each proved with its pidfd in hand and signalled through it
 * alone.  What is forked while all others die gets the same signal within
 * the same wait.  If the main process outlives its schedule, the rest is
 * not touched.
 *
 * The tree: descendants of the main process; members of its session if it
 * leads that session or id says that it was made for it (as by a double
 * fork), of sessions that descendants lead, and the descendants of all
 * these; a session whose number was given away meanwhile is not the same
 * (session.c).  Process groups lie within sessions and add nothing.  Never: the members of our own
 * session that do not descend from it, unless it was made for it, pid 1, this process, its children,
 * its ancestors (but the main process).  A daemon in the foreground shares
 * its starter's session, so there only descendants count; so it is with one
 * somebody else started, unless it leads its session.  What left by a double
 * fork with a session of its own before the stop began is not found without
 * a cgroup.
 *
 * 0: all gone.  1: it was not running (a zombie is not).  -1: f filled;
 * EPERM not permitted for something that lives, or it is pid 1 or this
 * process; ETIMEDOUT the schedule ended and something of the tree lives;
 * EXDEV it lives in another pid namespace; ENOMEM, EMFILE.  r is filled in
 * every case, with what lives named in it on EPERM and ETIMEDOUT; clear it.
 * Blocks for as long as the schedule says; signals do not cut it short.
 * notes may be NULL.  With a reaper the children it has are of the tree, and
 * so are their sessions and descendants; the main process may be dead then.
 * Of those noted before, each that is proved to live is
 * of the tree, though the main process is dead, and if id's session has one
 * of them, so are all others in it.
 */
int daemon_stop(struct daemon_stopping *r, const struct daemon_identity *id,
    const struct daemon_schedule *s, const struct daemon_stop_notes *notes,
    struct daemon_fault *f);

/*
 * Send sig to the process of id and to the whole of its tree, as above, until
 * nobody new comes.  -1/ESRCH: it is dead; ENOMEM, EMFILE.
 */
int daemon_signal_tree(const struct daemon_identity *id, int sig,
    const struct daemon_stop_notes *notes);

#endif
