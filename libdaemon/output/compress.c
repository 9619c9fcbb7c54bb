/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../programs.h"
#include "../start/asuser.h"
#include "compress.h"
#include "rotate.h"

enum { NUMBER = 24 };

/* Its status; -1: there is none. */
static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Its words, and nothing of ours but two descriptors. */
static _Noreturn void
execute(const char *program, char *const argv[])
{
	static char *const none[] = { NULL };
	sigset_t empty;

	(void)sigemptyset(&empty);
	(void)sigprocmask(SIG_SETMASK, &empty, NULL);
	(void)execve(program, argv, none);
	_exit(127);
}

int
daemon_compress_try(const char *word, struct daemon_fault *f)
{
	char *program = daemon_program_find(DAEMON_PROGRAM_COMPRESS);
	char name[] = DAEMON_PROGRAM_COMPRESS;
	char *const argv[] = { name, (char *)(uintptr_t)word, NULL };
	pid_t pid;
	int status = -1;

	if (program != NULL) {
		pid = fork();
		if (pid == 0)
			execute(program, argv);
		status = pid == -1 ? -1 : wait_for(pid);
	}
	errno = 0;
	free(program);
	if (status == 0)
		return 0;
	return daemon_fault_set(f, "log-compress", word,
	    program == NULL ? DAEMON_PROGRAM_COMPRESS " is not installed"
			    : DAEMON_PROGRAM_COMPRESS " was built without it");
}

static int
name_of(char name[PATH_MAX], const char *path, enum daemon_zip how)
{
	return daemon_rotate_name(name, PATH_MAX, path, 0, how);
}

/* The next, as its path; -1: there is none. */
static int
find(const struct daemon_compressing *c, const char *path, char name[PATH_MAX])
{
	const char *base;
	int dir = daemon_rotate_dir(path, &base);
	unsigned k;

	if (dir == -1)
		return -1;
	k = daemon_rotate_plain(dir, base, c->files);
	(void)close(dir);
	return k == 0
	    ? -1
	    : daemon_rotate_name(name, PATH_MAX, path, k, DAEMON_ZIP_NONE);
}

static int
discard(const char *path, void *how)
{
	char name[PATH_MAX];

	if (name_of(name, path, *(const enum daemon_zip *)how) == -1)
		return -1;
	return unlink(name) == -1 && errno != ENOENT ? -1 : 0;
}

/* What is made is whose, and for whom, the original is. */
static int
make(struct daemon_compressing *c, const struct daemon_held *h,
    const char *path, const struct stat *st)
{
	char name[PATH_MAX];
	int created = 0;

	if (daemon_do_as(h, path, discard, &c->how) == -1 ||
	    name_of(name, path, c->how) == -1)
		return -1;
	c->to = daemon_open_as(h, name,
	    O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600,
	    &created);
	if (c->to == -1)
		return -1;
	if (!created) {
		errno = EEXIST;
		return -1;
	}
	if (geteuid() == 0)
		(void)!fchown(c->to, st->st_uid, st->st_gid);
	return fchmod(c->to, st->st_mode & 0777);
}

static int
open_both(struct daemon_compressing *c, const struct daemon_held *h,
    const char *path, const char *name, struct stat *st)
{
	int created;

	c->from = daemon_open_as(h, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0,
	    &created);
	if (c->from == -1 || fstat(c->from, st) == -1)
		return -1;
	if (!S_ISREG(st->st_mode)) {
		errno = EPERM;
		return -1;
	}
	return make(c, h, path, st);
}

