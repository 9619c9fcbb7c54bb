/* SPDX-License-Identifier: ISC */
/*
 * What is on disk of a service.
 *
 * Two files in its directory.  "state", mode 0600, is its definition: all
 * that is needed to start it again.  "public", mode 0644, is who it is now
 * and what of the definition everybody may know (no environment).  Both are
 * a first line naming the format and its version, then fields
 *
 *     KEY LENGTH\n
 *     LENGTH bytes\n
 *
 * and a last field "end 0".  Length-checked, so no text a client chose can
 * forge a field; readable with cat.
 */
#ifndef DAEMON_RECORD_H
#define DAEMON_RECORD_H

#include <stddef.h>

#include "../fault.h"
#include "../list.h"
#include "process.h"

#define DAEMON_RECORD_FORMAT "daemonize-record 1\n"
#define DAEMON_RECORD_PUBLIC "public"
#define DAEMON_RECORD_STATE  "state"

/* What the user asked for.  One table in fields.c names every member. */
struct daemon_definition {
	char *name; /* -n, or %BASE-HASH of the pidfile */
	char *pidfile, *lockfile; /* as text, absolute */
	char *supervisor_pidfile; /* -P; absolute */
	char *title; /* of the supervisor in ps(1); NULL: the usual one */
	char *syslog_tag; /* -T; NULL: the name */
	char *syslog; /* "daemon.info"; NULL: not */
	char *user, *group; /* as given */
	char *cwd, *root;
	char *command; /* what is executed: a path, or a name for PATH */
	char *in, *out, *err;
	char *check; /* shell command that must succeed first */
	char *stop; /* schedule, in start-stop-daemon's syntax */
	char *starter; /* who started it: user name or uid */
	char *cgroup; /* the path of its own; NULL: there is none */
	char *memory_group; /* and that of its memory */
	char *max_memory; /* a size; NULL: no limit */
	char *mark; /* what its processes have as DAEMONIZE_ID; NULL */
	char *restart; /* always, on-failure, never; NULL: not supervised */
	char *restart_delay; /* before each; NULL: growing */
	char *max_restarts; /* "N/TIME"; NULL: no limit */
	char *success_status, *final_status; /* NULL: the usual ones */
	char *ready; /* "notify" and the like; NULL: ready_ms says it */
	char *ready_timeout; /* NULL: a minute */
	char *watchdog, *max_runtime; /* NULL: none */
	char *log; /* a file, "none", "-"; NULL: the usual one */
	char *log_size, *log_age; /* NULL: no limit */
	char *log_timestamps; /* "iso" and the like; NULL: none */
	char *log_compress; /* "gzip", "zstd"; NULL: not */
	char *listen_env; /* "nginx": sockets in its way, too; NULL */
	char *drain; /* schedule, before stop's, of who is to end in peace */
	char *reload; /* of workers: "rolling" and the like; NULL: that */
	char *cpus; /* where workers run: "auto", or a list; NULL: anywhere */
	char *before, *on_ready, *on_exit, *on_failed; /* shell commands */
	struct daemon_list argv; /* as the command sees it */
	struct daemon_list env; /* what was inherited, cleaned */
	struct daemon_list set; /* -E */
	struct daemon_list env_files; /* "-" before one that may be missing */
	struct daemon_list limits; /* --rlimit: "nofile=1024:4096" */
	struct daemon_list inherited; /* limits of the starter, all */
	struct daemon_list keep; /* descriptors, decimal */
	struct daemon_list listen; /* addresses, as text */
	struct daemon_list agents; /* "NAME=CMD" */
	struct daemon_list agent_how; /* of each "every=5m once", or "" */
	long long umask, nice;
	long long append; /* -a */
	long long truncate; /* -o or -e without -a: only the first time */
	long long ignore_sigchld;
	long long foreground; /* -F: not to be started again by us */
	long long ready_ms; /* --ready=alive:TIME; -1: exec */
	long long keep_trying; /* also if the first attempt failed */
	long long captured; /* a keeper writes out, which is err, too */
	long long log_files, log_tags, log_block;
	long long backlog, reuseport; /* of what listens; 0: the usual */
	long long workers; /* -w; 0: one instance, and no pool of them */
	int renice; /* not recorded: nice was asked for */
	int again; /* not recorded: set the inherited limits, too */
	int calls; /* not recorded: a function, instead of the command */
};

/* -p X -l X: the pid is written into the locked file. */
int daemon_definition_in_place(const struct daemon_definition *d);

enum { DAEMON_MARK_MAX = 128 };

/* "DAEMONIZE_ID=MARK", in buf; NULL: it has none. */
const char *daemon_definition_mark(
    char buf[DAEMON_MARK_MAX], const struct daemon_definition *d);

