/* SPDX-License-Identifier: ISC */
/* Reaching a directory over nothing that others can change. */
#ifndef DAEMON_WALK_H
#define DAEMON_WALK_H

#include <sys/types.h>

#include <limits.h>

#include "../fault.h"

struct daemon_walk {
	int fd; /* the directory, O_PATH, close-on-exec; -1 */
	uid_t foreign; /* an owner beside root and us, or (uid_t)-1: the
	    caller says whether he is trusted */
	char path[PATH_MAX]; /* its real path, without symbolic links */
};

/*
 * Walk to the directory dir (absolute).  Every component must be owned by
 * root, by us, or by one third uid that is handed back, and must not be
 * writable by group or world unless sticky; a symbolic link is followed
 * only if root or we own it.
 * Returns 0, or -1 with f filled (step as given) and errno: EPERM for what
 * is not safe.
 */
int daemon_walk_to(struct daemon_walk *w, const char *dir, const char *step,
    struct daemon_fault *f);

/* The same for the directory of file; *base points to its last component,
 * inside file.  EISDIR: there is none ("/", "x/", "..", "."). */
int daemon_walk_to_parent(struct daemon_walk *w, const char *file,
    const char **base, const char *step, struct daemon_fault *f);

/* Is everything on the way root's, ours or owner's?  -1/EPERM, f filled. */
int daemon_walk_trusted(const struct daemon_walk *w, uid_t owner,
    const char *step, const char *path, struct daemon_fault *f);

#endif
