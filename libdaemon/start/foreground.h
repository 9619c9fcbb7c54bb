/* SPDX-License-Identifier: ISC */
/* Whether somebody supervises us already, so that we must not detach. */
#ifndef DAEMON_FOREGROUND_H
#define DAEMON_FOREGROUND_H

#include <sys/types.h>

enum daemon_foreground {
	DAEMON_DETACH, /* nobody does */
	DAEMON_STAY_ASKED, /* the program wants to stay */
	DAEMON_STAY_INIT, /* we are pid 1 */
	DAEMON_STAY_LISTEN, /* LISTEN_PID is us */
	DAEMON_STAY_SYSTEMD, /* SYSTEMD_EXEC_PID is us */
	DAEMON_STAY_SUPERVISED, /* DAEMONIZE_SUPERVISED is us */
	DAEMON_STAY_TOLD, /* DAEMON_FOREGROUND=1 */
	DAEMON_STAY_NOTIFY /* NOTIFY_SOCKET, and our parent is pid 1 */
};

/* All that the decision depends on; NULL: the variable is not set. */
struct daemon_foreground_facts {
	pid_t pid, ppid;
	int asked;
	const char *listen_pid;
	const char *systemd_exec_pid;
	const char *daemonize_supervised;
	const char *daemon_foreground;
	const char *notify_socket;
};

/* Pure. */
enum daemon_foreground
daemon_foreground_decide(const struct daemon_foreground_facts *f);

/* The facts of this process; the texts belong to the environment. */
void daemon_foreground_gather(struct daemon_foreground_facts *f, int asked);

#endif
