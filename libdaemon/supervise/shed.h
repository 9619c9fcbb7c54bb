/* SPDX-License-Identifier: ISC */
#ifndef DAEMON_SHED_H
#define DAEMON_SHED_H

struct daemon_supervisor;

/* In the child that is s's instance, and executes nothing: close what it has
 * inherited of the supervisor, but for s's sockets and its end of the channel. */
void daemon_supervisor_shed(const struct daemon_supervisor *s);

#endif
