/* SPDX-License-Identifier: ISC */
/* Out of the control group of another service. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup.h"
#include "record.h"
#include "service.h"

enum { MARK = 17 }; /* "-" and sixteen digits, behind the name */

/* Is the group of that path the one of a service in rundir? */
static int
is_service(int rundir, const char *path)
{
	const char *mark = strrchr(path, '/') + 1;
	size_t prefix = strlen("daemonize-"), n = strlen(mark);
	struct daemon_definition d = { 0 };
	char name[DAEMON_NAME_MAX + 1];
	struct daemon_service s;
	int is = 0;

	if (strncmp(mark, "daemonize-", prefix) != 0 || n <= prefix + MARK ||
	    n - prefix - MARK > DAEMON_NAME_MAX)
		return 0;
	(void)memcpy(name, mark + prefix, n - prefix - MARK);
	name[n - prefix - MARK] = '\0';
	if (daemon_service_open(&s, rundir, name, NULL) == -1)
		return 0;
	if (daemon_record_read(s.dir, DAEMON_RECORD_PUBLIC, &d, NULL) == 0)
		is = d.cgroup != NULL && strcmp(d.cgroup, path) == 0;
	daemon_definition_clear(&d);
	daemon_service_close(&s);
	return is;
}

/* The outermost such group counts. */
void
daemon_cgroup_emigrate(int dir)
{
	int rundir = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *path = daemon_cgroup_here(), *end = path, more = '/';

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
