/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../user.h"
#include "agent.h"

/* "USER[:GROUP]": may they have it? */
static int
check(const struct daemon_agent *a, struct daemon_fault *f)
{
	char user[sizeof a->user], *group;
	struct daemon_user u = { 0 };
	int r;

	(void)strcpy(user, a->user);
	group = strchr(user, ':');
	if (group != NULL)
		*group++ = '\0';
	if (daemon_user_find(&u, user, group) == -1)
		return daemon_fault_set(
		    f, "agent", a->name, "%s: no such user or group", a->user);
	r = geteuid() == 0 || (u.uid == geteuid() && u.gid == getegid());
	daemon_user_clear(&u);
	if (r)
		return 0;
	errno = EPERM;
	return daemon_fault_set(
	    f, "agent", a->name, "%s: only root can change it", a->user);
}

int
daemon_agents_check(const struct daemon_definition *d, struct daemon_fault *f)
{
	struct daemon_agent a;
	size_t i;

	for (i = 0; i < d->agents.n; i++) {
		if (daemon_agent_of(&a, d, i) == -1)
			return daemon_fault_set(
			    f, "agent", d->agents.v[i], NULL);
		if (a.user[0] != '\0' && check(&a, f) == -1)
			return -1;
	}
	return 0;
}
