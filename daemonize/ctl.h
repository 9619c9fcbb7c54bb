/* SPDX-License-Identifier: ISC */
/* What daemonctl's verbs share. */
#ifndef CTL_H
#define CTL_H

#include <limits.h>

#include "../libdaemon/identity/service.h"
#include "../libdaemon/stop/stop.h"
#include "../libdaemon/supervise/ask.h"
#include "exit.h"
#include "scan.h"

/* What was asked for beside the verb and the names. */
struct ctl {
	const char *verb;
	char path[PATH_MAX]; /* of the pidfile */
	const char *rundir, *pidfile, *exec, *user, *stop, *signal, *scale;
	long long lines; /* of a log: the last ones */
	int64_t since_us; /* of a log: lines that came then or later */
	long long end_ms; /* of a wait, on the steady clock; -1: no limit */
	unsigned given; /* a bit for each option */
	int all, json, quiet, secrets;
	int mute; /* failures to find a target are told elsewhere */
	int patient; /* the verb acts: a start under way is waited for */
	struct daemon_rundirs dirs; /* ours */
	struct daemon_rundirs places; /* to look in: root's, too */
};

/* A service, or a daemon somebody else started. */
struct target {
	char name[DAEMON_NAME_MAX + 1];
	char shown[256]; /* the name, or its pidfile, escaped */
	const char *place; /* one of places: where it was found */
	int rundir; /* that, open; -1: not ours */
	struct daemon_service service;
	struct daemon_definition d;
	struct daemon_status st;
	enum daemon_state state; /* as it is now, not as it was written */
	enum daemon_proof proof;
	int pidfd; /* of the proved process; -1 */
	int asked; /* its supervisor was, to stop it, and has died since */
	int supervised; /* its supervisor was proved to run */
	int recorded; /* there is a record; else it is a stranger */
	int pidfile_left; /* dead, but its pidfile is there */
	pid_t left; /* dead, but this of its tree lives; 0: nothing */
};

/* ctl_fault.c */
/* Print f, which is about what is shown so, and say which status it is. */
int
ctl_fault(const struct ctl *c, const char *shown, const struct daemon_fault *f);

/* Add text to f's reason. */
void ctl_fault_add(struct daemon_fault *f, const char *text);

/* ctl_target.c */
/* Find the service name; CTL_DONE, or a status with a message printed. */
int target_by_name(struct target *t, const struct ctl *c, const char *name);
int target_by_pidfile(struct target *t, const struct ctl *c);
/* Find the same again, after its lock was handed on. */
int target_again(struct target *t, const struct ctl *c);
void target_close(struct target *t);
/* Read the record again, and see what became of it. */
int target_refresh(struct target *t);
/* It could not be, errno says why: the status for that, with a message. */
int target_lost(const struct ctl *c, const struct target *t);
/* Is its lock ours to take at all?  CTL_DONE, or a status with a message. */
int target_may_lock(const struct target *t, const struct ctl *c);
/* Lock its service, and read its record again: a status, with a message
 * printed, or CTL_DONE; with DAEMON_LOCK_NOW also if it cannot be had. */
int target_lock(
    struct target *t, const struct ctl *c, enum daemon_patience patience);
/* Every name there is in dirs, sorted, each once: a status, with a message
 * printed of what could not be looked at, or CTL_DONE. */
int target_names(struct daemon_list *names, const struct ctl *c,
    const struct daemon_rundirs *dirs);
/* How it was started: a status, with a message printed, or CTL_DONE. */
int target_definition(
    const struct target *t, const struct ctl *c, struct daemon_definition *d);
/* The command and its arguments, borrowed from t; -1/ENOMEM. */
int target_command(const struct target *t, struct daemon_list *words);
/* ctl_stranger.c: the arguments of a live process, as /proc has them, into t's
 * definition. */
void target_arguments(struct target *t, pid_t pid);
/* A pidfile without a record. */
int target_stranger(struct target *t, const struct ctl *c,
    const struct daemon_walk *w, const char *base);
/* A pidfile that cannot even be: its directory is not there. */
void target_nobody(struct target *t, const struct ctl *c);

/* ctl_supervisor.c */
/* Instead of a status: there is no supervisor any more. */
enum { SUPERVISOR_GONE = -1 };

/* Until t, which is to have a supervisor, has one, or its lock is ours: who
 * has it is between the two, for a moment.  A status, with a message printed,
 * or CTL_DONE. */
int supervisor_settle(const struct ctl *c, struct target *t);
/* t's supervisor is another program than the installed one. */
int supervisor_is_old(const struct target *t);
/* t's supervisor does not run: somebody has stopped it with a signal. */
int supervisor_is_stopped(const struct target *t);
/* Somebody is to watch over t, and nobody does. */
int supervisor_is_missing(const struct target *t);
/* Ask t's for it, and wait: a status, with a message printed; or CTL_DONE,
 * with text saying more; or SUPERVISOR_GONE. */
int supervisor_ask(const struct ctl *c, struct target *t,
    enum daemon_request_kind kind, char text[DAEMON_PACKET_MAX]);
/* The same for what needs a supervisor: it gets one first if it lacks one, and
 * a message is printed if there is to be none. */
int supervisor_want(const struct ctl *c, struct target *t,
    enum daemon_request_kind kind, char text[DAEMON_PACKET_MAX]);
/* The same for what begins something: if it fails, with its last lines. */
int supervisor_begin(const struct ctl *c, struct target *t,
    enum daemon_request_kind kind, char text[DAEMON_PACKET_MAX]);
/* The same for what makes it run, and say so. */
int supervisor_restart(
    const struct ctl *c, struct target *t, enum daemon_request_kind kind);

/* the verbs, one file each */
int verb_status(const struct ctl *c, struct target *t);
int verb_stop(const struct ctl *c, struct target *t);
/* The same but for the last step: what of its files could not be taken away
 * is told in untidy, and is no failure. */
int
stop_untidy(const struct ctl *c, struct target *t, struct daemon_fault *untidy);
int verb_start(const struct ctl *c, struct target *t);
int verb_restart(const struct ctl *c, struct target *t);
int verb_reload(const struct ctl *c, struct target *t);
int verb_signal(const struct ctl *c, struct target *t);
int verb_scale(const struct ctl *c, struct target *t);
int verb_drain(const struct ctl *c, struct target *t);
/* reload, of workers */
int roll_reload(const struct ctl *c, struct target *t);
int wait_all(const struct ctl *c, const struct daemon_list *names);
int verb_wait(const struct ctl *c, struct target *t);
int verb_show(const struct ctl *c, struct target *t);
int verb_adopt(const struct ctl *c, struct target *t);
int verb_release(const struct ctl *c, struct target *t);
int verb_pause(const struct ctl *c, struct target *t);
int verb_resume(const struct ctl *c, struct target *t);
int verb_upgrade(const struct ctl *c, struct target *t);
int verb_forget(const struct ctl *c, struct target *t);
int list_all(const struct ctl *c, const struct daemon_list *names);
/* wait --ready, --stopped */
int await_all(const struct ctl *c, const struct daemon_list *names);
int await_one(const struct ctl *c, struct target *t);
int verb_logs(const struct ctl *c, const struct target *t);
int logs_all(const struct ctl *c, const struct daemon_list *names);
/* every: those of new services too */
int events_all(const struct ctl *c, const struct daemon_list *names, int every);
int metrics_all(const struct ctl *c, const struct daemon_list *names);
/* Their statuses are Nagios'. */
int check_all(const struct ctl *c, const struct daemon_list *names);
/* The same where none of them is to be had. */
int check_nothing(const char *why);

#endif
