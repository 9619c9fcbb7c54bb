/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../user.h"
#include "agent.h"

/* May it be what it is to be? */
static int
check(const struct daemon_agent *a, struct daemon_fault *f)
{
	const char *colon = a->group[0] != '\0' ? ":" : "";
	struct daemon_user u = { 0 };
	int r;

	if (daemon_user_find(
		&u, a->user, a->group[0] != '\0' ? a->group : NULL) == -1)
		return daemon_fault_set(f, "agent", a->name,
		    "%s%s%s: no such user or group", a->user, colon, a->group);
	r = geteuid() == 0 || (u.uid == geteuid() && u.gid == getegid());
	daemon_user_clear(&u);
	if (r)
		return 0;
	errno = EPERM;
	return daemon_fault_set(f, "agent", a->name,
	    "%s%s%s: only root can change it", a->user, colon, a->group);
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
