/* SPDX-License-Identifier: ISC */
/*
 * To detach or not.  A variable that names a pid counts only if it names
 * ours: it is inherited by everything a supervised program starts, also by
 * a shell in which somebody starts a daemon that is to detach.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "foreground.h"

/* Exactly our pid, as everybody writes it; " 7", "+7" and "07" are not. */
static int
names(const char *text, pid_t pid)
{
	char ours[24];

	(void)snprintf(ours, sizeof ours, "%ld", (long)pid);
	return text != NULL && strcmp(text, ours) == 0;
}

enum daemon_foreground
daemon_foreground_decide(const struct daemon_foreground_facts *f)
{
	if (f->asked)
		return DAEMON_STAY_ASKED;
	if (f->pid == 1)
		return DAEMON_STAY_INIT;
	if (names(f->listen_pid, f->pid))
		return DAEMON_STAY_LISTEN;
	if (names(f->systemd_exec_pid, f->pid))
		return DAEMON_STAY_SYSTEMD;
	if (names(f->daemonize_supervised, f->pid))
		return DAEMON_STAY_SUPERVISED;
	if (f->daemon_foreground != NULL &&
	    strcmp(f->daemon_foreground, "1") == 0)
		return DAEMON_STAY_TOLD;
	if (f->notify_socket != NULL && f->notify_socket[0] != '\0' &&
	    f->ppid == 1)
		return DAEMON_STAY_NOTIFY;
	return DAEMON_DETACH;
}

void
daemon_foreground_gather(struct daemon_foreground_facts *f, int asked)
{
	*f = (struct daemon_foreground_facts){
		.pid = getpid(),
		.ppid = getppid(),
		.asked = asked,
		.listen_pid = getenv("LISTEN_PID"),
		.systemd_exec_pid = getenv("SYSTEMD_EXEC_PID"),
		.daemonize_supervised = getenv("DAEMONIZE_SUPERVISED"),
		.daemon_foreground = getenv("DAEMON_FOREGROUND"),
		.notify_socket = getenv("NOTIFY_SOCKET"),
	};
}
