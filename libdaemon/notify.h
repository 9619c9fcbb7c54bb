/* SPDX-License-Identifier: ISC */
/*
 * Talking to whoever supervises us: sd_notify(3)'s protocol, s6's newline,
 * and descriptors handed over as sd_listen_fds(3) has them.  No libsystemd.
 */
#ifndef LIBDAEMON_NOTIFY_H
#define LIBDAEMON_NOTIFY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define DAEMON_LISTEN_FDS_START 3

/*
 * Send state ("READY=1", "STATUS=...", lines separated by newlines) to the
 * socket named by $NOTIFY_SOCKET.
 * Returns 1 if it was sent, 0 if there is nobody to tell, -1/errno.
 * EINVAL: state is empty.  EAFNOSUPPORT: the address is neither an absolute
 * path nor abstract ("@...").  ENAMETOOLONG, or the errors of socket(2) and
 * sendmsg(2).  Reads the environment: not async-signal-safe, thread-safe as
 * far as getenv(3) is.
 */
int daemon_notify(const char *state);

/*
 * Wait until the receiver has dealt with everything sent so far, so that a
 * process about to exit is still known when its message is read.
 * timeout_ms: milliseconds, -1 without limit.
 * Returns 1 when it has, 0 if there is nobody to tell, -1/errno.
 * ETIMEDOUT: it did not answer in time.
 */
int daemon_notify_barrier(int timeout_ms);

/*
 * How many descriptors were handed to us: they are
 * DAEMON_LISTEN_FDS_START and up, and are made close-on-exec.
 * 0 if there are none or they are meant for another process ($LISTEN_PID).
 * unset: not 0 removes LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES from the
 * environment, also on failure.
 * EINVAL: the variables are there but are no numbers.  EBADF: a descriptor
 * is missing.
 */
int daemon_listen_fds(int unset);

/*
 * The descriptor handed over under name ($LISTEN_FDNAMES), or -1.
 * It is made close-on-exec.
 * ENOENT: there is none.  EINVAL, EBADF: as above.  Call it before
 * daemon_listen_fds(1).
 */
int daemon_listen_fd_named(const char *name);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