/* A closed list everywhere; the words are in daemon_state_word(). */
enum daemon_state {
	DAEMON_STATE_STARTING,
	DAEMON_STATE_READY,
	DAEMON_STATE_RELOADING,
	DAEMON_STATE_STOPPING,
	DAEMON_STATE_BACKOFF,
	DAEMON_STATE_FAILED,
	DAEMON_STATE_STOPPED,
	DAEMON_STATE_EXITED,
	DAEMON_STATE_PAUSED,
	DAEMON_STATE_UNSUPERVISED
};

enum { DAEMON_STATES = DAEMON_STATE_UNSUPERVISED + 1 };

const char *daemon_state_word(enum daemon_state s);

/* Nothing follows by itself: failed, stopped, exited. */
int daemon_state_is_final(enum daemon_state s);

/* Who it is now. */
struct daemon_status {
	enum daemon_state state;
	struct daemon_identity id;
	long long since; /* of the state, ms of the epoch */
	long long started; /* ms of the epoch */
	char *step, *object, *reason; /* of the failure; NULL */
	long long code; /* exit status of the failure */
	char *ended; /* how it ended, in words; NULL: not known */

	/* Of a supervised one. */
	struct daemon_identity supervisor; /* pid 0: none */
	struct daemon_identity keeper; /* of its log; pid 0: none */
	struct daemon_list ends; /* the last ones, oldest first: "MS HOW" */
	char *says; /* what it said of itself; NULL */
	long long stopping; /* it is to be stopped, and not to run again */
	long long restarts; /* since it was started */
	long long next; /* of a backoff: ms of the epoch */
	/* What the next supervisor goes on from; times in ms, on the steady
	 * clock as of stamp. */
	long long stamp, quick, often, window_left, health_left, runtime_left;
	char *program; /* the supervisor's: daemon_upgrade_program() */

	/* Of workers: how many there are to be, how many are ready; which
	 * generation serves, and whether another is being tried. */
	long long wanted, working, generation, trying;
	long long drained; /* there are none, until resume */
	long long
	    ended_status; /* of the last that ended, as wait(2) has it, and
	    one; 0: not known */
};

void daemon_definition_clear(struct daemon_definition *d);

/*
 * A line for everything that was asked for in one and not in the other:
 * "stop: TERM/30 -> TERM/5"; of variables and the check only the key.  What
 * the starter merely brought along (environment, limits, priority) is no
 * difference.  -1/ENOMEM.
 */
int daemon_definition_differ(struct daemon_list *lines,
    const struct daemon_definition *was, const struct daemon_definition *is);
void daemon_status_clear(struct daemon_status *s);

/* Of one of its ends: when, ms of the epoch; *how: what is behind that. */
long long daemon_end_read(const char *end, const char **how);

/* How the last of them was; NULL: there is none. */
const char *daemon_status_last_end(const struct daemon_status *s);

/* The bytes of "state". */
int daemon_record_state(
    struct daemon_bytes *out, const struct daemon_definition *d);

/*
 * The bytes of "public", but for the identity and the end: these are
 * appended by daemon_record_tail(), by the process that is meant.
 */
int daemon_record_public(struct daemon_bytes *out,
    const struct daemon_definition *d, const struct daemon_status *s);

enum { DAEMON_RECORD_TAIL_MAX = 512 };

/* Returns the length.  Async-signal-safe. */
size_t daemon_record_tail(
    char buf[DAEMON_RECORD_TAIL_MAX], const struct daemon_identity *id);

/*
 * Read bytes back; s may be NULL.  Unknown keys are skipped (a newer
 * version may add some; one that changes meaning changes the first line).
 * EPROTO: not a record, another version, or damaged; ENOMEM.
 */
int daemon_record_parse(struct daemon_definition *d, struct daemon_status *s,
    const char *p, size_t n);

/* The bytes of file in the service directory dir; errors as below. */
int daemon_record_load(int dir, const char *file, struct daemon_bytes *b);

/* Read file in the service directory dir.  ENOENT: no record.  EPROTO,
 * EPERM (not a regular file of root's or ours), or open(2)'s. */
int daemon_record_read(int dir, const char *file, struct daemon_definition *d,
    struct daemon_status *s);

/* That it could not be (errno): f, about name, with the file's path. */
int daemon_record_fault(
    struct daemon_fault *f, const char *name, int dir, const char *file);

/* The mark of the service in dir, which is in its "state". */
const char *daemon_record_mark(int dir, char buf[DAEMON_MARK_MAX]);

/* Write "public" whole: d, s and the identity in s. */
int daemon_record_publish(
    int dir, const struct daemon_definition *d, const struct daemon_status *s);

/*
 * A descriptor of a file without a name on dir's file system that is as large
 * as what a start of d writes there: once it is closed, there is room.
 * -1/errno, as the start would have met it; EOPNOTSUPP: no such files there.
 */
int daemon_record_reserve(int dir, const struct daemon_definition *d);

/* Replace file in dir, atomically.  Async-signal-safe. */
int daemon_record_write(int dir, const char *file, const char *head,
    size_t nhead, const char *tail, size_t ntail);

#endif
