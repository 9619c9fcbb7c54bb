/* SPDX-License-Identifier: ISC */
/*
 * Layers of variables, the later over the earlier.
 */
#include <stdlib.h>
#include <string.h>

#include "environment.h"

/* Meant for one process, and dangerous to its heirs. */
static const char *const not_inherited[] = {
	"NOTIFY_SOCKET=",
	"LISTEN_",
	"WATCHDOG_",
	"DAEMONIZE_",
	"DAEMON_FOREGROUND=",
	"DAEMON_READY_FD=",
	"SYSTEMD_EXEC_PID=",
};

static int
may_inherit(const char *entry)
{
	size_t i;

	if (strchr(entry, '=') == NULL || entry[0] == '=')
		return 0;
	for (i = 0; i < sizeof not_inherited / sizeof not_inherited[0]; i++)
		if (strncmp(
			entry, not_inherited[i], strlen(not_inherited[i])) == 0)
			return 0;
	return 1;
}

int
daemon_environment_inherit(struct daemon_list *out, char *const *envp)
{
	for (; envp != NULL && *envp != NULL; envp++)
		if (may_inherit(*envp) && daemon_list_borrow(out, *envp) == -1)
			return -1;
	return 0;
}

/* Over the entry of the same name, or behind the others. */
static int
set_one(struct daemon_list *env, const char *entry)
{
	size_t i, n = strcspn(entry, "=");

	for (i = 0; i < env->n; i++)
		if (strncmp(env->v[i], entry, n) == 0 && env->v[i][n] == '=')
			return daemon_list_replace(env, i, entry);
	return daemon_list_add(env, entry);
}

static int
set_all(struct daemon_list *env, const struct daemon_list *from)
{
	size_t i;

	for (i = 0; i < from->n; i++)
		if (set_one(env, from->v[i]) == -1)
			return -1;
	return 0;
}

static int
set_user(struct daemon_list *env, const struct daemon_user *u)
{
	struct daemon_list l = { 0 };
	int r = 0;

	if (u->name != NULL)
		r = daemon_list_addf(&l, "USER=%s", u->name) == -1 ||
		    daemon_list_addf(&l, "LOGNAME=%s", u->name) == -1;
	if (r == 0 && u->home != NULL)
		r = daemon_list_addf(&l, "HOME=%s", u->home) == -1;
	r = r != 0 ? -1 : set_all(env, &l);
	daemon_list_clear(&l);
	return r;
}

int
daemon_environment_build(struct daemon_list *out,
    const struct daemon_list *base, const struct daemon_user *u,
    const struct daemon_list *files, const struct daemon_list *set)
{
	size_t i;

	for (i = 0; i < base->n; i++)
		if (daemon_list_borrow(out, base->v[i]) == -1)
			return -1;
	if (u != NULL && set_user(out, u) == -1)
		return -1;
	return set_all(out, files) == -1 || set_all(out, set) == -1 ? -1 : 0;
}

const char *
daemon_environment_get(const struct daemon_list *env, const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, n) == 0 && env->v[i][n] == '=')
			return env->v[i] + n + 1;
	return NULL;
}
