/* SPDX-License-Identifier: ISC */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "../at.h"
#include "census.h"
#include "record.h"
#include "service.h"

enum { SOME = 64 };

/* Without memory nobody more is. */
static void
know(struct daemon_census *c, const struct daemon_identity *id)
{
	struct daemon_identity *p;

	if (id->pid == 0)
		return;
	if (c->n == c->room) {
		p = reallocarray(c->known, c->room + SOME, sizeof *p);
		if (p == NULL)
			return;
		c->known = p;
		c->room += SOME;
	}
	c->known[c->n++] = *id;
}

static void
read_record(struct daemon_census *c, int rundir, const char *name)
{
	struct daemon_definition d = { 0 };
	struct daemon_status st = { 0 };
	struct daemon_service service;

	if (daemon_service_open(&service, rundir, name, NULL) == -1)
		return;
	if (daemon_record_read(service.dir, DAEMON_RECORD_PUBLIC, &d, &st) ==
		0 &&
	    !d.foreground && d.argv.n > 0) {
		know(c, &st.supervisor);
		know(c, &st.keeper);
		know(c, &st.id);
	}
	daemon_definition_clear(&d);
	daemon_status_clear(&st);
	daemon_service_close(&service);
}

void
daemon_census_take(struct daemon_census *c, int dir, const char *name)
{
	DIR *all = daemon_at_list(dir, "..");
	const struct dirent *e;

	*c = (struct daemon_census){ .known = NULL };
	while (all != NULL && (e = readdir(all)) != NULL)
		if (e->d_name[0] != '.' && strcmp(e->d_name, name) != 0)
			read_record(c, dirfd(all), e->d_name);
	if (all != NULL)
		(void)closedir(all);
}

void
daemon_census_clear(struct daemon_census *c)
{
	free(c->known);
	*c = (struct daemon_census){ .known = NULL };
}

int
daemon_census_has(const struct daemon_census *c, pid_t pid)
{
	return daemon_identity_among(c->known, c->n, pid);
}
