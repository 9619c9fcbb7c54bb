/* SPDX-License-Identifier: ISC */
/*
 * Which process is meant: a pid says nothing once its process has died, so
 * an identity is a pid and what cannot be taken over with it.
 */
#ifndef DAEMON_PROCESS_H
#define DAEMON_PROCESS_H

#include <sys/types.h>

#include <stddef.h>

struct daemon_identity {
	pid_t pid;
	unsigned long long start; /* clock ticks after boot; 0: unknown */
	unsigned long long pidfd; /* the pidfd's inode; 0: kernel < 6.9 */
	unsigned long long pidns; /* the pid namespace's inode; 0: unknown */
	pid_t session; /* the one made for it; 0: not known, or its caller's */
	char boot[40]; /* the kernel's boot id; "": unknown */
};

/* What /proc/PID/stat tells. */
struct daemon_process_stat {
	pid_t pid, ppid, pgrp, session;
	char state; /* R S D T Z ... */
	unsigned flags; /* PF_* of the kernel */
	unsigned long long faults; /* pages it touched for the first time */
	unsigned long long utime, stime, start; /* clock ticks */
	unsigned long long code; /* its program's address, or 1 if that is no
				  * business of ours; 0: no program (yet) */
	int exit_code; /* of a zombie, as wait(2) has it; 0 to strangers */
};

/* The kernel's: has forked and not executed yet; is on its way out. */
#define DAEMON_PF_FORKNOEXEC 0x40u
#define DAEMON_PF_EXITING    0x4u

enum daemon_proof {
	DAEMON_PROOF_ALIVE, /* it is this process, and it runs */
	DAEMON_PROOF_DEAD, /* it is not there any more, or a zombie */
	DAEMON_PROOF_ELSEWHERE, /* another pid namespace: cannot be told */
	DAEMON_PROOF_UNKNOWN /* errno: the system would not tell */
};

/* Where we are: boot and pidns of id, left unknown where /proc is not
 * mounted.  -1/errno: they are there, and could not be read. */
int daemon_identity_here(struct daemon_identity *id);

/* Who we are: pid, start and pidfd of id.  -1/errno: neither of the two
 * could be had.  Async-signal-safe. */
int daemon_identity_self(struct daemon_identity *id);

/* The identity of pid as it is now.  -1/ESRCH: no such process. */
int daemon_identity_of(struct daemon_identity *id, pid_t pid);

/*
 * Find the process of id.  The pidfd is taken first and the proof made
 * afterwards, so that what is proved is what the pidfd holds.
 * Returns a pidfd (close-on-exec) with *proof ALIVE; or -1 with *proof
 * saying DEAD, ELSEWHERE or UNKNOWN (errno); or -1/errno with *proof ALIVE where it runs but
 * no pidfd could be had (EMFILE, ENOSYS).
 */
int daemon_identity_open(
    const struct daemon_identity *id, enum daemon_proof *proof);

/* The same where nothing more is wanted of it. */
enum daemon_proof daemon_identity_prove(const struct daemon_identity *id);

/* Is pid one of these n, and lives? */
int
daemon_identity_among(const struct daemon_identity *id, size_t n, pid_t pid);

/*
 * What /proc tells of ourselves.  Where it was mounted for another pid
 * namespace, its numbers are not ours: all that is looked up by number is
 * then about strangers, and it counts as absent.
 */
struct daemon_proc_self {
	int ours;
	int told; /* the following is known */
	unsigned long long ignored; /* SigIgn */
};

void daemon_proc_self(struct daemon_proc_self *self);

/* Read /proc/PID/stat (PID 0: our own).  0, or -1/errno (ESRCH).
 * Async-signal-safe. */
int daemon_process_stat(pid_t pid, struct daemon_process_stat *st);

/* Whose it is, not as whom it acts.  0, or -1/errno. */
int daemon_process_uid(pid_t pid, uid_t *uid);

/* Was it killed, and the kernel is not done with it? */
int daemon_process_is_dying(pid_t pid);

/* The seam to pidfds; -1/errno. */
int daemon_pidfd_open(pid_t pid);
int daemon_pidfd_send(int pidfd, int sig);
/* Does anybody live under the number?  A zombie does not. */
int daemon_pidfd_lives(pid_t pid);
/* 1: dead, 0: not within timeout_ms (-1: no limit), -1/errno (EINTR). */
int daemon_pidfd_wait(int pidfd, int timeout_ms);

#endif
