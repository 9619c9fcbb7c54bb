/* SPDX-License-Identifier: ISC */
/* CPU time and memory, from /proc. */
#include <stdio.h>
#include <unistd.h>

#include "../libdaemon/identity/process.h"
#include "usage.h"

void
usage_of(struct usage *u, pid_t pid)
{
	struct daemon_process_stat st;
	long long hz = sysconf(_SC_CLK_TCK), pages;
	char path[40];
	FILE *f;

	u->cpu_ms = u->memory = -1;
	if (daemon_process_stat(pid, &st) == 0)
		u->cpu_ms = (long long)(st.utime + st.stime) * 1000 / hz;
	(void)snprintf(path, sizeof path, "/proc/%ld/statm", (long)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return;
	if (fscanf(f, "%*s %lld", &pages) == 1)
		u->memory = pages * sysconf(_SC_PAGESIZE);
	(void)fclose(f);
}
