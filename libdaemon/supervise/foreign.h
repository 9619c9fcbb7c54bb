/* SPDX-License-Identifier: ISC */
/* Descriptors that others have sent us. */
#ifndef DAEMON_FOREIGN_H
#define DAEMON_FOREIGN_H

#include <stddef.h>

/*
 * Close them, and be kept no longer than a moment: the last close of a
 * socket may wait for its peer (SO_LINGER), for as long as the peer likes.
 * The caller has all signals blocked, and no use for SIGALRM.
 */
void daemon_foreign_close(const int *fd, size_t n);

#endif
