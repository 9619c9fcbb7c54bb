/* SPDX-License-Identifier: ISC */
/* Supervising what has a name. */
#ifndef DAEMON_SERVE_H
#define DAEMON_SERVE_H

#include "supervisor.h"

enum daemon_serving {
	DAEMON_SERVE_START, /* a service of which nothing runs */
	DAEMON_SERVE_ADOPT, /* one whose supervisor died */
	DAEMON_SERVE_UPGRADE, /* ours, as what we were before */
	DAEMON_SERVE_CHECK /* none: only see whether we could */
};

/*
 * Supervise until it is over, as daemon_supervise(); if s has a service, which
 * is locked, it is recorded and can be asked for things meanwhile.  sockets:
 * those it listens at, daemon_store_text().
 * -1 with f filled: nothing was started or signalled.
 */
int daemon_supervisor_serve(
    struct daemon_supervisor *s, const char *sockets, struct daemon_fault *f);

/* What a CHECK says to whoever asked, if it could. */
#define DAEMON_CHECK_YES "daemonize-supervisor 1: yes\n"

struct daemon_serve {
	enum daemon_serving how;
	int dir; /* of the service */
	int lock; /* locked */
	int launcher; /* a pipe for the verdict; -1.  UPGRADE: of who asked */
	int notify; /* UPGRADE: the socket behind NOTIFY_SOCKET; -1 */
	int output[2]; /* UPGRADE: the pipes to its keeper; -1 */
	const char *stored; /* START, UPGRADE: daemon_store_text(); NULL */
	const char *title; /* what ps(1) shows of us */
};

/*
 * A supervisor of its own: read the snapshot, supervise until it is over.  Takes the descriptors.
 * 0; -1, and the launcher was told why: nothing was started or signalled.
 */
int daemon_serve(const struct daemon_serve *how);

#endif
