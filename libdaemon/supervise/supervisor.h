/* SPDX-License-Identifier: ISC */
/*
 * A supervisor: the machine, and what it needs of the world.  loop.c is
 * its whole life: wait (events.c, the only place that blocks), decide
 * (machine.c), act (actions.c).
 */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

#include "../output/spool.h"
#include "../stop/stop.h"
#include "control.h"
#include "ending.h"
#include "helpers.h"
#include "instance.h"
#include "machine.h"
#include "memory.h"
#include "notified.h"
#include "readiness.h"

/* What is done once has no place in the stack that sleeps: what is inlined
 * there costs pages. */
#define DAEMON_APART __attribute__((noinline))

/* What happened, and what follows. */
struct daemon_supervised {
	enum daemon_event_kind event;
	struct daemon_machine before; /* now: the supervisor's */
	unsigned actions;
};

/* Has an attempt come to nothing, without a process? */
static inline int
daemon_supervised_is_vain(const struct daemon_supervised *now)
{
	return now->event == DAEMON_EVENT_UNEXECUTED ||
	    now->event == DAEMON_EVENT_UNPREPARED;
}

/* That, or has an instance ended? */
static inline int
daemon_supervised_ends(const struct daemon_supervised *now)
{
	return (now->actions & DAEMON_DO_HOOK_EXIT) != 0 ||
	    daemon_supervised_is_vain(now);
}

enum { DAEMON_ENDS = 5 };

struct daemon_pool;

struct daemon_supervisor {
	struct daemon_supervisor *head; /* itself; of a worker: the service's,
	    which alone is asked, has the log, and is on record as such */
	struct daemon_pool *pool; /* of the workers; NULL */
	const struct daemon_mastery *mastery; /* of the head: instances are
	    functions of its program; NULL: commands */
	/* what is asked for; borrowed */
	const struct daemon_definition *d;
	struct daemon_policy policy;
	struct daemon_endings success, final;
	struct daemon_schedule schedule;
	struct daemon_readiness_how ready;
	long long max_memory; /* bytes; if it has a memory_group */

	/* what is */
	struct daemon_service service; /* locked; both -1: nothing recorded */
	struct daemon_machine machine;
	struct daemon_instance instance;
	int adopted; /* the instance is, or its tree: not ours by descent */
	int executed; /* once, by the first instance */
	int status; /* of the last instance, as wait(2) has it; -1: none yet */
	pid_t *helper; /* DAEMON_HELPERS, and behind them guests; 0: none */
	size_t spared; /* how many that is */
	pid_t helpers_only[DAEMON_HELPERS]; /* where there is no guest */
	int helper_pipe[DAEMON_HELPERS]; /* for what it has to say; -1 */
	char stopped[600]; /* what the stopper said */
	struct daemon_control control;
	struct daemon_schedule asked; /* for, by who wants it stopped; n 0: the
	    recorded one */
	int signals; /* a signalfd */
	char *path; /* of the service's directory; NULL: not known */
	long long rebuild_ms; /* when it is to be made again; 0: it is there */
	int watch; /* an inotify descriptor, on its lock; -1 */
	int oom; /* what our children get back */
	struct daemon_proc_self self;
	struct daemon_identity here; /* boot and pid namespace */
	int forwards; /* signals without a meaning here are the command's */
	long long asked_ms; /* the last event, on the steady clock */

