/* SPDX-License-Identifier: ISC */
/* Asking getent(1), for builds whose C library reads only /etc. */
#ifndef DAEMON_GETENT_H
#define DAEMON_GETENT_H

#include <stddef.h>

/*
 * The first line of `getent database key`, without its newline, run by
 * absolute path with an empty environment.  1: found; 0: getent says there
 * is none; -1/errno: it could not be asked (ENOENT: there is no getent;
 * EINVAL: it knows no such database; E2BIG: more than fits into line).
 */
int
daemon_getent(const char *database, const char *key, char *line, size_t size);

#endif
