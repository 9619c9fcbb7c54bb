/* SPDX-License-Identifier: ISC */
/* s6's way to say "ready": a newline on a descriptor, then closing it. */
#ifndef DAEMON_NEWLINE_H
#define DAEMON_NEWLINE_H

/* The descriptor in $DAEMON_READY_FD, or -1: errno 0 where there is none,
 * EINVAL where it is no number. */
int daemon_newline_fd(void);

/* 1: written, 0: there is nobody to tell, -1/errno.  Never SIGPIPE. */
int daemon_newline_send(void);

#endif
