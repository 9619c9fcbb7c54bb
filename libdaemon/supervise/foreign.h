/* SPDX-License-Identifier: ISC */
/*
 * Descriptors that others have sent us.  The last close of a socket may wait
 * for its peer (SO_LINGER), for as long as the peer likes; and whatever is
 * received without room for what came with it closes that.
 *
 * The caller has all signals blocked, and no use for SIGALRM.
 */
#ifndef DAEMON_FOREIGN_H
#define DAEMON_FOREIGN_H

#include <sys/types.h>

#include <stddef.h>

/* Between the two nothing of that keeps us longer than a moment. */
void daemon_foreign_begin(void);
void daemon_foreign_end(void); /* errno stays */

/* Close them so. */
void daemon_foreign_close(const int *fd, size_t n);

/* recv(2) so. */
ssize_t daemon_foreign_recv(int fd, void *buf, size_t size, int flags);

#endif