static int
start(struct daemon_compressing *c, const struct stat *st)
{
	char *program = daemon_program_find(DAEMON_PROGRAM_COMPRESS);
	char name[] = DAEMON_PROGRAM_COMPRESS, gzip[] = "gzip", zstd[] = "zstd";
	char dev[NUMBER], ino[NUMBER];
	char *const argv[] = { name, c->how == DAEMON_ZIP_GZIP ? gzip : zstd,
		dev, ino, NULL };

	if (program == NULL)
		return -1;
	(void)snprintf(dev, sizeof dev, "%llu", (unsigned long long)st->st_dev);
	(void)snprintf(ino, sizeof ino, "%llu", (unsigned long long)st->st_ino);
	c->pid = fork();
	if (c->pid == 0) {
		if (dup2(c->from, STDIN_FILENO) == -1 ||
		    dup2(c->to, STDOUT_FILENO) == -1)
			_exit(127);
		execute(program, argv);
	}
	free(program);
	if (c->pid != -1)
		return 0;
	c->pid = 0;
	return -1;
}

static void
close_both(struct daemon_compressing *c)
{
	if (c->from != -1)
		(void)close(c->from);
	if (c->to != -1)
		(void)close(c->to);
	c->from = c->to = -1;
}

static void
give_up(struct daemon_compressing *c, const struct daemon_held *h,
    const char *path, int error)
{
	c->error = error != 0 ? error : EIO;
	if (c->to != -1)
		(void)daemon_do_as(h, path, discard, &c->how);
	close_both(c);
}

void
daemon_compress_begin(
    struct daemon_compressing *c, const struct daemon_held *h, const char *path)
{
	char name[PATH_MAX];
	struct stat st;

	if (c->how == DAEMON_ZIP_NONE || !c->wanted || c->pid != 0)
		return;
	c->wanted = 0;
	if (find(c, path, name) == -1)
		return;
	if (open_both(c, h, path, name, &st) == -1 || start(c, &st) == -1)
		give_up(c, h, path, errno);
}

/* Both are there for a moment, which are the same. */
static int
put_in_place(const char *path, void *arg)
{
	const struct daemon_compressing *c = arg;
	char from[NAME_MAX + 1], to[NAME_MAX + 1], old[NAME_MAX + 1];
	struct stat st;
	const char *base;
	unsigned k = 0;
	int r = -1, dir = daemon_rotate_dir(path, &base);

	if (dir == -1)
		return -1;
	if (fstat(c->from, &st) == 0)
		k = daemon_rotate_number(dir, base, c->files,
		    &(struct daemon_ziphead){ st.st_dev, st.st_ino });
	errno = ENOENT;
	if (k > 0 &&
	    futimens(c->to, (struct timespec[]){ st.st_atim, st.st_mtim }) ==
		0 &&
	    daemon_rotate_name(from, sizeof from, base, 0, c->how) == 0 &&
	    daemon_rotate_name(to, sizeof to, base, k, c->how) == 0 &&
	    daemon_rotate_name(old, sizeof old, base, k, DAEMON_ZIP_NONE) ==
		0 &&
	    renameat(dir, from, dir, to) == 0)
		r = unlinkat(dir, old, 0);
	(void)close(dir);
	return r;
}

void
daemon_compress_finish(
    struct daemon_compressing *c, const struct daemon_held *h, const char *path)
{
	int status;

	if (c->pid == 0 || waitpid(c->pid, &status, WNOHANG) != c->pid)
		return;
	c->pid = 0;
	c->wanted = 1;
	errno = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
	    daemon_do_as(h, path, put_in_place, c) == 0) {
		c->error = 0;
		close_both(c);
	} else if (errno == ENOENT &&
	    daemon_do_as(h, path, discard, &c->how) == 0) {
		close_both(c); /* its original is gone */
	} else {
		c->wanted = 0;
		give_up(c, h, path, status == 0 ? errno : EIO);
	}
}

void
daemon_compress_end(
    struct daemon_compressing *c, const struct daemon_held *h, const char *path)
{
	if (c->pid == 0)
		return;
	(void)kill(c->pid, SIGKILL);
	(void)wait_for(c->pid);
	c->pid = 0;
	give_up(c, h, path, 0);
}
