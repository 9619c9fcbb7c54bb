/* SPDX-License-Identifier: ISC */
/* The option table of daemonctl(1). */
#include <stddef.h>

#include "ctl_options.h"
#include "scan.h"

const struct option_spec daemonctl_options[] = {
	{ OPT_ALL, 0, "all", OPTION_FLAG, NULL, "every service" },
	{ OPT_PIDFILE, 'p', "pidfile", OPTION_FILE, "FILE",
	    "the daemon of this pidfile" },
	{ OPT_EXEC, 0, "exec", OPTION_FILE, "FILE",
	    "with -p: one we did not start, if it executes FILE" },
	{ OPT_USER, 0, "user", OPTION_USER, "USER",
	    "with -p: or if it runs as USER" },
	{ OPT_STOP, 0, "stop", OPTION_SCHEDULE, "SCHEDULE",
	    "stop, restart: instead of the recorded schedule" },
	{ OPT_TIMEOUT, 0, "timeout", OPTION_TEXT, "TIME",
	    "wait: no longer than this" },
	{ OPT_READY, 0, "ready", OPTION_FLAG, NULL, "wait: until it is ready" },
	{ OPT_STOPPED, 0, "stopped", OPTION_FLAG, NULL,
	    "wait: until nothing of it runs" },
	{ OPT_FOLLOW, 'f', "follow", OPTION_FLAG, NULL,
	    "events: and those to come" },
	{ OPT_JSON, 0, "json", OPTION_FLAG, NULL,
	    "status, list: for programs" },
	{ OPT_SECRETS, 0, "secrets", OPTION_FLAG, NULL,
	    "show: values of variables too" },
	{ OPT_RUNDIR, 0, "rundir", OPTION_DIR, "DIR",
	    "where records are kept (/run/daemonize)" },
	{ OPT_QUIET, 'q', "quiet", OPTION_FLAG, NULL,
	    "say nothing of what went well" },
	{ OPT_VERSION, 'V', "version", OPTION_FLAG, NULL, "print the version" },
	{ OPT_HELP, 'h', "help", OPTION_FLAG, NULL, "print this" },
	{ 0, 0, NULL, OPTION_FLAG, NULL, NULL },
};

const struct ctl_verb ctl_verbs[] = {
	{ VERB_STATUS, "status", 1, CTL_GIVEN(OPT_JSON),
	    "what it is doing, since when, how it ended" },
	{ VERB_STOP, "stop", 0, CTL_GIVEN(OPT_STOP),
	    "end it and all it started; returns when they are gone" },
	{ VERB_START, "start", 0, 0, "start it again as it was recorded" },
	{ VERB_RESTART, "restart", 0, CTL_GIVEN(OPT_STOP),
	    "check, stop, start" },
	{ VERB_RELOAD, "reload", 0, 0, "send HUP, if it handles HUP" },
	{ VERB_SIGNAL, "signal", 0, 0, "signal SIG NAME: send SIG" },
	{ VERB_WAIT, "wait", 0,
	    CTL_GIVEN(OPT_TIMEOUT) | CTL_GIVEN(OPT_READY) |
		CTL_GIVEN(OPT_STOPPED),
	    "until it ends; its status is ours" },
	{ VERB_SHOW, "show", 0, CTL_GIVEN(OPT_SECRETS), "how it was started" },
	{ VERB_LIST, "list", 1, CTL_GIVEN(OPT_JSON),
	    "all services in a table (also without a verb)" },
	{ VERB_EVENTS, "events", 1, CTL_GIVEN(OPT_FOLLOW),
	    "what happened to them, a line of JSON each" },
	{ VERB_ADOPT, "adopt", 0, 0,
	    "give it a supervisor again, if its own died" },
	{ VERB_RELEASE, "release", 0, 0,
	    "end its supervisor, and let it run on" },
	{ VERB_PAUSE, "pause", 0, 0,
	    "stop it, and all it started, for a while" },
	{ VERB_RESUME, "resume", 0, 0, "let it go on" },
	{ VERB_UPGRADE, "upgrade", 0, 0,
	    "its supervisor becomes the installed one" },
	{ VERB_FORGET, "forget", 0, 0,
	    "remove the record of one that does not run" },
	{ 0, NULL, 0, 0, NULL },
};
