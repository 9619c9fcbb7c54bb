/* SPDX-License-Identifier: ISC */
/* Out of the control groups of another service. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "record.h"
#include "service.h"

static const char prefix[] = "/daemonize-";

enum { MARK = 17 }; /* "-" and sixteen digits, behind the name */

/* Is the group of that path the one of a service in rundir? */
static int
is_service(int rundir, const char *path, const char *controller)
{
	const char *mark = strrchr(path, '/'), *group;
	struct daemon_definition d = { 0 };
	char name[DAEMON_NAME_MAX + 1];
	struct daemon_service s;
	int is = 0;
	size_t n;

	if (strncmp(mark, prefix, sizeof prefix - 1) != 0)
		return 0;
	mark += sizeof prefix - 1;
	n = strlen(mark);
	if (n <= MARK || n - MARK > DAEMON_NAME_MAX)
		return 0;
	(void)memcpy(name, mark, n - MARK);
	name[n - MARK] = '\0';
	if (daemon_service_open(&s, rundir, name, NULL) == -1)
		return 0;
	if (daemon_record_read(s.dir, DAEMON_RECORD_PUBLIC, &d, NULL) == 0) {
		group = controller != NULL ? d.memory_group : d.cgroup;
		is = group != NULL && strcmp(group, path) == 0;
	}
	daemon_definition_clear(&d);
	daemon_service_close(&s);
	return is;
}

/* Almost nobody. */
static int
may_be_within(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[512];
	int may = 0;

	while (f != NULL && !may && fgets(line, sizeof line, f) != NULL)
		may = strstr(line, prefix) != NULL;
	if (f != NULL)
		(void)fclose(f);
	return may;
}

/* The outermost such group counts. */
static void
leave(int rundir, const char *controller)
{
	char *path = daemon_cgroup_here(controller), *end = path, more = '/';

	while (path != NULL && more != '\0') {
		end = strchrnul(end + 1, '/');
		more = *end;
		*end = '\0';
		if (is_service(rundir, path, controller)) {
			*strrchr(path, '/') = '\0';
			(void)daemon_cgroup_enter(path);
			break;
		}
		*end = more;
	}
	free(path);
}

void
daemon_cgroup_emigrate(int dir)
{
	int rundir;

	if (!may_be_within())
		return;
	rundir = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (rundir == -1)
		return;
	leave(rundir, NULL);
	leave(rundir, "memory");
	(void)close(rundir);
}
