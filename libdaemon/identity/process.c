/* SPDX-License-Identifier: ISC */
/*
 * Identities of processes, taken and proved.  Start times alone collide
 * (fork is not atomic, and a tick is long); the inode of a pidfd does not,
 * where the kernel has it.
 */
#include <sys/stat.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../decimal.h"
#include "process.h"

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

/*
 * Read a file of one line whole; its length, or -1/errno.  What ends a line
 * ends the file, so that it need not be asked once more.
 * (Some C libraries' open(2) sets close-on-exec twice, to be sure.)
 */
static ssize_t
slurp(const char *path, char *buf, size_t size)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC), saved;
	size_t len = 0;
	ssize_t n = 1;

	if (fd == -1)
		return -1;
	while (n > 0 && len < size - 1 && (len == 0 || buf[len - 1] != '\n')) {
		n = read(fd, buf + len, size - 1 - len);
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			len += (size_t)n;
	}
	saved = errno;
	(void)close(fd);
	errno = saved;
	buf[len] = '\0';
	return n == -1 ? -1 : (ssize_t)len;
}

/* "/proc/PID/stat" without stdio: this runs between fork and exec. */
static void
stat_path(char *buf, pid_t pid)
{
	if (pid == 0)
		(void)strcpy(buf, "/proc/self/stat");
	else
		(void)strcpy(daemon_decimal(stpcpy(buf, "/proc/"),
				 (unsigned long long)pid),
		    "/stat");
}

static unsigned long long
number(const char **p)
{
	unsigned long long n = 0;

	while (**p == ' ')
		(*p)++;
	if (**p == '-')
		(*p)++;
	for (; **p >= '0' && **p <= '9'; (*p)++)
		n = n * 10 + (unsigned)(**p - '0');
	return n;
}

