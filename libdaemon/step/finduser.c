/* SPDX-License-Identifier: ISC */
/*
 * From a name or a number to ids.  A text of digits only is a number, and
 * nothing else is: systemd once ran "0day" as root.
 */
#include <sys/types.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../user.h"
#include "getent.h"

/* 1: *id is set; 0: not digits; -1/EINVAL: digits, but no id. */
static int
digits(const char *s, unsigned *id)
{
	unsigned long long n = 0;
	const char *p;

	if (*s == '\0') {
		errno = EINVAL;
		return -1;
	}
	if (strspn(s, "0123456789") != strlen(s))
		return 0;
	for (p = s; *p != '\0'; p++) {
		n = n * 10 + (unsigned)(*p - '0');
		/* (uid_t)-1 is "unchanged" to the kernel, and 65535 was
		 * that in its 16-bit days, and still is to some tools. */
		if (n >= UINT_MAX)
			break;
	}
	if (n >= UINT_MAX || n == 65535) {
		errno = EINVAL;
		return -1;
	}
	*id = (unsigned)n;
	return 1;
}

static char *
copy(const char *s)
{
	return s != NULL ? strdup(s) : NULL;
}

#ifdef LEAN
/* The n-th field of a line with colons, ended in place. */
static char *
field(char *line, int n)
{
	char *p = line;

	while (p != NULL && n-- > 0) {
		p = strchr(p, ':');
		if (p != NULL)
			p++;
	}
	if (p != NULL)
		p[strcspn(p, ":")] = '\0';
	return p;
}

/* A passwd entry as getent prints it, kept in buf (4096 bytes). */
static struct passwd *
ask_user(const char *key, struct passwd *pw, char *buf)
{
	char line[4096];
	char *uid, *gid, *home;
	unsigned id[2];

	if (daemon_getent("passwd", key, line, sizeof line) != 1)
		return NULL;
	home = field(line, 5);
	gid = field(line, 3);
	uid = field(line, 2);
	(void)field(line, 0);
	/* getent reads " 0" and "+1" as numbers; they are no names. */
	if (home == NULL ||
	    (strcmp(line, key) != 0 && digits(key, &id[0]) != 1) ||
	    digits(uid, &id[0]) != 1 || digits(gid, &id[1]) != 1)
		return NULL;
	*pw = (struct passwd){ .pw_uid = id[0], .pw_gid = id[1] };
	pw->pw_name = strcpy(buf, line);
	pw->pw_dir = strcpy(buf + strlen(line) + 1, home);
	return pw;
}

static int
ask_group(const char *key, gid_t *gid)
{
	char line[4096], *p;

	if (daemon_getent("group", key, line, sizeof line) != 1)
		return -1;
	p = field(line, 2);
	(void)field(line, 0);
	return p != NULL && strcmp(line, key) == 0 && digits(p, gid) == 1 ? 0
									  : -1;
}

/* The name, and the groups after it, with blanks between. */
static int
take_groups(struct daemon_user *u, char *line)
{
	size_t n = strlen(u->name);
	char *p, *rest;

	if (strncmp(line, u->name, n) != 0 ||
	    (line[n] != ' ' && line[n] != '\0')) {
		errno = EIO;
		return -1;
	}
	u->groups = reallocarray(u->groups, strlen(line), sizeof *u->groups);
	if (u->groups == NULL)
		return -1;
	u->ngroups = 0;
	u->groups[u->ngroups++] = u->gid;
	for (p = strtok_r(line + n, " ", &rest); p != NULL;
	     p = strtok_r(NULL, " ", &rest))
		if (digits(p, &u->groups[u->ngroups++]) != 1) {
			errno = EIO;
			return -1;
		}
	return 1;
}

/* 1; 0: /etc/group is all there is; -1. */
static int
ask_groups(struct daemon_user *u)
{
	enum { SIZE = 128 * 1024 }; /* ten thousand groups */
	char *line = malloc(SIZE);
	int r = -1, saved;

	if (line == NULL)
		return -1;
	r = daemon_getent("initgroups", u->name, line, SIZE);
	if (r == 1)
		r = take_groups(u, line);
	else if (r == -1 && (errno == ENOENT || errno == EINVAL))
		r = 0;
	saved = errno;
	free(line);
	errno = saved;
	return r;
}
#else
static struct passwd *
ask_user(const char *key, struct passwd *pw, char *buf)
{
	(void)key;
	(void)pw;
	(void)buf;
	return NULL; /* the C library has asked everybody */
}

