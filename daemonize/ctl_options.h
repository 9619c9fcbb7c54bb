/* SPDX-License-Identifier: ISC */
/* daemonctl's options and verbs: the tables, and what they count by. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "scan.h"

enum ctl_option {
	OPT_ALL,
	OPT_PIDFILE,
	OPT_EXEC,
	OPT_USER,
	OPT_STOP,
	OPT_TIMEOUT,
	OPT_READY,
	OPT_STOPPED,
	OPT_FOLLOW,
	OPT_LINES,
	OPT_SINCE,
	OPT_JSON,
	OPT_SECRETS,
	OPT_RUNDIR,
	OPT_QUIET,
	OPT_VERSION,
	OPT_HELP
};

enum ctl_verb_id {
	VERB_STATUS,
	VERB_STOP,
	VERB_START,
	VERB_RESTART,
	VERB_RELOAD,
	VERB_SIGNAL,
	VERB_WAIT,
	VERB_SHOW,
	VERB_LIST,
	VERB_LOGS,
	VERB_EVENTS,
	VERB_CHECK,
	VERB_METRICS,
	VERB_ADOPT,
	VERB_RELEASE,
	VERB_SCALE,
	VERB_DRAIN,
	VERB_PAUSE,
	VERB_RESUME,
	VERB_UPGRADE,
	VERB_FORGET
};

struct ctl_verb {
	enum ctl_verb_id id;
	const char *name;
	int empty_means_all; /* without a name: every service */
	unsigned takes; /* options of its own, beside those of every verb */
	const char *help;
};

#define CTL_GIVEN(option) (1u << (unsigned)(option))

/* Options that only some verbs take. */
#define CTL_SOME \
	(CTL_GIVEN(OPT_STOP) | CTL_GIVEN(OPT_TIMEOUT) | CTL_GIVEN(OPT_JSON) | \
	    CTL_GIVEN(OPT_READY) | CTL_GIVEN(OPT_STOPPED) | \
	    CTL_GIVEN(OPT_FOLLOW) | CTL_GIVEN(OPT_LINES) | \
	    CTL_GIVEN(OPT_SINCE) | CTL_GIVEN(OPT_SECRETS))

extern const struct option_spec daemonctl_options[];
extern const struct ctl_verb ctl_verbs[]; /* ended by name == NULL */

#endif
