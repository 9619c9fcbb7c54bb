/* SPDX-License-Identifier: ISC */
/* Resource limits by name: setrlimit(2)'s, without RLIMIT_. */
#include <sys/resource.h>

#include <errno.h>
#include <string.h>

#include "../decimal.h"
#include "../duration.h"
#include "limits.h"

static const struct {
	const char *name;
	int resource;
} limits[] = {
	{ "as", RLIMIT_AS },
	{ "core", RLIMIT_CORE },
	{ "cpu", RLIMIT_CPU },
	{ "data", RLIMIT_DATA },
	{ "fsize", RLIMIT_FSIZE },
	{ "locks", RLIMIT_LOCKS },
	{ "memlock", RLIMIT_MEMLOCK },
	{ "msgqueue", RLIMIT_MSGQUEUE },
	{ "nice", RLIMIT_NICE },
	{ "nofile", RLIMIT_NOFILE },
	{ "nproc", RLIMIT_NPROC },
	{ "rss", RLIMIT_RSS },
	{ "rtprio", RLIMIT_RTPRIO },
	{ "rttime", RLIMIT_RTTIME },
	{ "sigpending", RLIMIT_SIGPENDING },
	{ "stack", RLIMIT_STACK },
};

enum { LIMITS = sizeof limits / sizeof limits[0] };

const char *
daemon_limit_name(size_t i)
{
	return i < LIMITS ? limits[i].name : NULL;
}

static int
value(const char *text, rlim_t *v)
{
	long long n;

	if (strcmp(text, "unlimited") == 0) {
		*v = RLIM_INFINITY;
		return 0;
	}
	if (daemon_size_parse(text, &n) == -1)
		return -1;
	*v = (rlim_t)n;
	return 0;
}

int
daemon_limit_parse(const char *text, int *resource, struct rlimit *limit)
{
	size_t i, n = strcspn(text, "=");
	char soft[32], *hard;

	errno = n == 0 || text[n] != '=' ? EINVAL : ENOENT;
	for (i = 0; i < LIMITS; i++)
		if (strlen(limits[i].name) == n &&
		    strncmp(limits[i].name, text, n) == 0)
			break;
	if (i == LIMITS)
		return -1;
	errno = EINVAL;
	if (text[n] != '=' || strlen(text + n + 1) >= sizeof soft)
		return -1;
	(void)strcpy(soft, text + n + 1);
	hard = strchr(soft, ':');
	if (hard != NULL)
		*hard++ = '\0';
	if (value(soft, &limit->rlim_cur) == -1 ||
	    value(hard != NULL ? hard : soft, &limit->rlim_max) == -1)
		return -1;
	if (limit->rlim_cur > limit->rlim_max) {
		errno = EDOM;
		return -1;
	}
	*resource = limits[i].resource;
	return 0;
}

static char *
format(char *p, rlim_t v)
{
	return v == RLIM_INFINITY ? stpcpy(p, "unlimited")
				  : daemon_decimal(p, v);
}

void
daemon_limits_lift(void)
{
	static const int ours[] = { RLIMIT_FSIZE, RLIMIT_NOFILE };
	struct rlimit rl;
	size_t i;

	for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
		if (getrlimit(DAEMON_RESOURCE(ours[i]), &rl) == 0 &&
		    rl.rlim_cur != rl.rlim_max) {
			rl.rlim_cur = rl.rlim_max;
			(void)setrlimit(DAEMON_RESOURCE(ours[i]), &rl);
		}
}

int
daemon_limits_get(struct daemon_list *out)
{
	struct rlimit rl;
	char text[64], *p;
	size_t i;

	for (i = 0; i < LIMITS; i++) {
		if (getrlimit(DAEMON_RESOURCE(limits[i].resource), &rl) == -1)
			continue;
		p = stpcpy(stpcpy(text, limits[i].name), "=");
		p = stpcpy(format(p, rl.rlim_cur), ":");
		(void)format(p, rl.rlim_max);
		if (daemon_list_add(out, text) == -1)
			return -1;
	}
	return 0;
}
