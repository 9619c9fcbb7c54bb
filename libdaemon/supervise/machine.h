/* SPDX-License-Identifier: ISC */
/*
 * What a supervisor does about a child when something happens.  Pure: values
 * in, values out; no clock, no process, no memory.  events.c turns what
 * happened into events, actions.c does what is asked for, t/model walks every
 * state there is; what comes of every event is printed in t/model/table.
 *
 * Time is told with the event, as what has passed since the last one, and
 * kept as what is left of each deadline: a clock that jumps changes nothing,
 * and a snapshot can be taken up anywhere.
 */
#ifndef DAEMON_MACHINE_H
#define DAEMON_MACHINE_H

#include "backoff.h"

enum daemon_restart {
	DAEMON_RESTART_NEVER,
	DAEMON_RESTART_ON_FAILURE,
	DAEMON_RESTART_ALWAYS
};

enum daemon_readiness {
	DAEMON_READY_EXEC, /* when it was executed */
	DAEMON_READY_ALIVE, /* when it has lived for alive_ms */
	DAEMON_READY_TOLD /* when somebody says so: an event */
};

/* Milliseconds; -1 is "no limit" wherever a limit may be missing. */
struct daemon_policy {
	enum daemon_restart restart;
	enum daemon_readiness readiness;
	int keep_trying; /* the first attempt may fail */
	int has_before; /* a command that must succeed before each start */
	long long spawn_ms; /* from the fork to the exec; never -1 */
	long long alive_ms; /* never -1 */
	long long ready_ms; /* to be READY, if TOLD */
	long long reload_ms; /* from RELOADING to READY; never -1 */
	long long retry_ms; /* to the next stop, after one in vain; never -1 */
	long long leave_ms; /* from "I am stopping" to the death; never -1 */
	long long watchdog_ms; /* between two signs of life */
	long long runtime_ms; /* from ready to the end */
	long long healthy_ms; /* ready for so long: earlier deaths forgotten */
	struct daemon_backoff backoff;
	unsigned max_restarts; /* in window_ms; 0: no limit */
	long long window_ms;
};

enum daemon_phase {
	DAEMON_PHASE_IDLE, /* nothing happened yet */
	DAEMON_PHASE_PREPARING, /* --before runs, within its own limit */
	DAEMON_PHASE_SPAWNING, /* forked; not known to have executed */
	DAEMON_PHASE_STARTING, /* executed, not ready */
	DAEMON_PHASE_READY,
	DAEMON_PHASE_RELOADING, /* it says so itself */
	DAEMON_PHASE_LEAVING, /* it says itself that it ends */
	DAEMON_PHASE_PAUSED,
	DAEMON_PHASE_STOPPING, /* it, then what is left of it, is ended */
	DAEMON_PHASE_BACKOFF, /* nothing lives; a restart follows */
	DAEMON_PHASE_OVER /* nothing lives, or it was let go; none follows */
};

/* How the main process ended. */
enum daemon_ending {
	DAEMON_ENDING_NONE, /* it lives, or there was none */
	DAEMON_ENDING_SUCCESS,
	DAEMON_ENDING_FAILURE,
	DAEMON_ENDING_FINAL, /* with a status that says: not again */
	DAEMON_ENDING_UNKNOWN /* it was not ours to wait for */
};

/* Why it is STOPPING, waits in BACKOFF, or is OVER. */
enum daemon_why {
	DAEMON_WHY_NONE,
	DAEMON_WHY_ENDED, /* by itself */
	DAEMON_WHY_STOP, /* asked for */
	DAEMON_WHY_RESTART, /* asked for */
	DAEMON_WHY_BEFORE, /* --before failed */
	DAEMON_WHY_SPAWN, /* a step before the exec failed, or the exec */
	DAEMON_WHY_NOT_READY, /* in time, at first or after a reload */
	DAEMON_WHY_LINGERED, /* it said that it ends, and did not */
	DAEMON_WHY_WATCHDOG, /* no sign of life in time */
	DAEMON_WHY_RUNTIME, /* its time is up */
	DAEMON_WHY_MEMORY, /* it has too much */
	DAEMON_WHY_TOO_OFTEN, /* OVER: max_restarts */
	DAEMON_WHY_RELEASED /* OVER: it runs on, without us */
};

