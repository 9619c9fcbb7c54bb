/* SPDX-License-Identifier: ISC */
/*
 * Point by point: errors once and lasting, death, signals, short counts.
 */
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "faults.h"

static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGSTOP };

static int
add(struct faults *made, const struct point *at, enum action action, int value,
    bool lasting)
{
	struct fault *more;
	size_t room = made->room == 0 ? 1024 : made->room * 2;

	if (made->count == made->room) {
		more = realloc(made->all, room * sizeof *more);
		if (more == NULL)
			return -1;
		made->all = more;
		made->room = room;
	}
	made->all[made->count] = (struct fault){
		.nr = at->nr,
		.nth = at->nth,
		.action = action,
		.value = value,
		.lasting = lasting,
	};
	memcpy(made->all[made->count++].role, at->role, sizeof at->role);
	return 0;
}

/* No call is interrupted for ever, and none that waits is always too early;
 * EBUSY of dup2() is a race with an open(), which musl tries again till it is
 * over.  A machine on which no file is found any more has no records either:
 * what is said of it cannot be judged. */
static bool
may_last(const struct call *call, int error)
{
	if (error == EINTR || error == ENOENT)
		return false;
	if (error == EBUSY && strncmp(call->name, "dup", 3) == 0)
		return false;
	return error != EAGAIN || !(call->traits & CALL_WAITS);
}

/* Errors of looking up a path, where the call is about an open file. */
static bool
needs_path(const struct point *at, const struct call *call, int error)
{
	if (!(call->traits & (CALL_PATH0 | CALL_PATH1)) || *at->object != '\0')
		return false;
	return error == ENOENT || error == EACCES || error == ELOOP;
}

static int
add_errors(struct faults *made, const struct point *at, const struct call *call)
{
	for (const int *e = call->errnos; *e != 0; e++) {
		if (at->result == -*e || needs_path(at, call, *e))
			continue;
		if (call->traits & CALL_RUNS) {
			if (add(made, at, ACTION_REPORT, *e, false) == -1)
				return -1;
			continue;
		}
		if (add(made, at, ACTION_FAIL, *e, false) == -1)
			return -1;
		if (may_last(call, *e) &&
		    add(made, at, ACTION_FAIL, *e, true) == -1)
			return -1;
	}
	if (call->traits & CALL_DOUBTFUL && at->result >= 0)
		return add(made, at, ACTION_REPORT, EIO, false);
	return 0;
}

static int
add_signals(struct faults *made, const struct point *at)
{
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (add(made, at, ACTION_SIGNAL, signals[i], false) == -1)
			return -1;
	return 0;
}

static int
strike(struct faults *made, const struct point *at, const char *kinds)
{
	const struct call *call = call_by_number(at->nr);

	if (call->traits & CALL_SAFE)
		made->safe++;
	else if (strchr(kinds, 'e') != NULL && add_errors(made, at, call) == -1)
		return -1;
	if (strchr(kinds, 'k') != NULL &&
	    add(made, at, ACTION_SIGNAL, SIGKILL, false) == -1)
		return -1;
	if (strchr(kinds, 's') != NULL && add_signals(made, at) == -1)
		return -1;
	if (strchr(kinds, 'c') == NULL || !(call->traits & CALL_COUNTS) ||
	    at->result < 2)
		return 0;
	if (add(made, at, ACTION_SHORT, 0, false) == -1)
		return -1;
	return add(made, at, ACTION_SHORT, 0, true);
}

static bool
wanted(const struct scenario *sc, const char *role)
{
	for (int i = 0; sc->roles[i] != NULL; i++)
		if (fnmatch(sc->roles[i], role, 0) == 0)
			return true;
	return sc->roles[0] == NULL;
}

int
faults_make(struct faults *made, const struct points *p,
    const struct scenario *sc, const char *kinds)
{
	*made = (struct faults){ .points = (unsigned)p->count };
	for (size_t i = 0; i < p->count; i++) {
		const struct point *at = &p->all[i];

		if (at->startup)
			made->startup++;
		else if (!wanted(sc, at->role))
			made->elsewhere++;
		else if (at->result == -EBADF)
			made->idle++; /* closing what was never open */
		else if (strike(made, at, kinds) == -1)
			return -1;
	}
	return 0;
}