	/* what is known of it (publish.c), if it is recorded */
	struct daemon_status st;
	enum {
		DAEMON_FRESH,
		DAEMON_CHATTY,
		DAEMON_STALE
	} stale; /* is st on
	    disk?  What it merely says is not, more than once a second */
	long long wrote_ms; /* when it was put there */
	long long again_ms; /* when that is tried again, if it failed; 0 */
	char says[DAEMON_SAYS_MAX]; /* of st; STATUS of the last instance */
	int said_error; /* and its ERRNO; 0 */
	char unready[160]; /* why it was not ready when asked last; "" */
	int spawned; /* or --before ran, at least once */
	pid_t spawned_pid; /* the last; 0: it is nobody's any more */
	size_t ended; /* how often */
	char end[DAEMON_ENDS][160], *ends[DAEMON_ENDS + 1]; /* of st */
	int journaled; /* the state of the last event, or -1 */
	size_t journaled_ends; /* of ended, those that an event tells */
	int launcher; /* a pipe for one verdict; -1 */
	struct daemon_notified notified;
	struct daemon_store store;
	struct daemon_memory memory;
	int output[2]; /* what the command prints, if a keeper takes it; -1 */
	int spool; /* a memfd, where there is no directory for it; -1 */
	long long keeper_ms; /* no other before */
	long long unwritten[DAEMON_OUTLETS]; /* bytes of it, at the end */
	int unwritten_error[DAEMON_OUTLETS]; /* why; 0: there was no time */
	int children; /* open for as long as there is a keeper among them: the
	    kernel's list, which is asked for often then; -1 */
	int ready_pipe; /* to the command, BY_FD; -1 */
	int channel; /* to a function; -1 */
	pid_t channel_pid; /* whose that is */
	int channel_end; /* the other end, until it is forked; -1 */
	enum {
		DAEMON_UPGRADE_NONE,
		DAEMON_UPGRADE_WANTED,
		DAEMON_UPGRADE_CHECKED /* the new program is being asked */
	} upgrade;
	char title[128]; /* what ps(1) shows of us; "": the usual */
	char program[64]; /* of st: what we are */
	int detached; /* BY_PIDFILE: the main process has ended, and who it has
	    left is looked for */
	long long detached_ms; /* of one that was ready: until then */
	long long welcome_ms; /* when guests are to be looked for again */
	int pausing; /* it is to be paused, once it is known whom */
	pid_t seen_pid; /* the only one, when looked last */
	int seen; /* how often in a row */
	long long extend_ms; /* of a pending EXTEND */
	int heard; /* the last event was of the command's own words */
	long long watchdog_ms; /* as asked for; the policy's may be the
	    instance's own */
	long long check_ms; /* until then the new program may take, to look */
	unsigned pending; /* of 1u << enum daemon_event_kind: answers known
	    already */
	int otherwise; /* of a pending STOP: by another schedule */
	int gently; /* the first signal of its schedule was sent, by us */
	long long
	    gently_ms; /* so long it has, on the steady clock; -1: no end */

	/* Called with every event that changes something, before anything is
	 * done about it (actions, of enum daemon_do); may be NULL. */
	void (*tell)(void *arg, const struct daemon_supervisor *s,
	    const struct daemon_supervised *now);
	void *arg;
};

/*
 * Supervise until the machine is over: start, restart, stop.  Blocks all
 * signals, becomes a subreaper, and takes every child it has for one of the
 * service's.
 * 0; -1/errno if it could not even begin (EMFILE, ENOMEM).
 */
int daemon_supervise(struct daemon_supervisor *s);

/* The two halves of it; between them it may be taken up where another left
 * off. */
int daemon_supervisor_begin(struct daemon_supervisor *s);

/* Of the first what is not of the process, but of an instance of which nothing
 * is known yet. */
void daemon_supervisor_blank(struct daemon_supervisor *s);

/* What has happened is decided, told, done and published. */
struct daemon_supervised daemon_supervisor_step(
    struct daemon_supervisor *s, const struct daemon_event *e);
void daemon_supervisor_run(struct daemon_supervisor *s);

/* events.c: wait for what happens next. */
void
daemon_supervisor_wait(struct daemon_supervisor *s, struct daemon_event *e);

/* events.c: what happened to an instance; *timeout: when to look again. */
int daemon_supervisor_news(
    struct daemon_supervisor *s, struct daemon_event *e, int *timeout);

/* events.c: the descriptors that tell of that. */
enum { DAEMON_NEWS_POLL = 6 };
void daemon_supervisor_poll(const struct daemon_supervisor *s,
    struct pollfd p[DAEMON_NEWS_POLL], int loading);

/* events.c: and those that tell of us, and of who asks us. */
enum { DAEMON_HEAD_POLL = 2 + DAEMON_CONTROL_POLL };
void daemon_supervisor_poll_head(
    const struct daemon_supervisor *s, struct pollfd p[DAEMON_HEAD_POLL]);

/* events.c: nothing has; milliseconds until the machine's deadline, of those
 * asked for at s->asked_ms; -1: it has none. */
int daemon_supervisor_until(const struct daemon_supervisor *s);

/* events.c: an event of now, that the time has come, at first; and that it is
 * one, with what has passed. */
void daemon_supervisor_event(struct daemon_event *e);
void
daemon_supervisor_happens(struct daemon_supervisor *s, struct daemon_event *e);

/* events.c: what a signal to us means, if there is one and it is not done
 * already; *child: somebody may have died since the last look. */
enum daemon_sign {
	DAEMON_SIGN_NONE,
	DAEMON_SIGN_STOP,
	DAEMON_SIGN_QUIT, /* in peace */
	DAEMON_SIGN_RELOAD,
	DAEMON_SIGN_DRAIN
};
enum daemon_sign
daemon_supervisor_sign(struct daemon_supervisor *s, int *child);

