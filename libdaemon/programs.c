/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "programs.h"

int
daemon_program_paths(struct daemon_list *paths, const char *program)
{
	char self[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (slash != NULL &&
	    (daemon_list_addf(
		 paths, "%.*s/%s", (int)(slash - self), self, program) == -1 ||
		daemon_list_addf(paths, "%.*s/../libexec/daemonize/%s",
		    (int)(slash - self), self, program) == -1))
		return -1;
	return daemon_list_addf(paths, "%s/daemonize/%s", LIBEXECDIR, program);
}

char *
daemon_program_find(const char *program)
{
	struct daemon_list paths = { 0 };
	char *found = NULL;
	size_t i;

	if (daemon_program_paths(&paths, program) == 0) {
		for (i = 0; i < paths.n; i++)
			if (access(paths.v[i], X_OK) == 0)
				break;
		errno = ENOENT;
		if (i < paths.n)
			found = strdup(paths.v[i]);
	}
	daemon_list_clear(&paths);
	return found;
}
