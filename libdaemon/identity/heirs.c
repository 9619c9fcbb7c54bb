/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgroup.h"
#include "heirs.h"
#include "leftfile.h"
#include "mark.h"

/* We, or one of those we descend from: whoever asks is no heir. */
static int
is_above(pid_t pid)
{
	struct daemon_process_stat st;
	pid_t p;

	for (p = getpid(); p > 1; p = st.ppid) {
		if (p == pid)
			return 1;
		if (daemon_process_stat(p, &st) == -1)
			break;
	}
	return 0;
}

static int
is_heir(void *arg, pid_t pid)
{
	if (is_above(pid) || !daemon_pidfd_lives(pid))
		return 0;
	*(pid_t *)arg = pid;
	return 1;
}

static pid_t
in_group(const char *path)
{
	pid_t pid = 0;

	(void)daemon_cgroup_visit(path, is_heir, &pid);
	return pid;
}

static pid_t
with_mark(const char *mark)
{
	DIR *d = opendir("/proc");
	const struct dirent *e;
	pid_t pid, found = 0;

	while (d != NULL && found == 0 && (e = readdir(d)) != NULL) {
		pid = e->d_name[0] >= '1' && e->d_name[0] <= '9'
		    ? (pid_t)atoi(e->d_name)
		    : 0;
		if (pid > 1 && daemon_mark_has(pid, mark))
			(void)is_heir(&found, pid);
	}
	if (d != NULL)
		(void)closedir(d);
	return found;
}

pid_t
daemon_heirs_live(int dir, const struct daemon_definition *d)
{
	pid_t pid = daemon_left_lives(dir);
	char mark[DAEMON_MARK_MAX];

	if (pid == 0 && d->cgroup != NULL)
		return in_group(d->cgroup);
	if (pid == 0 && d->restart != NULL &&
	    daemon_record_mark(dir, mark) != NULL)
		return with_mark(mark);
	return pid;
}
