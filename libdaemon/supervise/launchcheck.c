/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>

#include "../cpus.h"
#include "agent.h"
#include "launch.h"

/* What the steps of its instances would find out too late. */
int
daemon_launch_check(const struct daemon_definition *d, struct daemon_fault *f)
{
	unsigned cpu;
	char text[24];

	if (daemon_agents_check(d, f) == -1)
		return -1;
	if (d->cpus == NULL || daemon_cpus_try(d->cpus, &cpu) == 0)
		return 0;
	(void)snprintf(text, sizeof text, "%u", cpu);
	return daemon_fault_set(f, "affinity", text,
	    errno == EINVAL ? "no such processor, or not for us" : NULL);
}