int
daemon_process_stat(pid_t pid, struct daemon_process_stat *st)
{
	char path[40], buf[1024];
	unsigned long long field[53] = { 0 };
	const char *p;
	int i;

	stat_path(path, pid);
	if (slurp(path, buf, sizeof buf) <= 0) {
		if (errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	/* The name in parentheses may hold anything, also parentheses. */
	p = strrchr(buf, ')');
	if (p == NULL || p[1] == '\0') {
		errno = EIO;
		return -1;
	}
	st->state = p[2];
	p += 3;
	for (i = 4; i <= 52; i++) /* proc(5) counts from 1 */
		field[i] = number(&p);
	p = buf;
	st->pid = (pid_t)number(&p);
	st->ppid = (pid_t)field[4];
	st->pgrp = (pid_t)field[5];
	st->session = (pid_t)field[6];
	st->flags = (unsigned)field[9];
	st->faults = field[10];
	st->utime = field[14];
	st->stime = field[15];
	st->start = field[22];
	st->code = field[26];
	st->exit_code = (int)field[52];
	return 0;
}

/* What a process is sent stays with it to its end; a thread of it is past that
 * for a moment before it is seen to exit. */
static int
is_killed(pid_t pid)
{
	char path[40], buf[4096];
	const char *p = NULL;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	if (slurp(path, buf, sizeof buf) > 0)
		p = strstr(buf, "\nShdPnd:");
	return p != NULL && (strtoull(p + 8, NULL, 16) >> (SIGKILL - 1) & 1);
}

int
daemon_process_is_dying(pid_t pid)
{
	struct daemon_process_stat ps;

	return is_killed(pid) ||
	    (daemon_process_stat(pid, &ps) == 0 &&
		(ps.flags & DAEMON_PF_EXITING) != 0);
}

int
daemon_process_uid(pid_t pid, uid_t *uid)
{
	char path[40], buf[1024];
	const char *p;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	if (slurp(path, buf, sizeof buf) <= 0)
		return -1;
	p = strstr(buf, "\nUid:");
	if (p == NULL) {
		errno = EIO;
		return -1;
	}
	*uid = (uid_t)strtoul(p + strlen("\nUid:"), NULL, 10);
	return 0;
}

/* One number after "NSpid:": it is seen from its own namespace. */
static int
is_one_number(const char *nspid)
{
	nspid += strspn(nspid, " \t");
	nspid += strspn(nspid, "0123456789");
	return *nspid == '\n';
}

void
daemon_proc_self(struct daemon_proc_self *self)
{
	char buf[4096];
	const char *p;

	*self = (struct daemon_proc_self){ 0 };
	if (slurp("/proc/self/status", buf, sizeof buf) <= 0)
		return;
	p = strstr(buf, "\nSigIgn:");
	/* Cut short, it would tell of fewer. */
	self->told = p != NULL && strchr(p + 1, '\n') != NULL;
	if (self->told)
		self->ignored = strtoull(p + 8, NULL, 16);
	p = strstr(buf, "\nNSpid:");
	self->ours = p != NULL && is_one_number(p + 7);
}

static int
is_proc_ours(void)
{
	struct daemon_proc_self self;

	daemon_proc_self(&self);
	return self.ours;
}

/* *ino: 0 where pidfds have no inode of their own (anonymous ones share
 * it). */
static int
inode(int pidfd, unsigned long long *ino)
{
	struct statfs fs;
	struct stat st;

	if (fstat(pidfd, &st) == -1 || fstatfs(pidfd, &fs) == -1)
		return -1;
	*ino = fs.f_type == PID_FS_MAGIC ? st.st_ino : 0;
	return 0;
}

int
daemon_identity_here(struct daemon_identity *id)
{
	struct stat st;

	id->boot[0] = '\0';
	id->pidns = 0;
	if (slurp("/proc/sys/kernel/random/boot_id", id->boot,
		sizeof id->boot) == -1 &&
	    errno != ENOENT)
		return -1;
	id->boot[strcspn(id->boot, "\n")] = '\0';
	if (stat("/proc/self/ns/pid", &st) == 0)
		id->pidns = st.st_ino;
	else if (errno != ENOENT)
		return -1;
	return 0;
}

/* start and pidfd of id->pid, of which one will do.  fd: its pidfd, or -1
 * with error. */
static int
fill(struct daemon_identity *id, int fd, pid_t proc)
{
	struct daemon_process_stat st;

	id->pidfd = id->start = 0;
	if (fd != -1 && inode(fd, &id->pidfd) == -1)
		id->pidfd = 0;
	if ((proc == 0 || is_proc_ours()) &&
	    daemon_process_stat(proc, &st) == 0)
		id->start = st.start;
	return id->pidfd != 0 || id->start != 0 ? 0 : -1;
}

int
daemon_identity_self(struct daemon_identity *id)
{
	int fd, r;

	id->pid = getpid();
	fd = daemon_pidfd_open(id->pid);
	r = fill(id, fd, 0);
	if (fd != -1)
		(void)close(fd);
	return r;
}

/* What pidfd_open(2) says of a number that nobody has, or only a thread:
 * kernels differ about the latter. */
static int
is_no_process(int error)
{
	return error == ESRCH || error == EINVAL || error == ENOENT;
}

int
daemon_identity_of(struct daemon_identity *id, pid_t pid)
{
	int fd = daemon_pidfd_open(pid), r, saved;

	if (fd == -1 && is_no_process(errno)) {
		errno = ESRCH;
		return -1;
	}
	id->pid = pid;
	id->session = 0;
	r = daemon_identity_here(id);
	if (r == 0)
		r = fill(id, fd, pid);
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	errno = saved;
	return r;
}

/* Without a unique inode, the start time must do. */
static enum daemon_proof
prove_by_start(int pidfd, const struct daemon_identity *id)
{
	struct daemon_process_stat st;

	if (!is_proc_ours()) {
		errno = ENOENT;
		return DAEMON_PROOF_UNKNOWN;
	}
	if (daemon_process_stat(id->pid, &st) == -1)
		return errno == ESRCH ? DAEMON_PROOF_DEAD
				      : DAEMON_PROOF_UNKNOWN;
	/* A zombie may have threads that live: its pidfd knows. */
	if (pidfd == -1 && (st.state == 'Z' || st.state == 'X'))
		return DAEMON_PROOF_DEAD;
	if (id->start == 0) {
		errno = EPROTO;
		return DAEMON_PROOF_UNKNOWN;
	}
	return st.start == id->start ? DAEMON_PROOF_ALIVE : DAEMON_PROOF_DEAD;
}

/* Is what pidfd holds the process of id? */
static enum daemon_proof
prove(int pidfd, const struct daemon_identity *id)
{
	unsigned long long ino = 0;
	enum daemon_proof p;
	int dead;

	if (pidfd == -1)
		return prove_by_start(-1, id);
	if (id->pidfd != 0 && inode(pidfd, &ino) == -1)
		return DAEMON_PROOF_UNKNOWN;
	if (ino != 0)
		p = ino == id->pidfd ? DAEMON_PROOF_ALIVE : DAEMON_PROOF_DEAD;
	else
		p = prove_by_start(pidfd, id);
	if (p != DAEMON_PROOF_ALIVE)
		return p;
	dead = daemon_pidfd_wait(pidfd, 0);
	return dead == 0 ? DAEMON_PROOF_ALIVE
	    : dead == 1	 ? DAEMON_PROOF_DEAD
			 : DAEMON_PROOF_UNKNOWN;
}

/* May id be looked for at all?  What is not known is no reason against. */
static enum daemon_proof
prove_place(const struct daemon_identity *id)
{
	struct daemon_identity here;

	if (id->pid <= 0)
		return DAEMON_PROOF_DEAD;
	if (daemon_identity_here(&here) == -1)
		return DAEMON_PROOF_UNKNOWN;
	if (here.boot[0] != '\0' && id->boot[0] != '\0' &&
	    strcmp(here.boot, id->boot) != 0)
		return DAEMON_PROOF_DEAD;
	return here.pidns != 0 && id->pidns != 0 && here.pidns != id->pidns
	    ? DAEMON_PROOF_ELSEWHERE
	    : DAEMON_PROOF_ALIVE;
}

int
daemon_identity_open(const struct daemon_identity *id, enum daemon_proof *proof)
{
	int fd, saved;

	*proof = prove_place(id);
	if (*proof != DAEMON_PROOF_ALIVE)
		return -1;
	fd = daemon_pidfd_open(id->pid);
	saved = errno;
	if (fd == -1 && is_no_process(saved)) {
		/* /proc must agree, or one of the two is wrong. */
		*proof = prove_by_start(-1, id) == DAEMON_PROOF_ALIVE
		    ? DAEMON_PROOF_UNKNOWN
		    : DAEMON_PROOF_DEAD;
		errno = saved;
		return -1;
	}
	*proof = prove(fd, id);
	if (*proof == DAEMON_PROOF_ALIVE) {
		errno = saved; /* why there is no pidfd, if there is none */
		return fd;
	}
	saved = errno;
	if (fd != -1)
		(void)close(fd);
	errno = saved;
	return -1;
}

int
daemon_identity_among(const struct daemon_identity *id, size_t n, pid_t pid)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (id[i].pid == pid &&
		    daemon_identity_prove(&id[i]) == DAEMON_PROOF_ALIVE)
			return 1;
	return 0;
}

enum daemon_proof
daemon_identity_prove(const struct daemon_identity *id)
{
	enum daemon_proof proof;
	int fd = daemon_identity_open(id, &proof), saved = errno;

	if (fd != -1)
		(void)close(fd);
	errno = saved;
	return proof;
}
