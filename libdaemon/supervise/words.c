/* SPDX-License-Identifier: ISC */
/* The machine's words, for people and for the table. */
#include "machine.h"

const char *
daemon_phase_word(enum daemon_phase p)
{
	switch (p) {
	case DAEMON_PHASE_IDLE: return "idle";
	case DAEMON_PHASE_PREPARING: return "preparing";
	case DAEMON_PHASE_SPAWNING: return "spawning";
	case DAEMON_PHASE_STARTING: return "starting";
	case DAEMON_PHASE_READY: return "ready";
	case DAEMON_PHASE_RELOADING: return "reloading";
	case DAEMON_PHASE_LEAVING: return "leaving";
	case DAEMON_PHASE_PAUSED: return "paused";
	case DAEMON_PHASE_STOPPING: return "stopping";
	case DAEMON_PHASE_BACKOFF: return "backoff";
	case DAEMON_PHASE_OVER: return "over";
	}
	return "?";
}

const char *
daemon_event_word(enum daemon_event_kind e)
{
	switch (e) {
	case DAEMON_EVENT_BEGIN: return "begin";
	case DAEMON_EVENT_PREPARED: return "prepared";
	case DAEMON_EVENT_UNPREPARED: return "unprepared";
	case DAEMON_EVENT_EXECUTED: return "executed";
	case DAEMON_EVENT_UNEXECUTED: return "unexecuted";
	case DAEMON_EVENT_GONE: return "gone";
	case DAEMON_EVENT_STUCK: return "stuck";
	case DAEMON_EVENT_READY: return "ready";
	case DAEMON_EVENT_RELOADING: return "reloading";
	case DAEMON_EVENT_LEAVING: return "leaving";
	case DAEMON_EVENT_SIGN: return "sign";
	case DAEMON_EVENT_EXTEND: return "extend";
	case DAEMON_EVENT_HUNG: return "hung";
	case DAEMON_EVENT_HEAVY: return "heavy";
	case DAEMON_EVENT_DIED: return "died";
	case DAEMON_EVENT_TIME: return "time";
	case DAEMON_EVENT_STOP: return "stop";
	case DAEMON_EVENT_START: return "start";
	case DAEMON_EVENT_RESTART: return "restart";
	case DAEMON_EVENT_RELOAD: return "reload";
	case DAEMON_EVENT_PAUSE: return "pause";
	case DAEMON_EVENT_RESUME: return "resume";
	case DAEMON_EVENT_RELEASE: return "release";
	case DAEMON_EVENTS: break;
	}
	return "?";
}

const char *
daemon_why_word(enum daemon_why w)
{
	switch (w) {
	case DAEMON_WHY_NONE: return "-";
	case DAEMON_WHY_ENDED: return "ended";
	case DAEMON_WHY_STOP: return "stop";
	case DAEMON_WHY_RESTART: return "restart";
	case DAEMON_WHY_BEFORE: return "before";
	case DAEMON_WHY_SPAWN: return "spawn";
	case DAEMON_WHY_NOT_READY: return "not-ready";
	case DAEMON_WHY_LINGERED: return "lingered";
	case DAEMON_WHY_WATCHDOG: return "watchdog";
	case DAEMON_WHY_RUNTIME: return "runtime";
	case DAEMON_WHY_MEMORY: return "memory";
	case DAEMON_WHY_TOO_OFTEN: return "too-often";
	case DAEMON_WHY_RELEASED: return "released";
	}
	return "?";
}
