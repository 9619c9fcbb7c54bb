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

static const char *
last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash : path;
}

/* If the group of that path is the one of a service in rundir, where that was
 * made, owned by the caller: not everybody sees it at the same path, but no two
 * have the same name.  Else NULL. */
static char *
above(int rundir, const char *path, const char *controller)
{
	const char *last = last_of(path), *mark, *group;
	struct daemon_definition d = { 0 };
	char name[DAEMON_NAME_MAX + 1], *place = NULL;
	struct daemon_service s;
	size_t n;

	if (strncmp(last, prefix, sizeof prefix - 1) != 0)
		return NULL;
	mark = last + sizeof prefix - 1;
	n = strlen(mark);
	if (n <= MARK || n - MARK > DAEMON_NAME_MAX)
		return NULL;
	(void)memcpy(name, mark, n - MARK);
	name[n - MARK] = '\0';
	if (daemon_service_open(&s, rundir, name, NULL) == -1)
		return NULL;
	if (daemon_record_read(s.dir, DAEMON_RECORD_PUBLIC, &d, NULL) == 0) {
		group = controller != NULL ? d.memory_group : d.cgroup;
		if (group != NULL && strcmp(last_of(group), last) == 0)
			place =
			    strndup(group, (size_t)(last_of(group) - group));
	}
	daemon_definition_clear(&d);
	daemon_service_close(&s);
	return place;
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
	char *path = daemon_cgroup_here(controller), *end = path;
	char *place = NULL, more = '/';

	while (path != NULL && place == NULL && more != '\0') {
		end = strchrnul(end + 1, '/');
		more = *end;
		*end = '\0';
		place = above(rundir, path, controller);
		*end = more;
	}
	if (place != NULL)
		(void)daemon_cgroup_enter(place);
	free(place);
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
