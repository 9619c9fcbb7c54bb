/* SPDX-License-Identifier: ISC */
/* systemd's EnvironmentFile= syntax, systemd.exec(5). */
#ifndef DAEMON_ENVFILE_H
#define DAEMON_ENVFILE_H

#include "../fault.h"
#include "../list.h"

/*
 * Parse text into "NAME=value" entries appended to env; as in systemd, a line
 * that is no such entry is none.  Pure.  -1/EILSEQ: an entry is no UTF-8,
 * EBADMSG: a byte is NUL; *line is where, counted from 1, as values are
 * never part of a message.  -1/ENOMEM.
 */
int daemon_envfile_parse(
    struct daemon_list *env, const char *text, size_t n, unsigned *line);

/* Read and parse file; a leading "-" lets it be missing.  f is filled. */
int daemon_envfile_read(
    struct daemon_list *env, const char *file, struct daemon_fault *f);

#endif
