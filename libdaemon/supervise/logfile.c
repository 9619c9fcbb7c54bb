/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logfile.h"

/* 0: there is no place. */
static int
place(char *path, size_t size)
{
	const char *set = getenv("DAEMONIZE_LOGDIR"), *home = getenv("HOME");
	const char *state = getenv("XDG_STATE_HOME");

	if (set != NULL && set[0] == '/')
		return snprintf(path, size, "%s", set) < (int)size;
	if (geteuid() == 0)
		return snprintf(path, size, "/var/log/daemonize") < (int)size;
	if (state != NULL && state[0] == '/')
		return snprintf(path, size, "%s/daemonize", state) < (int)size;
	if (home == NULL || home[0] != '/')
		return 0;
	return snprintf(path, size, "%s/.local/state/daemonize", home) <
	    (int)size;
}

/* As one of ours it has limits. */
static int
capture(struct daemon_definition *d)
{
	d->captured = 1;
	if (d->out == NULL || d->log_size != NULL)
		return 0;
	d->log_size = strdup(DAEMON_LOG_SIZE);
	return d->log_size == NULL ? -1 : 0;
}

int
daemon_logfile_choose(struct daemon_definition *d, const char *name)
{
	char dir[PATH_MAX];

	if (d->log != NULL &&
	    (strcmp(d->log, "none") != 0 || d->syslog != NULL))
		return capture(d);
	if (d->out != NULL || d->err != NULL || !place(dir, sizeof dir) ||
	    d->log != NULL)
		return 0;
	if (asprintf(&d->out, "%s/%s.log", dir, name) == -1) {
		d->out = NULL;
		return -1;
	}
	d->err = strdup(d->out);
	d->append = 1;
	d->truncate = 0;
	return d->err == NULL ? -1 : capture(d);
}

/* Each directory on the way that is missing. */
static int
make_all(char *path, mode_t mode)
{
	char *p = path;
	int r;

	do {
		p = strchrnul(p + 1, '/');
		if (*p == '\0')
			return mkdir(path, mode) == 0 || errno == EEXIST ? 0
									 : -1;
		*p = '\0';
		r = mkdir(path, mode);
		*p = '/';
	} while (r == 0 || errno == EEXIST || errno == EROFS);
	return -1;
}

int
daemon_logfile_make_room(
    const struct daemon_definition *d, struct daemon_fault *f)
{
	mode_t mode = geteuid() == 0 ? 0755 : 0700;
	char dir[PATH_MAX];
	size_t n;

	if (d->out == NULL || !place(dir, sizeof dir))
		return 0;
	n = strlen(dir);
	if (strncmp(d->out, dir, n) != 0 || d->out[n] != '/' ||
	    strchr(d->out + n + 1, '/') != NULL || make_all(dir, mode) == 0)
		return 0;
	return daemon_fault_set(
	    f, "log", dir, "%s (--log=none keeps no output)", strerror(errno));
}