/* events.c: somebody's request, if it is not done already. */
int daemon_supervisor_request(
    struct daemon_supervisor *s, struct daemon_request *r);

/* events.c: when there is something to do that nobody wakes us for; -1. */
int daemon_supervisor_later(const struct daemon_supervisor *s);

/* events.c: the places that are taken. */
nfds_t daemon_supervisor_pack(struct pollfd *p, nfds_t n);

/* events.c: the next that is pending. */
int
daemon_supervisor_pending(struct daemon_supervisor *s, struct daemon_event *e);

/* orphans.c: for how many of all our children each(arg, pid) is true; -1: they
 * cannot be told. */
int daemon_supervisor_children(const struct daemon_supervisor *s,
    int (*each)(void *arg, pid_t pid), void *arg);

/* orphans.c: a descriptor of the kernel's list of them; -1/errno. */
int daemon_supervisor_list(void);

/* orphans.c: who they are that a worker among many has left to us, of its
 * session above all: their ties to it are nobody else's to see.  To be freed;
 * NULL: nobody, or there is no memory. */
struct daemon_identity *
daemon_supervisor_orphans(const struct daemon_supervisor *s, size_t *n);

/* orphans.c: the one child there is beside our helpers; 0: none, or more. */
pid_t daemon_supervisor_only(const struct daemon_supervisor *s);

/*
 * orphans.c: reap those that have ended, and say whether nobody is left: the
 * kernel knows, because whoever loses its parents comes to us.
 */
int daemon_supervisor_alone(const struct daemon_supervisor *s);

/* orphans.c: and nobody in its control group, whoever their parents are. */
int daemon_supervisor_deserted(const struct daemon_supervisor *s);

/* ready.c: is there news of readiness, or of the command itself? */
int daemon_supervisor_hear(struct daemon_supervisor *s, struct daemon_event *e);

/* successor.c: is pid of the tree of this supervisor's instance? */
int daemon_supervisor_is_kin(const void *supervisor, pid_t pid);

/* successor.c: watch that one from now on; what was before is one of its tree.
 * 0: it is nobody of ours, or dead. */
int daemon_supervisor_follow(struct daemon_supervisor *s, pid_t pid);

/* successor.c: watch the one in the pidfile from now on; 0: as above. */
int daemon_supervisor_succeed(struct daemon_supervisor *s);

/* successor.c: is another to be looked for, as the main process has ended with
 * that status?  alone: nobody was left. */
int
daemon_supervisor_awaits(struct daemon_supervisor *s, int status, int alone);

/* successor.c: is it there, or is it too late? */
int daemon_supervisor_hear_detached(
    struct daemon_supervisor *s, struct daemon_event *e);

/* events.c: the main process has, with s->status. */
void daemon_supervisor_died(
    const struct daemon_supervisor *s, struct daemon_event *e);

/* ready.c: before its instance is begun: what is said by that one is heard, and
 * how much memory it has is known.  -1 with f filled. */
int
daemon_supervisor_attend(struct daemon_supervisor *s, struct daemon_fault *f);

/* ready.c: ask from outside, for as long as it is starting. */
void daemon_supervisor_probe(struct daemon_supervisor *s);

/* ready.c: what a new instance is told readiness by; before it is forked,
 * and after.  -1/errno. */
int daemon_supervisor_open_ready(
    struct daemon_supervisor *s, struct daemon_making *m);
void daemon_supervisor_close_ready(struct daemon_making *m);

/* ready.c: why it is not ready yet. */
void daemon_supervisor_unready(
    char *buf, size_t size, const struct daemon_supervisor *s);

/* channel.c: a new one for a function; before it is forked, and after.
 * -1/errno. */
int daemon_supervisor_open_channel(struct daemon_supervisor *s);
void daemon_supervisor_close_end(struct daemon_supervisor *s);

/* trim.c: before a long sleep. */
void daemon_supervisor_trim(void);

/* note.c: the main process is another one now. */
void daemon_supervisor_renamed(struct daemon_supervisor *s);

/* actions.c: a worker of many is first told to end by ourselves: it has died,
 * and nobody of it is left; or its first time is up. */
void daemon_gently_died(struct daemon_supervisor *s, int alone);
void daemon_gently_late(struct daemon_supervisor *s);

/* actions.c: do what the machine asked for. */
void daemon_supervisor_act(struct daemon_supervisor *s, unsigned actions);

/* An answer that is known without waiting. */
static inline void
daemon_supervisor_expect(
    struct daemon_supervisor *s, enum daemon_event_kind kind)
{
	s->pending |= 1u << kind;
}

#endif
