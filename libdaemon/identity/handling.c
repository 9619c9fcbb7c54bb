/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handling.h"
#include "process.h"

/* Whether a line of /proc/PID/status is the set of that name, with sig in it:
 * 1; without: 0; it is another line: -1. */
static int
has(const char *line, const char *set, int sig)
{
	size_t n = strlen(set);

	if (strncmp(line, set, n) != 0)
		return -1;
	return (int)(strtoull(line + n, NULL, 16) >> (sig - 1) & 1);
}

enum daemon_handling
daemon_handling_of(pid_t pid, int sig)
{
	enum daemon_handling r = DAEMON_HANDLING_UNKNOWN;
	struct daemon_proc_self self;
	char path[40], line[256];
	FILE *f;

	daemon_proc_self(&self);
	if (!self.ours)
		return r;
	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return r;
	while (fgets(line, sizeof line, f) != NULL) {
		if (has(line, "SigIgn:", sig) == 1)
			r = DAEMON_HANDLING_IGNORES;
		else if (has(line, "SigCgt:", sig) == 1)
			r = DAEMON_HANDLING_CATCHES;
		else if (has(line, "SigCgt:", sig) == 0 &&
		    r == DAEMON_HANDLING_UNKNOWN)
			r = DAEMON_HANDLING_DIES;
	}
	(void)fclose(f);
	return r;
}
