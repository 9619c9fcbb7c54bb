/* SPDX-License-Identifier: ISC */
/* Acting from within a directory, and the paths of descriptors. */
#ifndef DAEMON_AT_H
#define DAEMON_AT_H

#include <sys/types.h>

#include <dirent.h>

enum {
	DAEMON_AT_NAME = 40 /* bytes */
};

/*
 * The descriptor fd as a path of /proc, for what takes paths alone, or to open
 * the same file anew.  buf.  May be called between fork and exec.
 */
const char *daemon_at_name(int fd, char buf[DAEMON_AT_NAME]);

/*
 * The path of what fd has open, as it is now, into buf of size bytes.
 * Its length; -1/errno, ENAMETOOLONG, and buf is empty.
 */
ssize_t daemon_at_path(int fd, char *buf, size_t size);

/*
 * Call act(arg) with dir as the working directory, for what knows no
 * descriptors of directories (the short path in a socket's address), and
 * come back; to / where the way back is lost.
 * What act returned; -1/errno if dir could not be entered.
 */
int daemon_at(int dir, int (*act)(void *arg), void *arg);

/*
 * Bind the socket fd to name in dir, in the place of whatever is there, with
 * that mode; a path in a socket's address is short, and this one is as short
 * as it can be.  -1/errno.
 */
int daemon_at_bind(int dir, const char *name, int fd, mode_t mode);

/* Connect the socket fd to name in dir.  -1/errno. */
int daemon_at_connect(int dir, const char *name, int fd);

/* Read the directory path in dir, for closedir(3).  NULL/errno. */
DIR *daemon_at_list(int dir, const char *path);

/* Remove the files in dir, but that of this name; directories stay. */
void daemon_at_empty(int dir, const char *but);

/* A directory, of mode 0755 under any umask; one that is there is as good.
 * -1/errno. */
int daemon_at_make(int dir, const char *name);

#endif
