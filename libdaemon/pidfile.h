/* SPDX-License-Identifier: ISC */
/*
 * A pidfile that can be trusted: in directories only root, we or the
 * daemon's user can change, never through a symbolic link, complete the
 * moment it appears, locked while its owner lives, removed by its owner.
 * In the manner of FreeBSD's pidfile(3), without its gaps.
 */
#ifndef LIBDAEMON_PIDFILE_H
#define LIBDAEMON_PIDFILE_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct daemon_pidfile;

/*
 * Check the way to path (absolute), refuse what is not a pidfile, and lock it
 * against others of our kind.  The lock is not on the file, which anybody who
 * can read it may lock, but on one of mode 0600 in our run directory; it is
 * the lock that daemonize -p takes for the same file.
 * owner: a uid trusted beside root and the caller (the one the daemon will
 * run as), or (uid_t)-1.
 * other: if not NULL, receives the pid of whoever is running on EEXIST, or
 * -1 if it has not written one.
 * Returns a handle (close-on-exec descriptors; free it with
 * daemon_pidfile_close() or _remove()), or NULL/errno:
 * EEXIST: a daemon holds it.  ELOOP: a symbolic link.  EPERM: the file or a
 * directory belongs to, or can be written by, somebody else; or it has two
 * names.  EINVAL: it is not a regular file, or holds something other than
 * a pid.  Otherwise the errors of open(2).
 * The handle survives fork; both sides then hold the lock.
 */
struct daemon_pidfile *
daemon_pidfile_open(const char *path, uid_t owner, pid_t *other);

/*
 * Write the calling process's pid: a temporary file, renamed, 0644.  May be
 * repeated, after a fork.  Its identity goes on record with it, and from then
 * on keeps others out even if the lock is let go of.
 * Errors: those of open(2), write(2), rename(2).  Async-signal-safe.
 */
int daemon_pidfile_write(struct daemon_pidfile *pf);

/*
 * The n-th of the handle's descriptors, from 0 on; -1 past the last, and for
 * NULL.  Whoever closes descriptors leaves these open, or closes the handle
 * first: daemon_init() and daemon_descriptors_close() have a list for that.
 * Async-signal-safe.
 */
int daemon_pidfile_descriptor(const struct daemon_pidfile *pf, unsigned n);

/* Forget the handle and its lock (if no other process shares it); the file
 * stays.  NULL is allowed; errno is kept. */
void daemon_pidfile_close(struct daemon_pidfile *pf);

/*
 * Remove the file, if it is still the one this handle wrote, then as
 * daemon_pidfile_close().
 * ESTALE: it has been replaced, and is left alone.
 */
int daemon_pidfile_remove(struct daemon_pidfile *pf);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
