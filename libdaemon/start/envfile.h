/* SPDX-License-Identifier: ISC */
/* systemd's EnvironmentFile= syntax, systemd.exec(5). */
#ifndef DAEMON_ENVFILE_H
#define DAEMON_ENVFILE_H

#include "../fault.h"
#include "../list.h"

/*
 * Parse text into "NAME=value" entries appended to env.  Pure.
 * -1/EINVAL with *line the first bad line's number (values are never part
 * of a message), or ENOMEM.
 */
int daemon_envfile_parse(
    struct daemon_list *env, const char *text, size_t n, unsigned *line);

/* Read and parse file; a leading "-" lets it be missing.  f is filled. */
int daemon_envfile_read(
    struct daemon_list *env, const char *file, struct daemon_fault *f);

#endif