enum daemon_event_kind {
	/* answers to what was asked for */
	DAEMON_EVENT_BEGIN,
	DAEMON_EVENT_PREPARED, /* --before succeeded */
	DAEMON_EVENT_UNPREPARED, /* it failed, or was ended */
	DAEMON_EVENT_EXECUTED,
	DAEMON_EVENT_UNEXECUTED, /* there is no process, and never was one */
	DAEMON_EVENT_GONE, /* all of the tree is dead */
	DAEMON_EVENT_STUCK, /* the schedule ended; something lives */
	/* from the command */
	DAEMON_EVENT_READY,
	DAEMON_EVENT_RELOADING,
	DAEMON_EVENT_LEAVING,
	DAEMON_EVENT_SIGN, /* of life */
	DAEMON_EVENT_EXTEND, /* the deadline of this phase, to ms from now */
	DAEMON_EVENT_HUNG, /* it asks for what the watchdog does */
	DAEMON_EVENT_HEAVY, /* over --max-memory */
	DAEMON_EVENT_DIED, /* the main process: ending */
	/* from the clock */
	DAEMON_EVENT_TIME, /* one deadline at least may have come */
	/* from people */
	DAEMON_EVENT_STOP,
	DAEMON_EVENT_START, /* now, if it waits */
	DAEMON_EVENT_RESTART,
	DAEMON_EVENT_RELOAD,
	DAEMON_EVENT_PAUSE,
	DAEMON_EVENT_RESUME,
	DAEMON_EVENT_RELEASE,
	DAEMON_EVENTS
};

struct daemon_event {
	enum daemon_event_kind kind;
	long long passed_ms; /* since the last event */
	long long ms; /* EXTEND */
	enum daemon_ending ending; /* DIED */
	int otherwise; /* STOP, RESTART: by another schedule than so far */
	double chance; /* 0 to 1, for the jitter */
};

/* What to do, in this order. */
enum daemon_do {
	DAEMON_DO_THAW = 1u << 0,
	DAEMON_DO_TELL_READY = 1u << 1, /* the launcher: it exits 0 */
	DAEMON_DO_TELL_TRYING = 1u << 2, /* the launcher: 0, not ready yet */
	DAEMON_DO_TELL_FAILED = 1u << 3, /* the launcher: why */
	DAEMON_DO_HOOK_READY = 1u << 4,
	DAEMON_DO_HOOK_EXIT = 1u << 5,
	DAEMON_DO_HOOK_FAILED = 1u << 6,
	DAEMON_DO_CANCEL = 1u << 7, /* end --before; GONE follows */
	DAEMON_DO_END = 1u << 8, /* by the schedule for `why`: GONE, STUCK */
	DAEMON_DO_SWEEP = 1u << 9, /* what the dead has left; the same */
	DAEMON_DO_FREEZE = 1u << 10,
	DAEMON_DO_RELOAD = 1u << 11,
	DAEMON_DO_BEFORE = 1u << 12, /* PREPARED, UNPREPARED */
	DAEMON_DO_SPAWN = 1u << 13, /* EXECUTED, UNEXECUTED, DIED */
	DAEMON_DO_FINISH = 1u << 14 /* the supervisor's work is done */
};

/* What is left of each; -1: it does not run. */
enum daemon_timer {
	DAEMON_TIMER_PHASE,
	DAEMON_TIMER_WATCHDOG,
	DAEMON_TIMER_RUNTIME,
	DAEMON_TIMERS
};

struct daemon_machine {
	enum daemon_phase phase;
	enum daemon_why why;
	enum daemon_ending ending;
	int told; /* the launcher has been told */
	int lives; /* there is a main process */
	int stuck; /* STOPPING: the schedule ended, something lives: it waits
	    to begin again */
	long long left[DAEMON_TIMERS];
	long long health_left; /* until earlier deaths are forgotten */
	unsigned quick; /* restarts in a row without health */
	unsigned restarts; /* in the window */
	long long window_left; /* 0: the next restart begins another */
};

struct daemon_move {
	struct daemon_machine machine;
	unsigned actions; /* of enum daemon_do */
};

/* Of a service that was never started. */
struct daemon_machine daemon_machine_new(void);

/* Events that mean nothing in a phase change nothing but the time. */
struct daemon_move daemon_machine_next(const struct daemon_policy *p,
    struct daemon_machine m, const struct daemon_event *e);

/* Milliseconds until the next deadline; -1: there is none. */
long long daemon_machine_wait(const struct daemon_machine *m);

const char *daemon_phase_word(enum daemon_phase p);
const char *daemon_event_word(enum daemon_event_kind e);
const char *daemon_why_word(enum daemon_why w);

#endif