static int
ask_group(const char *key, gid_t *gid)
{
	(void)key;
	(void)gid;
	return -1;
}

static int
ask_groups(struct daemon_user *u)
{
	(void)u;
	return 0;
}
#endif

static struct passwd *
look_up(const char *user, struct passwd *pw, char **buf)
{
	struct passwd *found = NULL;
	size_t size = 4096;
	unsigned id;
	char *p;
	int kind, e, tries = 0;

	kind = user != NULL ? digits(user, &id) : (id = (unsigned)getuid(), 1);
	if (kind == -1)
		return NULL;
	for (;;) {
		p = realloc(*buf, size);
		if (p == NULL)
			return NULL;
		*buf = p;
		e = kind == 1 ? getpwuid_r(id, pw, p, size, &found)
			      : getpwnam_r(user, pw, p, size, &found);
		if (e == EINTR && tries++ < 10)
			continue;
		if (e != ERANGE)
			break;
		size *= 2;
	}
	if (found == NULL && user != NULL)
		found = ask_user(user, pw, *buf);
	if (found != NULL)
		return found;
	/* "Not found" is 0, or one of these, by the C library's taste. */
	if (e != 0 && e != ENOENT && e != ESRCH && e != EBADF && e != EPERM) {
		errno = e;
		return NULL;
	}
	if (kind != 1) {
		errno = ENOENT;
		return NULL;
	}
	*pw = (struct passwd){ .pw_uid = id, .pw_gid = (gid_t)-1 };
	return pw;
}

static int
find_group(const char *group, gid_t *gid)
{
	struct group *gr;
	unsigned id;
	int kind = digits(group, &id);

	if (kind == -1)
		return -1;
	if (kind == 1) {
		*gid = id;
		return 0;
	}
	errno = 0;
	gr = getgrnam(group);
	if (gr == NULL && ask_group(group, gid) == 0)
		return 0;
	if (gr == NULL) {
		if (errno == 0 || errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	*gid = gr->gr_gid;
	return 0;
}

/* Each once: not every C library sees to that. */
static void
unique(struct daemon_user *u)
{
	size_t i, j, n = 0;

	for (i = 0; i < u->ngroups; i++) {
		for (j = 0; j < n && u->groups[j] != u->groups[i];)
			j++;
		if (j == n)
			u->groups[n++] = u->groups[i];
	}
	u->ngroups = n;
}

static int
list_groups(struct daemon_user *u)
{
	int n = 64, room;
	gid_t *p;

	for (;;) {
		room = n;
		p = reallocarray(u->groups, (size_t)n, sizeof *p);
		if (p == NULL)
			return -1;
		u->groups = p;
		if (u->name == NULL) {
			p[0] = u->gid;
			n = 1;
			break;
		}
		errno = 0;
		if (getgrouplist(u->name, u->gid, p, &n) != -1)
			break;
		if (n <= room) { /* musl: the file could not be read */
			if (errno == 0)
				errno = EIO;
			return -1;
		}
	}
	u->ngroups = (size_t)n;
	return 0;
}

/* The group database's list, the primary group first. */
static int
find_groups(struct daemon_user *u)
{
	int r = u->name != NULL ? ask_groups(u) : 0;

	if (r == 0)
		r = list_groups(u);
	if (r == -1)
		return -1;
	unique(u);
	return 0;
}

int
daemon_user_find(struct daemon_user *u, const char *user, const char *group)
{
	struct daemon_user new = { 0 };
	struct passwd pwbuf, *pw;
	char *buf = NULL;
	int saved;

	pw = look_up(user, &pwbuf, &buf);
	if (pw == NULL)
		goto fail;
	new.uid = pw->pw_uid;
	new.gid = user != NULL ? pw->pw_gid : getgid();
	new.name = copy(pw->pw_name);
	new.home = copy(pw->pw_dir);
	if ((pw->pw_name != NULL && new.name == NULL) ||
	    (pw->pw_dir != NULL && new.home == NULL))
		goto fail;
	if (group != NULL && find_group(group, &new.gid) == -1)
		goto fail;
	if (new.gid == (gid_t)-1) {
		errno = ESRCH; /* a bare number has no primary group */
		goto fail;
	}
	if (find_groups(&new) == -1)
		goto fail;
	free(buf);
	*u = new;
	return 0;
fail:
	saved = errno;
	free(buf);
	daemon_user_clear(&new);
	errno = saved;
	return -1;
}

void
daemon_user_clear(struct daemon_user *u)
{
	free(u->groups);
	free(u->name);
	free(u->home);
	*u = (struct daemon_user){ 0 };
}
