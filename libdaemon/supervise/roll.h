/* SPDX-License-Identifier: ISC */
/*
 * What a supervisor of several workers does about them together: begin them,
 * replace them by a new generation and go back if that fails, let them go.
 * What becomes of each is its own machine's affair (machine.h); here they are
 * only counted.  Pure, and walked like that one; it has no time of its own:
 * every wait is for workers, whose waits have deadlines.
 *
 * An old generation serves until all of a new one are ready: only then does it
 * leave.  So there is always one that is whole to go back to, also where the
 * program it was made of is no more.
 */
#ifndef DAEMON_ROLL_H
#define DAEMON_ROLL_H

struct daemon_rolling {
	int batch; /* all of a new generation at once, not one by one */
	int gives_up; /* when none of them lives for long */
};

enum daemon_roll_phase {
	DAEMON_ROLL_IDLE, /* nothing happened yet */
	DAEMON_ROLL_STARTING, /* some were never ready, nor have failed */
	DAEMON_ROLL_SERVING,
	DAEMON_ROLL_TRYING, /* a new generation, beside the old one */
	DAEMON_ROLL_REPLACING, /* the new one serves, the old one leaves */
	DAEMON_ROLL_REVERTING, /* the old one serves, the new one leaves */
	DAEMON_ROLL_FROZEN, /* paused */
	DAEMON_ROLL_DRAINING, /* all leave, the sockets stay */
	DAEMON_ROLL_DRAINED,
	DAEMON_ROLL_RESTARTING, /* all leave, and are begun again */
	DAEMON_ROLL_STOPPING, /* all leave */
	DAEMON_ROLL_OVER
};

/* Why it is STOPPING, or OVER. */
enum daemon_roll_why {
	DAEMON_ROLL_NONE,
	DAEMON_ROLL_STOPPED, /* asked for */
	DAEMON_ROLL_FAILED, /* one did not begin, of the first */
	DAEMON_ROLL_LOOPED, /* none lived for long */
	DAEMON_ROLL_ENDED, /* all, by themselves */
	DAEMON_ROLL_RELEASED /* they run on, without us */
};

/* The workers of one generation, but for those that leave. */
struct daemon_crew {
	unsigned starting; /* never ready yet */
	unsigned ready;
	unsigned down; /* have ended, and are begun again */
	unsigned done; /* ended by themselves, for good */
};

struct daemon_roll {
	enum daemon_roll_phase phase;
	enum daemon_roll_why why;
	unsigned target; /* how many there are to be */
	struct daemon_crew crew; /* those that serve */
	struct daemon_crew trial; /* those that are to take their place */
	unsigned aim; /* how many that is to be */
	unsigned leaving; /* told to end */
	int reload; /* asked for, and to begin later */
	unsigned scale; /* the same: to so many; 0: not */
	int told; /* the launcher has been told */
};

enum daemon_roll_kind {
	DAEMON_ROLL_BEGIN,
	/* of a worker */
	DAEMON_ROLL_READY, /* it was starting, or down */
	DAEMON_ROLL_DOWN, /* it was ready, and is begun again */
	DAEMON_ROLL_TRIED, /* it was starting, or down, and is tried again */
	DAEMON_ROLL_DONE, /* it is over, and nobody had told it to end */
	DAEMON_ROLL_LEAVES, /* it was chosen for a dismissal */
	DAEMON_ROLL_GONE, /* who was told to end is over */
	/* from people */
	DAEMON_ROLL_RELOAD,
	DAEMON_ROLL_SCALE,
	DAEMON_ROLL_RESTART,
	DAEMON_ROLL_PAUSE,
	DAEMON_ROLL_RESUME,
	DAEMON_ROLL_DRAIN,
	DAEMON_ROLL_RELEASE,
	DAEMON_ROLL_STOP,
	DAEMON_ROLL_KINDS
};

enum daemon_worker_is {
	DAEMON_WORKER_STARTING,
	DAEMON_WORKER_READY,
	DAEMON_WORKER_DOWN,
	DAEMON_WORKER_DONE
};

struct daemon_roll_event {
	enum daemon_roll_kind kind;
	int trial; /* of a worker: of which generation */
	enum daemon_worker_is was; /* READY, TRIED, DONE, LEAVES */
	int well; /* DONE: it had nothing more to do */
	unsigned looping; /* how many of the crew die again and again */
	unsigned n; /* BEGIN, SCALE: how many; not 0 */
};

/* What to do, in this order. */
enum daemon_roll_do {
	DAEMON_ROLL_DO_TELL_READY = 1u << 0, /* the launcher */
	DAEMON_ROLL_DO_TELL_TRYING = 1u << 1,
	DAEMON_ROLL_DO_TELL_FAILED = 1u << 2,
	DAEMON_ROLL_DO_FREEZE = 1u << 3, /* all */
	DAEMON_ROLL_DO_THAW = 1u << 4,
	DAEMON_ROLL_DO_LET_GO = 1u << 5, /* they run on without us */
	DAEMON_ROLL_DO_END = 1u << 6, /* all, by their schedule */
	DAEMON_ROLL_DO_DRAIN = 1u << 7, /* all */
	DAEMON_ROLL_DO_DISMISS = 1u << 8, /* drain n of the crew: LEAVES */
	DAEMON_ROLL_DO_RETIRE = 1u << 9, /* drain the crew; the trial is it */
	DAEMON_ROLL_DO_REVERT = 1u << 10, /* drain the trial */
	DAEMON_ROLL_DO_RELOADED = 1u << 11, /* tell who asked for it */
	DAEMON_ROLL_DO_NOT_RELOADED = 1u << 12,
	DAEMON_ROLL_DO_START = 1u << 13, /* n of the crew */
	DAEMON_ROLL_DO_TRY = 1u << 14, /* n of the trial */
	DAEMON_ROLL_DO_FINISH = 1u << 15
};

struct daemon_roll_move {
	struct daemon_roll roll;
	unsigned actions; /* of enum daemon_roll_do */
	unsigned n; /* of START, TRY, DISMISS, which exclude each other */
};

/* Events that mean nothing in a phase change nothing. */
struct daemon_roll_move daemon_roll_next(const struct daemon_rolling *p,
    struct daemon_roll r, const struct daemon_roll_event *e);

/* Where those are counted who are that. */
unsigned *daemon_crew_place(struct daemon_crew *c, enum daemon_worker_is is);

const char *daemon_roll_phase_word(enum daemon_roll_phase p);
const char *daemon_roll_kind_word(enum daemon_roll_kind k);
const char *daemon_roll_why_word(enum daemon_roll_why w);

#endif
