/* SPDX-License-Identifier: ISC */
/*
 * Drop to a user, for good.  Finding one is in finduser.c, because that
 * asks the name service and this must not.
 */
#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include "../user.h"

static int
is_current(const struct daemon_user *u)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (getresuid(&r, &e, &s) == -1 || getresgid(&rg, &eg, &sg) == -1)
		return 0;
	return r == u->uid && e == u->uid && s == u->uid && rg == u->gid &&
	    eg == u->gid && sg == u->gid;
}

static int
has_group(const struct daemon_user *u, gid_t gid)
{
	size_t i;

	for (i = 0; i < u->ngroups; i++)
		if (u->groups[i] == gid)
			return 1;
	return 0;
}

/* Nothing but what was asked for: the kernel's word, not our belief. */
static int
groups_match(const struct daemon_user *u)
{
	gid_t now[1024];
	int i, n;

	n = getgroups((int)(sizeof now / sizeof now[0]), now);
	if (n == -1)
		return errno ==
		    EINVAL; /* more than fit here: not ours to say */
	for (i = 0; i < n; i++)
		if (!has_group(u, now[i]))
			return 0;
	return 1;
}

int
daemon_user_drop(const struct daemon_user *u)
{
	int was_root = geteuid() == 0;

	/* Without privilege, "become what we are" is the one thing allowed. */
	if (!was_root && is_current(u))
		return 0;
	if (setgroups(u->ngroups, u->groups) == -1 ||
	    setresgid(u->gid, u->gid, u->gid) == -1 ||
	    setresuid(u->uid, u->uid, u->uid) == -1)
		return -1;
	if (!is_current(u) || !groups_match(u)) {
		errno = EPERM;
		return -1;
	}
	if (u->uid != 0 &&
	    (setuid(0) == 0 || setresuid((uid_t)-1, 0, (uid_t)-1) == 0 ||
		seteuid(0) == 0)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
