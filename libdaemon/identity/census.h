/* SPDX-License-Identifier: ISC */
/*
 * Who is on record in a run directory: services of their own, whoever started
 * them, and whose children they are.
 */
#ifndef DAEMON_CENSUS_H
#define DAEMON_CENSUS_H

#include "process.h"

struct daemon_census {
	struct daemon_identity *known;
	size_t n, room;
};

/*
 * The supervisors and main processes of those beside the service in dir, called
 * name; but not of one in the foreground, nor of a program that has written its
 * own record: they are what whoever started them had in mind.  What cannot be
 * read is nobody.  Clear it.
 */
void daemon_census_take(struct daemon_census *c, int dir, const char *name);
void daemon_census_clear(struct daemon_census *c);

/* Is pid one of them, and lives? */
int daemon_census_has(const struct daemon_census *c, pid_t pid);

#endif
