/* SPDX-License-Identifier: ISC */
/* The directory of one service, and how it is named. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "service.h"

int
daemon_name_ok(const char *name)
{
	size_t n = strlen(name);

	return n >= 1 && n <= DAEMON_NAME_MAX && name[0] != '.' &&
	    name[0] != '-' &&
	    strspn(name,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789_.@:-") == n;
}

/* FNV-1a: the name only has to differ between honest paths; whoever can
 * choose a path that collides can also choose the same path. */
static uint64_t
hash(uint64_t h, const char *s)
{
	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

void
daemon_name_of_pidfile(
    char name[DAEMON_NAME_MAX + 1], const char *realdir, const char *base)
{
	uint64_t h = 0xcbf29ce484222325u;
	char *p = name;
	int shift;

	h = hash(hash(hash(h, realdir), "/"), base);
	*p++ = '%';
	p = mempcpy(p, base, strnlen(base, 40));
	*p++ = '-';
	for (shift = 60; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[h >> shift & 15];
	*p = '\0';
	for (p = name; *p != '\0'; p++)
		if ((unsigned char)*p < 0x21 || *p == 0x7f)
			*p = '_';
}

int
daemon_service_open(struct daemon_service *s, int rundir, const char *name,
    struct daemon_fault *f)
{
	s->lock = -1;
	s->dir = openat(
	    rundir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return s->dir == -1 ? daemon_fault_set(f, "lock", name, NULL) : 0;
}

void
daemon_service_close(struct daemon_service *s)
{
	int saved = errno;

	if (s->lock != -1)
		(void)close(s->lock);
	if (s->dir != -1)
		(void)close(s->dir);
	*s = DAEMON_SERVICE_NONE;
	errno = saved;
}

void
daemon_service_discard(
    const struct daemon_service *s, int rundir, const char *name)
{
	if (faccessat(s->dir, DAEMON_RECORD_PUBLIC, F_OK, 0) == 0 ||
	    faccessat(s->dir, DAEMON_RECORD_STATE, F_OK, 0) == 0)
		return;
	(void)unlinkat(s->dir, "name", 0);
	(void)unlinkat(s->dir, DAEMON_JOURNAL, 0);
	(void)unlinkat(s->dir, DAEMON_JOURNAL_BEFORE, 0);
	(void)unlinkat(s->dir, "lock", 0);
	(void)unlinkat(rundir, name, AT_REMOVEDIR);
}

int
daemon_service_alias(int dir, char name[DAEMON_NAME_MAX + 1])
{
	char target[DAEMON_NAME_MAX + 2];
	ssize_t n = readlinkat(dir, "name", target, sizeof target);

	if (n == -1)
		return -1;
	if (n > DAEMON_NAME_MAX) {
		errno = ENOENT;
		return -1;
	}
	target[n] = '\0';
	if (!daemon_name_ok(target)) {
		errno = ENOENT;
		return -1;
	}
	(void)strcpy(name, target);
	return 0;
}

int
daemon_service_set_alias(int dir, const char *name)
{
	if (unlinkat(dir, "name", 0) == -1 && errno != ENOENT)
		return -1;
	return symlinkat(name, dir, "name");
}
