/* SPDX-License-Identifier: ISC */
#include "roll.h"

const char *
daemon_roll_phase_word(enum daemon_roll_phase p)
{
	switch (p) {
	case DAEMON_ROLL_IDLE: return "idle";
	case DAEMON_ROLL_STARTING: return "starting";
	case DAEMON_ROLL_SERVING: return "serving";
	case DAEMON_ROLL_TRYING: return "trying";
	case DAEMON_ROLL_REPLACING: return "replacing";
	case DAEMON_ROLL_REVERTING: return "reverting";
	case DAEMON_ROLL_FROZEN: return "frozen";
	case DAEMON_ROLL_DRAINING: return "draining";
	case DAEMON_ROLL_DRAINED: return "drained";
	case DAEMON_ROLL_RESTARTING: return "restarting";
	case DAEMON_ROLL_STOPPING: return "stopping";
	case DAEMON_ROLL_OVER: return "over";
	}
	return "?";
}

const char *
daemon_roll_kind_word(enum daemon_roll_kind k)
{
	switch (k) {
	case DAEMON_ROLL_BEGIN: return "begin";
	case DAEMON_ROLL_READY: return "ready";
	case DAEMON_ROLL_DOWN: return "down";
	case DAEMON_ROLL_TRIED: return "tried";
	case DAEMON_ROLL_DONE: return "done";
	case DAEMON_ROLL_LEAVES: return "leaves";
	case DAEMON_ROLL_GONE: return "gone";
	case DAEMON_ROLL_RELOAD: return "reload";
	case DAEMON_ROLL_SCALE: return "scale";
	case DAEMON_ROLL_RESTART: return "restart";
	case DAEMON_ROLL_PAUSE: return "pause";
	case DAEMON_ROLL_RESUME: return "resume";
	case DAEMON_ROLL_DRAIN: return "drain";
	case DAEMON_ROLL_RELEASE: return "release";
	case DAEMON_ROLL_STOP: return "stop";
	case DAEMON_ROLL_KINDS: break;
	}
	return "?";
}

const char *
daemon_roll_why_word(enum daemon_roll_why w)
{
	switch (w) {
	case DAEMON_ROLL_NONE: return "-";
	case DAEMON_ROLL_STOPPED: return "stopped";
	case DAEMON_ROLL_FAILED: return "failed";
	case DAEMON_ROLL_LOOPED: return "looped";
	case DAEMON_ROLL_ENDED: return "ended";
	case DAEMON_ROLL_RELEASED: return "released";
	}
	return "?";
}
