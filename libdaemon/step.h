/* SPDX-License-Identifier: ISC */
/*
 * The steps of daemonization, one function each (APUE 13.3, daemon(7)).
 * daemon_init() in <libdaemon/init.h> is their sequence.
 *
 * All return 0, or -1 with errno, unless said otherwise, and allocate
 * nothing.  Those marked [async] are async-signal-safe: they may be called
 * between fork and exec of a threaded program.
 */
#ifndef LIBDAEMON_STEP_H
#define LIBDAEMON_STEP_H

#include <sys/types.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Set the file mode creation mask.  [async]
 * mask: permission bits to withhold, at most 0777.
 * EINVAL: other bits are set in mask.
 * APUE sets 0; see libdaemon(7) for why 022 is the better default.
 */
int daemon_umask_set(mode_t mask);

/*
 * Fork after flushing every stdio stream, so that no buffered text is
 * written twice.  Returns 0 in the child, its pid in the caller, -1/errno.
 * EBUSY: the process has more than one thread, and a fork would leave the
 * locks of the others held for ever.  Otherwise the errors of fork(2).
 * A process forked with vfork(2) or clone(2) must not call this.
 */
pid_t daemon_process_fork(void);

/*
 * Start a session of our own, without a controlling terminal.  [async]
 * EPERM: the caller leads a process group (fork first).  See setsid(2).
 */
int daemon_session_start(void);

/*
 * Make path the working directory.  [async]
 * Errors: those of chdir(2).
 */
int daemon_directory_change(const char *path);

/*
 * Close every descriptor above 2 but the nkeep ones in keep, whatever
 * RLIMIT_NOFILE says, also those above a limit that was lowered.  [async]
 * keep may be NULL when nkeep is 0 and need not be sorted; values that are
 * not open, or below 3, are ignored.
 * Errors: none on Linux with close_range(2) or /proc; elsewhere those of
 * getrlimit(2).
 * Libraries that keep a descriptor (syslog(3): call closelog(3) first) find
 * theirs closed.
 */
int daemon_descriptors_close(const int *keep, size_t nkeep);

/*
 * The same, but the descriptors are only marked close-on-exec, and the
 * kept ones are made to survive exec.  [async]
 * EBADF: one in keep is not open.
 */
int daemon_descriptors_seal(const int *keep, size_t nkeep);

/*
 * Make in, out and err the descriptors 0, 1 and 2.  [async]
 * -1 leaves that one as it is.  The originals stay open.  A source may be
 * one of 0, 1, 2, in any permutation.
 * EBADF: one is not open.  EMFILE: no room for a copy.
 */
int daemon_stdio_redirect(int in, int out, int err);

/*
 * Open /dev/null as 0, 1 and 2.  [async]
 * ENODEV: /dev/null is not a character device, something else lies there.
 * Otherwise the errors of open(2).
 */
int daemon_stdio_null(void);

/*
 * Ignore SIGCHLD, so that children leave no zombies.  [async]
 * wait(2) then fails with ECHILD, also inside system(3) and pclose(3).
 */
int daemon_sigchld_ignore(void);

/*
 * Give every signal its default disposition: handlers do not survive exec,
 * but "ignored" does, and what a caller ignored (nohup: SIGHUP) is not what
 * a daemon expects.  [async]
 */
int daemon_signals_reset(void);

/*
 * Block no signal: the mask survives exec.  [async]
 */
int daemon_sigmask_clear(void);

/*
 * How many threads the process has: 1, 2 for "more than one", -1/errno
 * where it cannot be told.
 */
int daemon_threads_count(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
