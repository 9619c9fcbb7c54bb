/* SPDX-License-Identifier: ISC */
/*
 * Who the daemon runs as: found before the fork, dropped to after it, and
 * proved irreversible.
 */
#ifndef LIBDAEMON_USER_H
#define LIBDAEMON_USER_H

#include <sys/types.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Filled by daemon_user_find(); free with daemon_user_clear(). */
struct daemon_user {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* the complete list, gid included */
	size_t ngroups;
	char *name; /* NULL: a bare number without a passwd entry */
	char *home; /* NULL likewise */
};

/*
 * Resolve a user, and a group if one is given, by name or by number.
 * user: "www", "33", or NULL for the caller's own ids; group: "adm", "4",
 * or NULL for the user's primary group.  A text of digits only is a number
 * and nothing else is: "0day", "0x0", "+1", "-1" are names, and unknown.
 * Supplementary groups come from the group database; with an explicit group
 * the primary one is replaced by it.
 * ENOENT: no such user.  ESRCH: no such group, or a user's number without an
 * entry and no group given.  EINVAL: empty text, or a number that is no id
 * (4294967295 means "unchanged" to the kernel, and 65535 did).
 * ENOMEM, or what the name service reported.
 * Allocates; asks the name service, so not async-signal-safe: call before
 * fork and before chroot.  *u is untouched on failure.
 */
int
daemon_user_find(struct daemon_user *u, const char *user, const char *group);

void daemon_user_clear(struct daemon_user *u);

/*
 * Become u for good: setgroups, setresgid, setresuid, in this order, each
 * checked, then read back, then an attempt to regain root, which must fail.
 * Async-signal-safe.  A process that already has exactly these ids succeeds
 * without privilege.
 * EPERM: not permitted; or the ids could be regained, in which case the
 * process must not go on.  EAGAIN: the user's RLIMIT_NPROC is reached.
 */
int daemon_user_drop(const struct daemon_user *u);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
