/* SPDX-License-Identifier: ISC */
/* Out of the control group of another service. */
#include <fcntl.h>
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
is_service(int rundir, const char *path)
{
	const char *mark = strrchr(path, '/');
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
	if (daemon_record_read(s.dir, DAEMON_RECORD_PUBLIC, &d, NULL) == 0)
		is = d.cgroup != NULL && strcmp(d.cgroup, path) == 0;
	daemon_definition_clear(&d);
	daemon_service_close(&s);
	return is;
}

/* Almost nobody. */
static int
may_be_within(void)
{
	char buf[DAEMON_CGROUP_OWN];
	const char *own = daemon_cgroup_own(buf);

	return own != NULL && strstr(own, prefix) != NULL;
}

/* The outermost such group counts. */
void
daemon_cgroup_emigrate(int dir)
{
	char *path, *end, more = '/';
	int rundir;

	if (!may_be_within())
		return;
	rundir = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	path = end = daemon_cgroup_here();
	while (rundir != -1 && path != NULL && more != '\0') {
		end = strchrnul(end + 1, '/');
		more = *end;
		*end = '\0';
		if (is_service(rundir, path)) {
			*strrchr(path, '/') = '\0';
			(void)daemon_cgroup_enter(path);
			break;
		}
		*end = more;
	}
	if (rundir != -1)
		(void)close(rundir);
	free(path);
}
