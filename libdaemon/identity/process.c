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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../decimal.h"
#include "process.h"

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

/* Read a small file whole; its length, or -1/errno. */
static ssize_t
slurp(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;
	ssize_t n;

	if (fd == -1)
		return -1;
	do
		n = read(fd, buf, size - 1);
	while (n == -1 && errno == EINTR);
	saved = errno;
	(void)close(fd);
	errno = saved;
	if (n >= 0)
		buf[n] = '\0';
	return n;
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
	st->utime = field[14];
	st->stime = field[15];
	st->start = field[22];
	st->exit_code = (int)field[52];
	return 0;
}

/* 0 where pidfds have no inode of their own (anonymous ones share it). */
static unsigned long long
inode(int pidfd)
{
	struct statfs fs;
	struct stat st;

	if (fstat(pidfd, &st) == -1 || fstatfs(pidfd, &fs) == -1 ||
	    fs.f_type != PID_FS_MAGIC)
		return 0;
	return st.st_ino;
}

void
daemon_identity_here(struct daemon_identity *id)
{
	struct stat st;

	id->boot[0] = '\0';
	if (slurp("/proc/sys/kernel/random/boot_id", id->boot,
		sizeof id->boot) > 0)
		id->boot[strcspn(id->boot, "\n")] = '\0';
	id->pidns = stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

void
daemon_identity_self(struct daemon_identity *id)
{
	struct daemon_process_stat st;
	int fd;

	id->pid = getpid();
	id->start = daemon_process_stat(0, &st) == 0 ? st.start : 0;
	id->pidfd = 0;
	fd = daemon_pidfd_open(id->pid);
	if (fd != -1) {
		id->pidfd = inode(fd);
		(void)close(fd);
	}
}

int
daemon_identity_of(struct daemon_identity *id, pid_t pid)
{
	struct daemon_process_stat st;
	int fd = daemon_pidfd_open(pid);

	if (fd == -1 && (errno == ESRCH || errno == EINVAL)) {
		errno = ESRCH;
		return -1;
	}
	daemon_identity_here(id);
	id->pid = pid;
	id->pidfd = 0;
	if (fd != -1) {
		id->pidfd = inode(fd);
		(void)close(fd);
	}
	id->start = 0;
	if (daemon_process_stat(pid, &st) == 0)
		id->start = st.start;
	else if (errno == ESRCH && access("/proc/self/stat", F_OK) == 0)
		return -1;
	return 0;
}

/* Is what pidfd holds the process of id? */
static int
matches(int pidfd, const struct daemon_identity *id)
{
	struct daemon_process_stat st;

	if (id->pidfd != 0 && pidfd != -1 && inode(pidfd) != 0)
		if (inode(pidfd) != id->pidfd)
			return 0;
	if (daemon_process_stat(id->pid, &st) == -1)
		/* Without /proc the inode must do; with it, it is dead. */
		return errno != ESRCH && id->pidfd != 0;
	if (st.state == 'Z' || st.state == 'X')
		return 0;
	return id->start == 0 ? id->pidfd != 0 : st.start == id->start;
}

int
daemon_identity_open(const struct daemon_identity *id, enum daemon_proof *proof)
{
	struct daemon_identity here;
	int fd;

	daemon_identity_here(&here);
	*proof = DAEMON_PROOF_DEAD;
	if (id->pid <= 0 || strcmp(here.boot, id->boot) != 0)
		return -1;
	if (here.pidns != id->pidns) {
		*proof = DAEMON_PROOF_ELSEWHERE;
		return -1;
	}
	fd = daemon_pidfd_open(id->pid);
	if (fd == -1 && (errno == ESRCH || errno == EINVAL))
		return -1;
	if (!matches(fd, id) || (fd != -1 && daemon_pidfd_wait(fd, 0) == 1)) {
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	*proof = DAEMON_PROOF_ALIVE;
	return fd;
}
