/* SPDX-License-Identifier: ISC */
/* By what it is known that a command is ready: --ready.  Pure. */
#ifndef DAEMON_READINESS_H
#define DAEMON_READINESS_H

enum daemon_readiness_kind {
	DAEMON_BY_TIME, /* exec, or alive:TIME: the machine knows */
	DAEMON_BY_FD, /* it writes a newline to descriptor `fd` */
	DAEMON_BY_NOTIFY, /* it says so, as sd_notify(3) does */
	DAEMON_BY_PIDFILE, /* it has detached; `object`, or NULL: one is left */
	DAEMON_BY_TCP, /* `host`, `port` can be connected to */
	DAEMON_BY_UNIX, /* the socket `object` can */
	DAEMON_BY_COMMAND /* the shell command `object` succeeds */
};

struct daemon_readiness_how {
	enum daemon_readiness_kind kind;
	int fd;
	const char *object; /* borrowed from the text */
	char host[256], port[32];
};

/*
 * "fd" (3), "fd:N" (3 to 9), "notify", "pidfile", "pidfile:PATH",
 * "tcp:HOST:PORT" (HOST may be in brackets), "unix:PATH", "cmd:COMMAND"; NULL
 * is BY_TIME.  Paths are absolute.  -1/EINVAL.
 */
int daemon_readiness_parse(struct daemon_readiness_how *h, const char *text);

#endif
